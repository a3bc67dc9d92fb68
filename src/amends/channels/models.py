"""Rows of the channels wing: every word in or out is a message, sent at most once for its key."""

from django.db import models

from amends.people.models import Customer


class Message(models.Model):
    """Words in or out over a channel; `thread` names the conversation ("case:12"), since no key points downstream."""

    class Direction(models.TextChoices):
        """Seen from the company."""

        OUT = "out"
        IN = "in"

    class State(models.TextChoices):
        """See channels/core/message.py for the moves between them."""

        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        RECEIVED = "received"

    key = models.CharField(max_length=200)
    thread = models.CharField(max_length=64)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="messages", db_index=False, db_constraint=False
    )
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.OUT)
    channel = models.CharField(max_length=32)
    address = models.CharField(max_length=254, blank=True)  # personal
    locale = models.CharField(max_length=16)
    subject = models.CharField(max_length=300)
    body = models.TextField()  # personal
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=200, blank=True)  # where the channel put it, or its identifier there
    error = models.CharField(max_length=500, blank=True)

    personal = ("address", "body")

    class Meta:
        # a unique field would get a second index, for finding keys by their beginning
        constraints = [models.UniqueConstraint(fields=["key"], name="message_once")]
        indexes = [
            models.Index(fields=["thread", "created_at"], name="message_by_thread"),
            models.Index(fields=["customer", "created_at"], name="message_by_customer"),
        ]

    def __str__(self) -> str:
        return self.key

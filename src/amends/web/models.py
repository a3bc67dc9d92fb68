"""Rows of the web: answers to writes that had an Idempotency-Key, kept for a day so that a repeat gets the same."""

from django.db import models

from amends.people.models import ApiToken


class KeptAnswer(models.Model):
    """What a write answered; written in the transaction of the write itself."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)  # sha256 of method, address and body
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="kept_answer_once")]
        indexes = [models.Index(fields=["created_at"], name="kept_answer_by_age")]

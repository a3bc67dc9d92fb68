"""Files of a case: the row says what they are; the bytes lie under their digest outside the web root."""

from django.db import models

from amends.channels.models import Message
from amends.people.models import Customer, Staff
from amends.recover.models.cases import Case


class Attachment(models.Model):
    """A file that staff or the customer added to a case, maybe along with a message."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments", db_index=False)
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the customer's words that it came with
    digest = models.CharField(max_length=64)  # SHA-256 of the bytes, and their place
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)  # recover/core/attachment.py knows the kinds
    size = models.PositiveIntegerField()  # bytes
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # who added it, if it was the customer
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    personal = ("name",)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="attachment_by_case"),
            models.Index(fields=["digest"], name="attachment_by_digest"),
        ]

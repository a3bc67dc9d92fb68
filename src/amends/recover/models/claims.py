"""What belongs to a claim: its receipts, demands beyond what can be given, and who looked at it closer."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.policy.models import Explanation
from amends.recover.models.cases import Case


class Receipt(models.Model):
    """A piece of evidence by its number or its file's digest, so that the same one is known when it comes twice."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="receipts", db_index=False)
    reference = models.CharField(max_length=100, blank=True)  # as it was told
    normal = models.CharField(max_length=100, blank=True)  # letters and digits only, in capitals
    digest = models.CharField(max_length=64, blank=True)  # sha256 of a file
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "normal", "digest"], name="receipt_once"),
            models.CheckConstraint(condition=~Q(normal="") | ~Q(digest=""), name="receipt_is_something"),
        ]
        indexes = [
            models.Index(fields=["normal"], condition=~Q(normal=""), name="receipt_by_reference"),
            models.Index(fields=["digest"], condition=~Q(digest=""), name="receipt_by_digest"),
        ]


class Demand(models.Model):
    """A customer asks for more than can be given: what for, and the written record of it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="demands", db_index=False)
    asked = models.TextField()  # in the words of whoever wrote it down
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["case"], name="demand_by_case")]


class CloserLook(models.Model):
    """Somebody looked at a claim because signs advised it: what the signs were, and what was found."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="closer_looks", db_index=False)
    signs = ArrayField(models.CharField(max_length=32), default=list)  # those that stood then
    in_order = models.BooleanField()  # what was found
    note = models.TextField()
    looked_at = models.DateTimeField()
    looked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["case"], name="closer_look_by_case")]


class Peers(models.Model):
    """What like customers claim: of one kind of failure and tier, reckoned now and then over all of them."""

    kind = models.CharField(max_length=64)
    tier = models.CharField(max_length=32, blank=True)
    claims = models.PositiveIntegerField()
    median = models.DecimalField(max_digits=14, decimal_places=2)
    deviation = models.DecimalField(max_digits=14, decimal_places=2)  # median absolute deviation from the median
    reckoned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "tier"], name="peers_once")]

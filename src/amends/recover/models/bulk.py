"""One act on many cases: what was asked for, and what became of each row."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.recover.models.cases import Case


class BulkRun(models.Model):
    """An act on many cases, from its preview to its results."""

    act = models.CharField(max_length=32)
    given = models.JSONField(default=dict)  # what the act needs besides the case
    state = models.CharField(max_length=16)  # recover/core/bulk.py has the lifecycle
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    prepared_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-prepared_at"], name="bulk_by_staff")]


class BulkRow(models.Model):
    """One case of a run: what would happen, then what did."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="rows", db_index=False)
    place = models.PositiveIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=16)
    said_en = models.TextField(blank=True)  # why it is refused
    said_zh = models.TextField(blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "case"], name="bulk_row_once")]
        indexes = [
            models.Index(fields=["run", "place"], name="bulk_row_by_place"),
            models.Index(fields=["run", "place"], condition=Q(state="waiting"), name="bulk_row_waiting"),
        ]

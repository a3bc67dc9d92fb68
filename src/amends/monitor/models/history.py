"""Rows of the history: its files, how far it has come, and what was tried on it."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.policy.models import BlueprintVersion


class HistoryFile(models.Model):
    """One file of the history: the signals of a day that came between two arrivals, as Parquet."""

    path = models.CharField(max_length=200, unique=True)  # below the history's folder
    day = models.DateField()  # of the signals' own times, in UTC
    first = models.BigIntegerField()  # numbers of its first and last signal
    last = models.BigIntegerField()
    signals = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()  # bytes
    received_to = models.DateTimeField()  # when its last signal came in
    pruned = models.BooleanField(default=False)  # its signals are no longer at hand as rows
    lost = models.PositiveBigIntegerField(default=0)  # signals that could not be written anew when it was found broken
    fault = models.CharField(max_length=500, blank=True)  # why it was set aside; empty where it is sound
    written_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["day", "first"], name="history_by_day"),
            models.Index(fields=["last"], name="history_by_last"),
        )

    def __str__(self) -> str:
        return self.path


class HistoryProgress(models.Model):
    """How far signals have reached the history (one row), and what keeps them from it."""

    position = models.BigIntegerField(default=0)  # the last signal that is there
    pruned_to = models.BigIntegerField(default=0)  # up to here signals may be in the history alone
    trouble = models.CharField(max_length=32, blank=True)  # the system's code, such as ENOSPC
    troubled_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="history_is_one_row"),)


class Backtest(models.Model):
    """A draft of the standards and what it would have found in a span of history, beside what is in force."""

    state = models.CharField(max_length=16)  # monitor/core/backtest.py has the lifecycle
    standard = models.CharField(max_length=100)  # the one that the draft is about
    text = models.TextField()  # the draft as somebody wrote it
    draft = models.JSONField()  # all standards as they would be
    digest = models.CharField(max_length=64)  # of the draft
    against = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    plan = models.JSONField()  # what to go through: days, and into how many parts each is cut
    arrived_to = models.BigIntegerField()  # signals that came later do not count
    parts = models.PositiveIntegerField()
    parts_done = models.PositiveIntegerField(default=0)
    signals = models.PositiveBigIntegerField(default=0)  # gone through
    result = models.JSONField(null=True)
    said_en = models.TextField(blank=True)  # why it could not go on
    said_zh = models.TextField(blank=True)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["-asked_at", "-id"], name="backtest_by_time"),
            models.Index(fields=["digest"], name="backtest_by_draft"),
        )

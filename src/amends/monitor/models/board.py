"""Rows of the live board: what is still promised, as the monitor last said it, and how many promises were kept.

The board's rows are a copy, bounded and made anew whenever somebody watches; units stand in them by code, as signals
name them, so that a unit planted later is found too. An empty code is a unit that no signal named.
"""

from django.db import models

from amends.people.models import Staff


class Board(models.Model):
    """The one board: who wants it, and which state of things its rows show."""

    version = models.BigIntegerField(default=0)  # goes up with each publication that changed anything
    wanted_until = models.DateTimeField(null=True)  # somebody watches; after that nothing is published
    published_at = models.DateTimeField(null=True)


class BoardPromise(models.Model):
    """An open promise that is among the soonest due of its standard and unit."""

    standard = models.CharField(max_length=100)
    seq = models.BigIntegerField()  # with the standard it names the promise
    subject = models.CharField(max_length=300)
    unit = models.CharField(max_length=64)
    customer = models.CharField(max_length=100, blank=True)  # the reference that the opening signal named
    opened_at = models.DateTimeField()
    due = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["standard", "seq"], name="board_promise_once"),)
        indexes = (models.Index(fields=["due"], name="board_promise_by_due"),)


class BoardCount(models.Model):
    """How many promises of a standard are open at a unit."""

    standard = models.CharField(max_length=100)
    unit = models.CharField(max_length=64)
    open = models.PositiveIntegerField()
    at_risk = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["standard", "unit"], name="board_count_once"),)


class KeptCount(models.Model):
    """How many promises that were due in an hour were kept and broken; of what must not come, how often it came."""

    stream = models.ForeignKey("monitor.MonitorProgress", on_delete=models.CASCADE, related_name="+", db_index=False)
    standard = models.CharField(max_length=100)
    hour = models.DateTimeField()  # its beginning
    unit = models.CharField(max_length=64)
    kept = models.PositiveIntegerField()
    broken = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["stream", "standard", "hour", "unit"], name="kept_count_once"),)


class SelfReport(models.Model):
    """A failure that an employee told of, and who; read with the right `see_reporters` alone, or by themselves."""

    failure = models.OneToOneField("monitor.Failure", on_delete=models.PROTECT, related_name="self_report")
    reporter = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="self_reports", db_index=False)
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["reporter", "-at"], name="self_report_by_reporter"),)

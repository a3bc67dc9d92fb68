"""Rates, window by window, and the times in which a unit was out of control."""

from django.db import models
from django.db.models import Q

from amends.monitor.models.failures import Incident
from amends.people.models import Unit


class RateWindow(models.Model):
    """A window of a rate as the monitor judged it: a dot of the control chart, kept for a while."""

    standard = models.CharField(max_length=100)
    subject = models.CharField(max_length=300)  # what it is counted by: the code of a unit, or another thing
    place = models.CharField(max_length=64, blank=True)  # the unit's code as the signals say it
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    at = models.DateTimeField()  # when it was judged: its end, or the signal that went beyond in its midst
    number = models.FloatField()
    total = models.FloatField()
    value = models.FloatField()
    centre = models.FloatField()
    lower = models.FloatField()
    upper = models.FloatField()
    statistic = models.FloatField()  # what was held against `bound`; standard errors, or a share of the capacity
    bound = models.FloatField()
    out = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "subject", "place", "start"], name="rate_window_once")
        ]
        indexes = [models.Index(fields=["start"], name="rate_window_by_start")]


class Excursion(models.Model):
    """A unit out of control by a rate, from when it was found until it was back; with the figures that showed it."""

    standard = models.CharField(max_length=100)
    subject = models.CharField(max_length=300)
    place = models.CharField(max_length=64, blank=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField()  # value, centre, lower, upper, number, total, statistic, bound
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="excursions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "subject", "place", "window_start"], name="excursion_once")
        ]
        indexes = [
            models.Index(fields=["unit", "window_start"], name="excursion_by_unit"),
            models.Index(fields=["standard", "-began_at"], name="excursion_by_standard"),
            models.Index(fields=["incident"], condition=Q(ended_at=None), name="excursion_going_on"),
        ]

"""How a case is handled by hand: steps ticked off its playbook's checklist, and the time that it takes."""

from django.db import models

from amends.people.models import Staff
from amends.recover.models.cases import Case


class Tick(models.Model):
    """A step of the playbook's checklist, ticked or no longer ticked, and by whom."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ticks", db_index=False)
    item = models.CharField(max_length=64)  # the playbook's id of it
    ticked = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="tick_once")]


class TimeSpent(models.Model):
    """Minutes that somebody spent on a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="time_spent", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    minutes = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="time_by_case")]


class Timer(models.Model):
    """A timer that runs for somebody on a case, kept here so that it outlives the browser."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "case"], name="timer_once")]

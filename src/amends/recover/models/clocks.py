"""The clocks that drive a case, whom they called when they ran out, and the times when we waited for the customer."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.recover.models.cases import Case


class Clock(models.Model):
    """A deadline of a case in business time, precomputed; it has an owner and an escalation."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=16)  # acknowledge, inform, resolve, follow_up, ladder
    number = models.PositiveSmallIntegerField(db_default=1)  # 2, 3 … of inform: further promises; of ladder: the step
    state = models.CharField(max_length=16)  # recover/core/clocks.py has the lifecycle
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    wake_at = models.DateTimeField(null=True, blank=True)  # when something may next come of it by mere time
    at_risk_at = models.DateTimeField(null=True, blank=True)  # when it was marked
    ended_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=16)  # role
    escalate_to = models.CharField(max_length=16)  # role
    escalated_at = models.DateTimeField(null=True, blank=True)  # when it called somebody for the first time
    level = models.PositiveSmallIntegerField(db_default=0)  # of escalation, as far as it has called
    paused_at = models.DateTimeField(null=True, blank=True)
    remaining = models.DurationField(null=True, blank=True)  # business time that a paused clock still has
    held = models.DurationField(db_default=timedelta(0))  # how long it was paused so far, round the clock
    promised_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "number"], name="clock_once")]
        indexes = [
            models.Index(
                fields=["wake_at"],
                condition=Q(wake_at__isnull=False, state__in=["running", "missed"]),
                name="clock_wakes",
            )
        ]


class Escalation(models.Model):
    """A clock that ran out called people of one level, once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="escalations", db_index=False)
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="escalations", db_index=False)
    level = models.PositiveSmallIntegerField()
    since = models.DateTimeField()  # when the clock began to run: one that is restarted may call again
    recipients = ArrayField(models.CharField(max_length=16))  # whom the pack names
    staff_ids = ArrayField(models.BigIntegerField())  # who that was
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock", "level", "since"], name="escalation_once")]
        indexes = [models.Index(fields=["case"], name="escalation_by_case")]


class Hold(models.Model):
    """A time when we waited for the customer: what we need from them, and how it ended."""

    class Ended(models.TextChoices):
        """What let the case go on."""

        CUSTOMER = "customer"
        STAFF = "staff"
        DONE = "done"  # our part was finished without it

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds", db_index=False)
    needed = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=8, choices=Ended, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="hold_one_at_a_time")
        ]
        indexes = [models.Index(fields=["case"], name="hold_by_case")]

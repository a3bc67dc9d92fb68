"""Failures with their history, who was hit by them, and incidents."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from amends.kernel.severity import SEVERITIES
from amends.people.models import Customer, Unit
from amends.policy.models import BlueprintVersion, Explanation

SEVERITY_CHOICES = [(rank, name) for name, rank in SEVERITIES.items()]


class Open(models.Manager[Any]):
    """All but what is between colleagues: that is met in its case alone, and in no list, count, board or report."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """What is confidential stays out."""
        return super().get_queryset().filter(confidential=False)


class Incident(models.Model):
    """Many failures with one cause: one subject, or one unit within one window of time."""

    key = models.CharField(max_length=400, unique=True)
    state = models.CharField(max_length=16)  # monitor/core/incident.py has the lifecycle
    kind = models.CharField(max_length=64)  # of its gravest failure
    subject = models.CharField(max_length=300, blank=True)  # empty where several subjects share the cause
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    severity = models.PositiveSmallIntegerField(choices=SEVERITY_CHOICES)
    responsible = models.CharField(max_length=16)
    controllable = models.BooleanField()
    explanation = models.ForeignKey(
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    gathered_why = models.ForeignKey(
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # what one upstream event or one person's word made of it; None: place and time, or one subject
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()  # the latest failure that joined
    ended_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    customers = models.PositiveIntegerField(default=0)  # distinct customers hit
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    confidential = models.BooleanField(default=False, db_default=False)  # of one failure between colleagues

    objects = Open()
    every = models.Manager["Incident"]()

    class Meta:
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="incident_by_start"),
            models.Index(fields=["unit", "-started_at"], name="incident_by_unit"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="incident_by_merged_into"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Failure(models.Model):
    """A promise broken or about to be, as a customer would feel it; its findings are its history."""

    class Stage(models.TextChoices):
        """How far it went; `averted` is a risk that came to nothing."""

        AT_RISK = "at_risk"
        BREACHED = "breached"
        LATE = "late"
        NEVER = "never"
        VIOLATED = "violated"
        BEYOND = "beyond"  # a limit
        SKIPPED = "skipped"
        OUT_OF_ORDER = "out_of_order"
        SILENT = "silent"
        REPEATED = "repeated"
        COMPLAINED = "complained"
        AVERTED = "averted"
        REPORTED = "reported"  # told by someone

    promise_key = models.CharField(max_length=800, unique=True)  # standard, subject, opening source and id
    standard = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=64)
    step = models.CharField(max_length=64)  # process step, from the taxonomy
    subject = models.CharField(max_length=300)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="failures", db_index=False)
    stage = models.CharField(max_length=16, choices=Stage)
    found_at = models.DateTimeField()  # the first finding
    stage_at = models.DateTimeField()  # the latest finding
    opened_at = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    severity = models.PositiveSmallIntegerField(choices=SEVERITY_CHOICES)
    severity_why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    responsible = models.CharField(max_length=16)
    controllable = models.BooleanField()
    stable = models.BooleanField()
    attribution_why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    facts = models.JSONField(default=dict)
    corrected = models.JSONField(default=dict, db_default={})  # of the facts: what a person put right; signals don't
    customers = models.PositiveIntegerField(default=0)
    # born into, by the monitor; it never changes, for cases rest on it
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="members", db_index=False)
    # where it counts instead, by a person's word or an upstream event that was heard of later
    joined = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="joiners", db_index=False)
    belongs_why = models.ForeignKey(
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # why it is in its incident
    closure = models.ForeignKey(
        "monitor.Closure", null=True, on_delete=models.PROTECT, related_name="failures", db_index=False
    )  # it was expected; without an incident it opened nothing
    closure_why = models.ForeignKey(
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # why those whom it hit are looked after all the same
    voiced_at = models.DateTimeField(null=True)  # the first voice about it; lead time is how much earlier we knew
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    confidential = models.BooleanField(default=False, db_default=False)  # between colleagues

    objects = Open()
    every = models.Manager["Failure"]()

    class Meta:
        indexes = [
            # equal to, and beginning with
            models.Index(fields=["subject"], opclasses=["varchar_pattern_ops"], name="failure_by_subject"),
            models.Index(fields=["incident"], name="failure_by_incident"),
            models.Index(fields=["joined"], condition=Q(joined__isnull=False), name="failure_by_joined"),
            models.Index(
                fields=["closure", "-found_at"], condition=Q(closure__isnull=False), name="failure_by_closure"
            ),
            models.Index(fields=["-found_at", "-id"], name="failure_by_found"),
            models.Index(fields=["unit", "-found_at"], name="failure_by_unit"),
            models.Index(fields=["due"], condition=Q(stage="at_risk"), name="failure_at_risk"),
            models.Index(fields=["standard", "-found_at"], name="failure_by_standard"),
        ]

    def __str__(self) -> str:
        return self.promise_key

    @property
    def counts_in(self) -> int | None:
        """The incident in which it counts; that one may have been merged into another."""
        return self.joined_id or self.incident_id

    @property
    def lead(self) -> timedelta | None:
        """How long we knew of it before anybody said so; None while nobody has, negative where they said so first."""
        return None if self.voiced_at is None else self.voiced_at - self.found_at


class Finding(models.Model):
    """One finding of the monitor about a promise; a failure's history is its findings in order."""

    failure = models.ForeignKey(Failure, on_delete=models.CASCADE, related_name="findings", db_index=False)
    what = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["failure", "what", "at"], name="finding_once")]


class Affected(models.Model):
    """One customer hit by one failure, how badly and why so; on record whether or not there is a case."""

    failure = models.ForeignKey(
        Failure, on_delete=models.PROTECT, related_name="affected", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="affected", db_index=False, db_constraint=False
    )
    severity = models.PositiveSmallIntegerField(choices=SEVERITY_CHOICES)
    severity_why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    facts = models.JSONField(default=dict)  # the roster's, as they were then
    corrected = models.JSONField(default=dict, db_default={})  # of the facts: what a person put right
    # when a roster named them that came after the failure: what is promised to them counts from then
    named_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["failure", "customer"], name="affected_once")]
        indexes = [models.Index(fields=["customer"], name="affected_by_customer")]

"""Rows of the monitor: signals as accepted, findings, failures with their history, who was hit, and incidents."""

from uuid import uuid4

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from amends.kernel.severity import SEVERITIES
from amends.monitor.board_rows import Board, BoardCount, BoardPromise, KeptCount, SelfReport
from amends.monitor.history_rows import Backtest, HistoryFile, HistoryProgress
from amends.people.models import Customer, Unit
from amends.policy.models import BlueprintVersion, Explanation

__all__ = [
    "Affected",
    "Backtest",
    "Board",
    "BoardCount",
    "BoardPromise",
    "Failure",
    "Finding",
    "HistoryFile",
    "HistoryProgress",
    "Incident",
    "KeptCount",
    "MonitorProgress",
    "RosterEntry",
    "SelfReport",
    "SetAside",
    "Signal",
]

INTAKE_LOCK = 7_201_302  # advisory: shared by each intake for its transaction, taken alone by the reader for a moment
SEVERITY_CHOICES = [(rank, name) for name, rank in SEVERITIES.items()]


class Signal(models.Model):
    """One fact as it was accepted; its number is the order of arrival."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=200)
    signal_id = models.CharField(max_length=200)
    type = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    time = models.DateTimeField()
    customer = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 -- null is "not said" in the contract
    unit = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 -- the same
    data = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "signal_id"], name="signal_once")]
        indexes = [models.Index(fields=["subject", "time"], name="signal_by_subject")]


class RosterEntry(models.Model):
    """Who is served by a subject, and under which terms (fare, seat, connection): the passengers of a flight.

    The fact `order`, in any industry, is the number on what the customer bought; a caller is found by its beginning.
    """

    subject = models.CharField(max_length=300, db_collation="C")  # so that its key finds beginnings
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "customer"], name="roster_entry_once")]
        indexes = [
            models.Index(
                OpClass(Upper(KeyTextTransform("order", "facts")), name="text_pattern_ops"),
                condition=Q(facts__has_key="order"),
                name="roster_by_order",
            )
        ]


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
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()  # the latest failure that joined
    ended_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    customers = models.PositiveIntegerField(default=0)  # distinct customers hit
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="incident_by_start"),
            models.Index(fields=["unit", "-started_at"], name="incident_by_unit"),
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
        AVERTED = "averted"
        REPORTED = "reported"  # told by someone

    promise_key = models.CharField(max_length=800, unique=True)  # standard, subject, opening source and id
    standard = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=64)
    step = models.CharField(max_length=64)  # process step, from the taxonomy
    subject = models.CharField(max_length=300)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="failures", db_index=False)
    stage = models.CharField(max_length=8, choices=Stage)
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
    customers = models.PositiveIntegerField(default=0)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="members", db_index=False)
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        indexes = [
            # equal to, and beginning with
            models.Index(fields=["subject"], opclasses=["varchar_pattern_ops"], name="failure_by_subject"),
            models.Index(fields=["incident"], name="failure_by_incident"),
            models.Index(fields=["-found_at", "-id"], name="failure_by_found"),
            models.Index(fields=["unit", "-found_at"], name="failure_by_unit"),
            models.Index(fields=["due"], condition=Q(stage="at_risk"), name="failure_at_risk"),
            models.Index(fields=["standard", "-found_at"], name="failure_by_standard"),
        ]

    def __str__(self) -> str:
        return self.promise_key


class Finding(models.Model):
    """One finding of the monitor about a promise; a failure's history is its findings in order."""

    failure = models.ForeignKey(Failure, on_delete=models.CASCADE, related_name="findings", db_index=False)
    what = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["failure", "what"], name="finding_once")]


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["failure", "customer"], name="affected_once")]
        indexes = [models.Index(fields=["customer"], name="affected_by_customer")]


class SetAside(models.Model):
    """A signal on record that the monitor could not judge, and why: too late, ahead of time, or unreadable."""

    source = models.CharField(max_length=200)
    signal_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    time = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "signal_id"], name="set_aside_once")]
        indexes = [models.Index(fields=["-noted_at", "-id"], name="set_aside_by_time")]


class MonitorProgress(models.Model):
    """How far the live monitor's findings have reached this database (one row a stream)."""

    stream = models.CharField(max_length=200, unique=True)
    state = models.UUIDField(default=uuid4)  # names the monitor's own file; a restored database starts a new one
    position = models.CharField(max_length=64)
    watermark = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)  # what is older, the version before has found, and so it stays
    signals = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    read_to = models.BigIntegerField(default=0)  # number of the last signal that was judged
    per_second = models.FloatField(default=0)  # signals, over the last minute
    updated_at = models.DateTimeField()

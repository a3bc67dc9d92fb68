"""Rows of the monitor: signals as accepted, findings, failures with their history, who was hit, and incidents."""

from datetime import timedelta
from uuid import uuid4

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from amends.kernel.severity import SEVERITIES
from amends.monitor.board_rows import Board, BoardCount, BoardPromise, KeptCount, SelfReport
from amends.monitor.history_rows import Backtest, HistoryFile, HistoryProgress
from amends.people.models import Customer, Staff, Unit
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
    read_to = models.BigIntegerField(default=0)  # the number of the last signal that was judged
    per_second = models.FloatField(default=0)  # signals, over the last minute
    updated_at = models.DateTimeField()


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


class IntakeFile(models.Model):
    """A file of signals, found in the watched folder or uploaded by somebody, and how far it was taken in."""

    class Way(models.TextChoices):
        """How it came."""

        FOLDER = "folder"
        UPLOAD = "upload"

    way = models.CharField(max_length=8, choices=Way)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()  # bytes
    mark = models.CharField(max_length=64)  # folder: this very file on the disk; upload: the digest of what it holds
    state = models.CharField(max_length=10)  # monitor/core/intake.py has the lifecycle
    given = models.JSONField(default=dict)  # upload: how it is read: encoding, delimiter, columns, zone
    total = models.BigIntegerField(null=True)  # rows; null: not counted
    done = models.BigIntegerField(default=0)  # rows, in the order of the file
    accepted = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    said_en = models.CharField(max_length=500, blank=True)  # why it was refused, or could be read no further
    said_zh = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    came_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark"], condition=Q(way="folder"), name="intake_file_once"),
        ]
        indexes = [
            models.Index(fields=["-came_at", "-id"], name="intake_file_by_time"),
            models.Index(fields=["by", "-came_at"], name="intake_file_by_person"),
        ]


class RejectedRow(models.Model):
    """A row of a file that is no signal, and why."""

    file = models.ForeignKey(IntakeFile, on_delete=models.CASCADE, related_name="rows", db_index=False)
    row = models.BigIntegerField()  # counted from 1, the head of the table not counted
    said_en = models.CharField(max_length=500)
    said_zh = models.CharField(max_length=500)
    cells = models.JSONField(default=list)  # upload: as they came

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "row"], name="rejected_row_once")]


class UploadPart(models.Model):
    """A piece of an uploaded file, kept until its rows are taken in."""

    file = models.ForeignKey(IntakeFile, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="upload_part_once")]


class StreamPosition(models.Model):
    """How far a partition of a Kafka topic was taken in; written in the transaction that accepts its signals."""

    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    position = models.BigIntegerField()  # of the next message
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "partition"], name="stream_position_once")]


class ParkedMessage(models.Model):
    """A message of a Kafka topic that is no signal, and why; its partition went on."""

    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    offset = models.BigIntegerField()
    key = models.BinaryField(null=True)
    value = models.BinaryField(null=True)  # its beginning, if it is long
    size = models.BigIntegerField()  # bytes of the whole
    said_en = models.CharField(max_length=500)
    said_zh = models.CharField(max_length=500)
    parked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "partition", "offset"], name="parked_message_once")]
        indexes = [models.Index(fields=["-parked_at", "-id"], name="parked_message_by_time")]


class SourceClock(models.Model):
    """How the times that a source tells differ from ours: over the hour that goes on, and over the one before."""

    source = models.CharField(max_length=200, unique=True)
    heard_at = models.DateTimeField()  # the last signal or refusal
    hour = models.DateTimeField()  # the beginning of the hour that goes on
    signals = models.BigIntegerField(default=0)  # in this hour
    least = models.DurationField(null=True)  # between happening and arrival, the quickest signal of this hour
    most = models.DurationField(null=True)
    refused = models.BigIntegerField(default=0)  # in this hour, as their time lay in the future
    furthest = models.DurationField(null=True)  # of those, how far ahead
    before = models.JSONField(default=dict)  # the same figures of the last hour in which it was heard
    measured_to = models.BigIntegerField(default=0)  # the number of its last signal that counts here

    class Meta:
        indexes = [models.Index(fields=["-heard_at", "source"], name="source_clock_by_time")]


from amends.monitor.incident_models import (  # noqa: E402 -- they point to the rows above by name
    Candidate,
    CandidateMember,
    Closure,
    HangsOn,
    HeldFinding,
    IncidentAct,
    Said,
    StandardGuard,
)

__all__ = [
    "INTAKE_LOCK",
    "SEVERITY_CHOICES",
    "Affected",
    "Candidate",
    "CandidateMember",
    "Closure",
    "Failure",
    "Finding",
    "HangsOn",
    "HeldFinding",
    "Incident",
    "IncidentAct",
    "MonitorProgress",
    "RosterEntry",
    "Said",
    "SetAside",
    "Signal",
    "StandardGuard",
]

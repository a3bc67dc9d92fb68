"""Rows around incidents: what failures hang on and what was said of them, candidates, closures, guards, acts."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff, Unit
from amends.policy.models import BlueprintVersion, Explanation


class HangsOn(models.Model):
    """A failure hangs on a resource, such as aircraft/N123JB."""

    failure = models.ForeignKey(
        "monitor.Failure", on_delete=models.PROTECT, related_name="resources", db_index=False, db_constraint=False
    )
    resource = models.CharField(max_length=200)
    at = models.DateTimeField()  # when it broke

    class Meta:
        app_label = "monitor"
        constraints = [models.UniqueConstraint(fields=["failure", "resource"], name="hangs_on_once")]
        indexes = [models.Index(fields=["resource", "at"], name="hangs_on_by_resource")]


class Said(models.Model):
    """What a customer said of a failure, in their words, for likening."""

    failure = models.OneToOneField("monitor.Failure", on_delete=models.PROTECT, related_name="said")
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        app_label = "monitor"
        indexes = [models.Index(fields=["at"], name="said_by_time")]


class Candidate(models.Model):
    """Failures that are likely to have one cause; a person says whether they have."""

    class Basis(models.TextChoices):
        """What speaks for it."""

        UPSTREAM = "upstream"  # they hang on one resource
        WORDS = "words"  # customers complain in like words

    key = models.CharField(max_length=100, unique=True)  # the fingerprint of basis, cause and beginning
    basis = models.CharField(max_length=8, choices=Basis)
    resource = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16)  # monitor/core/candidate.py has the lifecycle
    kind = models.CharField(max_length=64)  # of its gravest failure
    # the lowest unit that all of them lie under; None: only whoever sees the whole company sees it
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    incident = models.ForeignKey(
        "monitor.Incident", null=True, on_delete=models.PROTECT, related_name="candidates"
    )  # what it was confirmed as
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    subjects = models.PositiveIntegerField(default=0)
    customers = models.PositiveIntegerField(default=0)
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        app_label = "monitor"
        indexes = [
            models.Index(fields=["state", "-last_at", "-id"], name="candidate_by_state"),
            models.Index(fields=["-last_at", "-id"], name="candidate_by_time"),
            models.Index(fields=["resource", "-last_at"], name="candidate_by_resource"),
        ]

    def __str__(self) -> str:
        return self.key


class CandidateMember(models.Model):
    """A failure in a candidate; left out if a person said that it does not belong there."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="members", db_index=False)
    failure = models.ForeignKey("monitor.Failure", on_delete=models.PROTECT, related_name="proposed")
    left_out = models.BooleanField(default=False)

    class Meta:
        app_label = "monitor"
        constraints = [models.UniqueConstraint(fields=["candidate", "failure"], name="candidate_member_once")]


class Closure(models.Model):
    """Maintenance or a known closure of a unit or a resource: failures in it are expected, and this is why."""

    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    resource = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason_en = models.CharField(max_length=300)
    reason_zh = models.CharField(max_length=300)
    entered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        app_label = "monitor"
        indexes = [models.Index(fields=["-ends_at", "-id"], name="closure_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(unit__isnull=True) & ~Q(resource="")) | (Q(unit__isnull=False) & Q(resource="")),
                name="closure_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="closure_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.reason_en


class StandardGuard(models.Model):
    """How many findings a standard has made in its latest minute, and whether it is held."""

    standard = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=16)  # monitor/core/flood.py has the lifecycle
    minute = models.DateTimeField(null=True)
    findings = models.PositiveIntegerField(default=0)
    most = models.PositiveIntegerField(default=0)  # in one minute, when it was held
    limit = models.PositiveIntegerField(default=0)  # that was in force then
    held_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "monitor"

    def __str__(self) -> str:
        return self.standard


class HeldFinding(models.Model):
    """A finding of a standard that is held: on record, and of no effect until a person takes it up."""

    class State(models.TextChoices):
        """What becomes of it."""

        WAITING = "waiting"
        WANTED = "wanted"  # a person said that it is to become a failure
        TAKEN = "taken"  # it did
        LEFT = "left"  # a person said that it is to stay a finding

    id = models.BigAutoField(primary_key=True)
    standard = models.CharField(max_length=100)
    promise_key = models.CharField(max_length=800)
    what = models.CharField(max_length=16)
    at = models.DateTimeField()
    finding = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)

    class Meta:
        app_label = "monitor"
        constraints = [models.UniqueConstraint(fields=["promise_key", "what", "at"], name="held_finding_once")]
        indexes = [
            models.Index(
                fields=["standard", "state", "at"], condition=Q(state__in=("waiting", "wanted")), name="held_to_come"
            )
        ]


class IncidentAct(models.Model):
    """What somebody did with incidents, candidates, closures and held standards; append-only."""

    act = models.CharField(max_length=32)
    incident = models.ForeignKey("monitor.Incident", null=True, on_delete=models.PROTECT, related_name="acts")
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="acts")
    closure = models.ForeignKey(Closure, null=True, on_delete=models.PROTECT, related_name="acts")
    standard = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        app_label = "monitor"
        indexes = [models.Index(fields=["-at", "-id"], name="incident_act_by_time")]

    def __str__(self) -> str:
        return self.act

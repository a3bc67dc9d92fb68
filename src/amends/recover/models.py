"""Rows of recovery: cases, plans and actions, the clocks that drive them, leave, the ledger, outcomes and the trail.

Foreign keys carry no index of their own (`db_index=False`) where another index starts with them or nobody asks by them.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from amends.monitor.models import SEVERITY_CHOICES, Failure, Incident
from amends.people.models import Customer, Staff, Unit
from amends.policy.models import BlueprintVersion, Explanation


class Case(models.Model):
    """One customer's failure or failures, from finding out to making good. One per customer and incident."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases", db_index=False)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="cases", db_index=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=300)  # of its gravest failure
    kind = models.CharField(max_length=64)
    severity = models.PositiveSmallIntegerField(choices=SEVERITY_CHOICES)
    responsible = models.CharField(max_length=16)
    controllable = models.BooleanField()
    facts = models.JSONField(default=dict)  # what the plan was decided from
    what_happened = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=24)  # recover/core/case.py has the lifecycle
    is_open = models.BooleanField(default=True)  # not in a last state; the partial indexes of the inbox rest on it
    priority = models.FloatField(default=0)  # recover/core/priority.py has the formula
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    next_due = models.DateTimeField(null=True, blank=True)  # the earliest running clock
    owner = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    version = models.PositiveIntegerField(default=1)  # compare-and-set against two people editing
    search = SearchVectorField(null=True)
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "incident"], name="case_once")]
        indexes = [
            models.Index(fields=["incident"], name="case_by_incident"),
            models.Index(
                fields=["-priority", "-id", "unit", "severity", "state"],
                condition=Q(is_open=True),
                name="case_open_priority",
            ),
            models.Index(fields=["-priority", "-id", "unit", "severity", "state"], name="case_by_priority"),
            models.Index(
                fields=["unit", "-priority", "-id"], condition=Q(is_open=True), name="case_open_unit_priority"
            ),
            models.Index(
                fields=["next_due", "id", "unit", "severity", "state"], condition=Q(is_open=True), name="case_open_due"
            ),
            models.Index(fields=["-opened_at", "-id", "unit", "severity", "state"], name="case_by_opened"),
            models.Index(fields=["unit", "-opened_at", "-id"], name="case_unit_opened"),
            models.Index(fields=["state", "-priority", "-id"], name="case_state_priority"),
            models.Index(fields=["state", "severity", "-priority", "-id"], name="case_state_severity"),
            models.Index(fields=["owner", "-opened_at", "-id"], name="case_by_owner"),
            models.Index(fields=["owner", "-priority"], condition=Q(is_open=True), name="case_open_owner"),
            GinIndex(fields=["search"], name="case_search", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class CaseFailure(models.Model):
    """Which failures one case makes good."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_failures", db_index=False)
    failure = models.ForeignKey(Failure, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "failure"], name="case_failure_once")]


class Plan(models.Model):
    """The actions that are to make one case good, and why these. A case has one plan; a revision adds actions."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="plan")
    playbook = models.CharField(max_length=100)
    strategy = models.CharField(max_length=32)
    revision = models.PositiveSmallIntegerField(default=1)
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)


class Action(models.Model):
    """One thing to do for one case: who does it, by when, under which authority, for which justice, and why."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="actions", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions", db_index=False)
    step = models.CharField(max_length=100)  # the playbook's id of the action
    kind = models.CharField(max_length=24)
    phase = models.CharField(max_length=16)
    performer = models.CharField(max_length=16)  # "automatic" or a role
    channel = models.CharField(max_length=32, blank=True)
    template = models.CharField(max_length=100, blank=True)
    remedy = models.CharField(max_length=16, blank=True)  # kind of remedy, where it gives one
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    tariff = models.CharField(max_length=100, blank=True)
    authority = models.CharField(max_length=16, blank=True)  # lowest role whose authority covers it; empty: none needed
    justice = ArrayField(models.CharField(max_length=16), default=list)
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=16)  # recover/core/action.py has the lifecycle
    ready_at = models.DateTimeField()  # not before
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step"], name="action_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="ready", performer="automatic"), name="action_to_do"),
            models.Index(fields=["ready_at"], condition=Q(state="scheduled"), name="action_scheduled"),
        ]


class Clock(models.Model):
    """A deadline of a case in business time, precomputed; it has an owner and an escalation."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    kind = models.CharField(max_length=16)  # acknowledge, inform, resolve, follow_up
    state = models.CharField(max_length=16)  # recover/core/clocks.py has the lifecycle
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=16)  # role
    escalate_to = models.CharField(max_length=16)  # role
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="clock_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="running"), name="clock_running")]


class Approval(models.Model):
    """Leave to go beyond one's authority, by someone of the right level, never by oneself."""

    action = models.OneToOneField(Action, on_delete=models.PROTECT, related_name="approval")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvals")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=16)  # lowest role that may grant it
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16)  # recover/core/approval.py has the lifecycle
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # null: automatic
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at", "id"], condition=Q(state="waiting"), name="approval_waiting")]


class Remedy(models.Model):
    """One line of the ledger, append-only: worth given to a customer, once for its key, and who could decide it."""

    key = models.CharField(max_length=100, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="remedies", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="remedies", db_index=False)
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="remedies", db_index=False)
    kind = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # null: automatic
    level = models.CharField(max_length=64)  # the authority level of the pack that covered it
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "granted_at"], name="remedy_by_customer"),
            models.Index(fields=["case"], name="remedy_by_case"),
            models.Index(fields=["level", "granted_at"], include=["amount"], name="remedy_by_level"),
        ]


class Outcome(models.Model):
    """What came of a case: accepted or not, satisfaction before and after, stayed or left, told others."""

    class Source(models.TextChoices):
        """Who says so; simulated answers are never mixed up with real ones."""

        CUSTOMER = "customer"
        STAFF = "staff"
        SIMULATED = "simulated"

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="outcome")
    accepted = models.BooleanField(null=True)
    satisfaction_before = models.PositiveSmallIntegerField(null=True)  # 1-5
    satisfaction_after = models.PositiveSmallIntegerField(null=True)  # 1-5
    stays = models.BooleanField(null=True)
    told_others = models.BooleanField(null=True)
    source = models.CharField(max_length=10, choices=Source)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.TextField(blank=True)


class IncidentResponse(models.Model):
    """The systematic response: one plan for all whom an incident hit lightly; each of them is on record as affected."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="response")
    playbook = models.CharField(max_length=100)
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    covered = models.PositiveIntegerField(default=0)  # customers
    told_until = models.BigIntegerField(default=0)  # the last `affected` row that the response has reached
    created_at = models.DateTimeField()
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False)


class TrailEntry(models.Model):
    """The audit trail of a case: written by triggers, one entry a case and statement, append-only, hash-chained."""

    # no check of the foreign key: the triggers take it from rows whose own key is checked
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="trail", db_index=False, db_constraint=False)
    number = models.PositiveIntegerField()  # 1, 2, 3 … within the case
    at = models.DateTimeField()  # the machine's clock: when it was written
    actor = models.CharField(max_length=200)  # "automatic", "staff:7" or "customer:12"
    act = models.CharField(max_length=100)  # the service that did it
    rows = models.CharField(max_length=32)  # the table that changed
    changes = models.JSONField()  # rows as they became
    previous = models.BinaryField(null=True)
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="trail_entry_once")]

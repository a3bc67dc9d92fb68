"""Cases, and which failures each makes good."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from amends.monitor.models import SEVERITY_CHOICES, Failure, Incident
from amends.people.models import Customer, Staff, Unit
from amends.policy.models import BlueprintVersion, Explanation


class OpenToAll(models.Manager["Case"]):
    """All but confidential cases, so that no list, count or bulk act meets one. `Case.every` is for what serves them
    all alike, such as clocks, and for selectors/circle.py, which lets their circle in."""

    def get_queryset(self) -> models.QuerySet["Case"]:
        """What is confidential stays out."""
        return super().get_queryset().filter(confidential=False)


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
    what_happened = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    cause = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=24)  # recover/core/case.py has the lifecycle
    is_open = models.BooleanField(default=True)  # not in a last state; the partial indexes of the inbox rest on it
    priority = models.FloatField(default=0)  # recover/core/priority.py has the formula
    leaving = models.DecimalField(max_digits=14, decimal_places=2, db_default=0)  # recover/core/leaving.py; in priority
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    next_due = models.DateTimeField(null=True, blank=True)  # the earliest running clock
    owner = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    team = models.ForeignKey(
        "recover.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    version = models.PositiveIntegerField(default=1)  # compare-and-set against two people editing
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    confidential = models.BooleanField(default=False, db_default=False)  # between colleagues: seen by its circle alone

    objects = OpenToAll()
    every = models.Manager["Case"]()

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
            models.Index(
                fields=["-leaving", "-id", "unit", "severity", "state"],
                condition=Q(is_open=True, leaving__gt=0),
                name="case_open_leaving",
            ),
            models.Index(fields=["-opened_at", "-id", "unit", "severity", "state"], name="case_by_opened"),
            models.Index(fields=["unit", "-opened_at", "-id"], name="case_unit_opened"),
            models.Index(fields=["state", "-priority", "-id"], name="case_state_priority"),
            models.Index(fields=["state", "severity", "-priority", "-id"], name="case_state_severity"),
            models.Index(fields=["owner", "-opened_at", "-id"], condition=Q(owner__isnull=False), name="case_by_owner"),
            models.Index(
                fields=["owner", "-priority"], condition=Q(is_open=True, owner__isnull=False), name="case_open_owner"
            ),
            models.Index(
                fields=["team", "-priority", "-id"],
                condition=Q(is_open=True, team__isnull=False),
                name="case_open_team",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Answering(models.Manager["CircleMember"]):
    """Those who answer a confidential case now: without whoever told, whom it is about, and who has gone out."""

    def get_queryset(self) -> models.QuerySet["CircleMember"]:
        """Who may see and act on it."""
        return super().get_queryset().filter(until=None).exclude(role__in=("person", "about"))


class CircleMember(models.Model):
    """Who may see a confidential case, and as what. There is no other way to it, whatever one's role and unit.

    A row is never changed but for its end. Of the role `about` is whom the case is about, who sees nothing of it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="circle", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="circles", db_index=False)
    role = models.CharField(max_length=12)  # person, unit_head, confidant or about; recover/core/circle.py
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)  # when they went out; None: they are in it

    objects = models.Manager["CircleMember"]()
    answering = Answering()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "case"], condition=Q(until=None), name="circle_member_once")
        ]
        indexes = [models.Index(fields=["case"], name="circle_by_case")]


class CaseSearch(models.Model):
    """The words by which a case is found; apart from its row, which changes often, while the words seldom do."""

    case = models.OneToOneField(
        Case, on_delete=models.CASCADE, primary_key=True, related_name="words", db_constraint=False
    )
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="case_search", fastupdate=False)]


class CaseFailure(models.Model):
    """Which failures one case makes good."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="case_failures", db_index=False, db_constraint=False
    )
    failure = models.ForeignKey(Failure, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    moved_to = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # by a merge or a split: made good there, not here

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "failure"], name="case_failure_once")]

"""Rows of learning: lessons and what people decided about them, and the summary from which costs and causes are read.

The summary can be made again from the rows upstream at any time (summary.py); nobody decides anything in it.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models

from amends.kernel.money import Money
from amends.people.models import Staff, Unit
from amends.policy.models import BlueprintVersion


class Lesson(models.Model):
    """A cause found, what to change, with its evidence; drafted by the system, confirmed by a person."""

    key = models.CharField(max_length=300, unique=True)  # kind, step, responsible and period
    state = models.CharField(max_length=16)  # learn/core/lesson.py has the lifecycle
    kind = models.CharField(max_length=64)
    step = models.CharField(max_length=64)
    responsible = models.CharField(max_length=16)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")  # lowest that holds all of it
    since = models.DateTimeField()  # local midnights: of the first day that counts,
    until = models.DateTimeField()  # and of the first that no longer does
    failures = models.PositiveIntegerField()
    customers = models.PositiveIntegerField()  # distinct
    cost = models.DecimalField(max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    evidence = models.JSONField(default=dict)
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300)
    text_en = models.TextField()
    text_zh = models.TextField()
    created_at = models.DateTimeField()
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-cost", "-id"], name="lesson_by_cost")]

    def __str__(self) -> str:
        return self.title_en

    @property
    def last(self) -> datetime:
        """The last moment of the period, on the last day that counts."""
        return max(self.since, self.until - timedelta(microseconds=1))

    @property
    def other_remedies(self) -> list[Money]:
        """Remedies in other currencies than that of the cost, a sum each; they stand beside it."""
        kept = self.evidence.get("other_remedies", [])
        return [Money(Decimal(given["amount"]), given["currency"]) for given in kept]


class LessonDecision(models.Model):
    """What a person decided about a lesson, and why; append-only."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="decisions")
    move = models.CharField(max_length=16)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)


class SummaryCell(models.Model):
    """Failures of one day, place and cause, counted together with the cases, actions and losses that follow from them.

    A case stands where its gravest failure stands. Money is in the blueprint's currency.
    """

    day = models.DateField()  # local, on which the promise was opened (else: the failure found)
    hour = models.PositiveSmallIntegerField()  # local, at which the promise was due (else: the failure found)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=64)
    step = models.CharField(max_length=64)
    responsible = models.CharField(max_length=16)
    findings = models.PositiveIntegerField()
    failures = models.PositiveIntegerField()  # broken promises: not those at risk, not those averted
    at_risk = models.PositiveIntegerField()
    averted = models.PositiveIntegerField()
    controllable = models.PositiveIntegerField()  # of the failures
    stable = models.PositiveIntegerField()  # of the failures
    affected = models.PositiveIntegerField()  # customers, once for each failure that hit them
    cases = models.PositiveIntegerField()
    cases_open = models.PositiveIntegerField()  # and not made good yet
    cases_made_good = models.PositiveIntegerField()
    cases_closed = models.PositiveIntegerField()
    plans = models.PositiveIntegerField()
    actions = models.PositiveIntegerField()
    actions_done = models.PositiveIntegerField()
    messages = models.PositiveIntegerField()  # to customers, without those that failed
    remedies = models.PositiveIntegerField()
    remedy_amount = models.DecimalField(max_digits=16, decimal_places=2)
    minutes = models.DecimalField(max_digits=16, decimal_places=2)  # of staff time
    value_lost = models.FloatField()  # yearly revenue x chance to leave, see learn/core/cost.py
    tellers = models.FloatField()
    weighed = models.PositiveIntegerField()  # cases that the two before speak of: not the withdrawn
    valued_by_default = models.PositiveIntegerField()
    outcomes = models.PositiveIntegerField()
    simulated = models.PositiveIntegerField()  # of the outcomes
    accepted = models.PositiveIntegerField()  # by the customer's own word, which stands
    accepted_by_staff = models.PositiveIntegerField(default=0)  # as colleagues put it on record, without that word
    before_sum = models.PositiveIntegerField()  # of the satisfaction that customers told us, and how many did
    before_count = models.PositiveIntegerField()
    after_sum = models.PositiveIntegerField()
    after_count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="summary_by_day")]


class SummaryRemedies(models.Model):
    """Remedies of one day's failures of a cause in one unit, by currency, since currencies never add up."""

    day = models.DateField()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=64)
    step = models.CharField(max_length=64)
    responsible = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    remedies = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        indexes = [models.Index(fields=["day"], name="summary_remedies_by_day")]


class SummaryState(models.Model):
    """As of when the summary holds, and what it was made with (one row)."""

    as_of = models.DateTimeField()
    blueprint = models.ForeignKey(BlueprintVersion, on_delete=models.PROTECT, related_name="+")  # whose economics
    timezone = models.CharField(max_length=64)
    marks = models.JSONField(default=dict)  # table -> last row id that is surely in the summary
    marks_at = models.DateTimeField()
    next_marks = models.JSONField(default=dict)  # become `marks` once every transaction of their time has ended
    next_marks_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="summary_state_is_one_row")]

"""Support for employees, and its steps. Confidential: read through selectors/support.py and nowhere else."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.policy.models import Explanation
from amends.recover.core.support import OPEN
from amends.recover.models.cases import Case
from amends.recover.models.plans import Action


class Support(models.Model):
    """A break, a talk, a thank-you or help for one employee, asked for or offered."""

    key = models.CharField(max_length=100, unique=True)  # the same form, case or action brings about one
    employee = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    supporter = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # who answers and gives it: a leader, or whom the employee chose; None: there is nobody yet
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    action = models.ForeignKey(
        Action, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # of the case's plan, that this carries out
    kind = models.CharField(max_length=8)  # kernel/blueprint/internal.py has the kinds
    state = models.CharField(max_length=12)  # recover/core/support.py has the lifecycle
    why = models.ForeignKey(
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # of an offer that nobody asked for
    words = models.CharField(max_length=500, blank=True)  # of whoever asked or offered; personal
    offered_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # None: asked for, or offered by rule
    begun_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)  # whoever has to act has until then; an offer lapses then
    passed_on_at = models.DateTimeField(null=True, blank=True)  # the time ran out and it went further up
    ended_at = models.DateTimeField(null=True, blank=True)
    helped = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 5, as the employee says
    said = models.CharField(max_length=500, blank=True)  # how it was, in the employee's words; personal

    personal = ("words", "said")

    class Meta:
        indexes = [
            models.Index(fields=["employee", "-id"], name="support_by_employee"),
            models.Index(fields=["supporter", "due_at"], condition=Q(state__in=OPEN), name="support_open_by_supporter"),
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN), name="support_open_due"),
        ]

    def __str__(self) -> str:
        return f"support {self.pk}"


class SupportStep(models.Model):
    """The audit trail of support: every move, by whom and when, without its words; append-only by a trigger."""

    support = models.ForeignKey(Support, on_delete=models.PROTECT, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    move = models.CharField(max_length=12)
    state = models.CharField(max_length=12)  # after it
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["support", "number"], name="support_step_once")]

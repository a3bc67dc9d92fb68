"""Plans and their actions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amends.people.models import Staff
from amends.policy.models import BlueprintVersion, Explanation
from amends.recover.models.cases import Case


class Plan(models.Model):
    """The actions that are to make one case good, and why these. A case has one plan; a revision adds actions."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="plan", db_constraint=False)
    playbook = models.CharField(max_length=100)
    strategy = models.CharField(max_length=32)
    revision = models.PositiveSmallIntegerField(default=1)
    why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    created_at = models.DateTimeField()
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        # for the inbox: read from the strategy where few cases follow it, else asked case by case down the list
        indexes = [models.Index(fields=["strategy", "case"], name="plan_by_strategy")]


class Action(models.Model):
    """One thing to do for one case: who does it, by when, under which authority, for which justice, and why."""

    plan = models.ForeignKey(
        Plan,
        on_delete=models.PROTECT,
        related_name="actions",
        db_index=False,
        db_constraint=False,  # the case's own
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="actions", db_index=False, db_constraint=False
    )
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
    why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
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
            models.Index(
                fields=["case"], condition=Q(state="ready") & ~Q(performer="automatic"), name="action_for_people"
            ),
        ]

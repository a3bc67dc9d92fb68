"""Leave asked for and given, and the ledger of what customers were given."""

from django.db import models
from django.db.models import Q

from amends.people.models import Customer, Staff, Unit
from amends.policy.models import BlueprintVersion, Explanation
from amends.recover.models.cases import Case
from amends.recover.models.plans import Action


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
    why = models.ForeignKey(
        Explanation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)
    assigned_to = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the nearest free person; whoever has enough authority may decide all the same
    assigned_role = models.CharField(max_length=16, blank=True, db_default="")  # theirs at that time
    assigned_at = models.DateTimeField(null=True, blank=True)
    assigned_why = models.ForeignKey(
        Explanation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decide_by = models.DateTimeField(null=True, blank=True)  # after that it goes further up
    look_at = models.DateTimeField(null=True, blank=True)  # when the sweep looks at it again; null: at once
    escalations = models.PositiveSmallIntegerField(default=0, db_default=0)
    covered_by = models.ForeignKey(
        Explanation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the rule that covered the leave given

    class Meta:
        indexes = [
            models.Index(fields=["asked_at", "id"], condition=Q(state="waiting"), name="approval_waiting"),
            models.Index(fields=["state", "-id"], condition=~Q(state="waiting"), name="approval_decided"),
            models.Index(fields=["look_at"], condition=Q(state="waiting"), name="approval_to_look_at"),
            models.Index(
                fields=["assigned_to", "decide_by", "id"], condition=Q(state="waiting"), name="approval_assigned"
            ),
            models.Index(fields=["asked_by", "-id"], name="approval_asked_by"),
        ]


class ApprovalStep(models.Model):
    """How an approval came to whom it waits for: given to somebody, moved on, or gone up for want of an answer."""

    class What(models.TextChoices):
        """What happened."""

        ASSIGNED = "assigned"
        MOVED = "moved"  # who had it is away, or may not decide any more
        ESCALATED = "escalated"  # the time to decide ran out

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="steps")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    what = models.CharField(max_length=12, choices=What)
    from_staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["from_staff", "-at"], condition=Q(what="escalated"), name="approval_step_from")]


class Remedy(models.Model):
    """One line of the ledger, append-only: worth given to a customer, once for its key, and who could decide it.

    What was given and is taken back is a line of its own below nothing, which names the line that it reverses.
    """

    key = models.CharField(max_length=100)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="remedies", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="remedies", db_index=False, db_constraint=False
    )
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
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    covered_by = models.ForeignKey(
        Explanation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # the rule: the level and its limits
    case_before = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # what it was held against …
    customer_before = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    level_before = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # … at the time of granting
    reverses = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reversals", db_index=False)
    note = models.CharField(max_length=500, blank=True, db_default="")  # why it was taken back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="remedy_once"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="remedy_reversed_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["granted_by", "granted_at"], condition=Q(granted_by__isnull=False), name="remedy_by_granter"
            ),
            models.Index(fields=["customer", "granted_at"], name="remedy_by_customer"),
            models.Index(fields=["case"], name="remedy_by_case"),
            models.Index(fields=["level", "granted_at"], include=["amount"], name="remedy_by_level"),
        ]

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
    blueprint = models.ForeignKey(
        BlueprintVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["customer", "granted_at"], name="remedy_by_customer"),
            models.Index(fields=["case"], name="remedy_by_case"),
            models.Index(fields=["level", "granted_at"], include=["amount"], name="remedy_by_level"),
        ]

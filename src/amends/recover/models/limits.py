"""What stands beside the ledger: unit budgets, sums that look split, complaints in writing."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amends.people.models import Customer, Staff, Unit
from amends.policy.models import Explanation
from amends.recover.models.cases import Case
from amends.recover.models.ledger import Approval


class Budget(models.Model):
    """What a unit and all below it may give away in a period. `spent` is kept by a trigger on the ledger."""

    class Source(models.TextChoices):
        """Who set it."""

        STAFF = "staff"
        BLUEPRINT = "blueprint"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    spent = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    source = models.CharField(max_length=10, choices=Source)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "currency", "starts_at"], name="budget_once"),
            models.CheckConstraint(condition=Q(starts_at__lt=models.F("ends_at")), name="budget_goes_forward"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_not_negative"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="budget_by_end")]

    def __str__(self) -> str:
        return f"budget {self.pk}"

    @property
    def left(self) -> object:
        """What is left; below nothing where someone was allowed to go beyond it."""
        return self.amount - self.spent


class BudgetChange(models.Model):
    """Who set a budget to how much, append-only."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="changes")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.CharField(max_length=500, blank=True)


class Split(models.Model):
    """Sums that look like one cut into parts, for somebody to look at; never a refusal by itself."""

    key = models.CharField(max_length=120)  # pattern, granter and whom it went to
    pattern = models.CharField(max_length=16)  # recover/core/splits.py has them
    state = models.CharField(max_length=10)  # recover/core/splits.py has the lifecycle
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="splits", db_index=False)  # the latest
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    granter = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="splits")
    lines = ArrayField(models.BigIntegerField(), default=list)  # of the ledger
    total = models.DecimalField(max_digits=14, decimal_places=2)  # with the sum at hand
    currency = models.CharField(max_length=3)
    found_at = models.DateTimeField()
    why = models.ForeignKey(Explanation, on_delete=models.PROTECT, related_name="+", db_index=False)
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=Q(state="open"), name="split_once")]
        indexes = [
            models.Index(fields=["case"], name="split_by_case"),
            models.Index(fields=["-found_at", "-id"], condition=Q(state="open"), name="split_open"),
            models.Index(fields=["state", "-found_at", "-id"], name="split_by_state"),
        ]


class WrittenComplaint(models.Model):
    """The customer's complaint in their own words and in writing; a case has as many as they gave."""

    class Source(models.TextChoices):
        """How it came in."""

        CUSTOMER = "customer"  # on their own page
        STAFF = "staff"  # a letter or a text that somebody entered
        MACHINE = "machine"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="written_complaints")
    words = models.TextField()  # personal
    source = models.CharField(max_length=10, choices=Source)
    given_at = models.DateTimeField()
    taken_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    personal = ("words",)

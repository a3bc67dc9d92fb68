"""What suppliers' faults cost us, claimed back from them."""

from django.db import models

from amends.people.models import Staff, Unit
from amends.recover.models.cases import Case


class RechargeClaim(models.Model):
    """A claim on the supplier whose fault a case was: what it was given in remedies. A case has one at most."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="recharge")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.CharField(max_length=200, blank=True)  # one of the pack's, or a name; empty: not known yet
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16)  # recover/core/recharge.py has the lifecycle
    opened_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    recovered = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)  # what the supplier paid
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-id"], name="recharge_by_state"),
            models.Index(fields=["unit", "-id", "state"], name="recharge_by_unit"),
        ]

"""The books in double entry, and what is settled by them: vouchers, payouts in batches, daily reconciliations."""

from django.db import models
from django.db.models import Q

from amends.people.models import Staff, Unit
from amends.recover.models.ledger import Remedy
from amends.recover.models.limits import Budget


class PayoutBatch(models.Model):
    """Payouts that leave together: one file, one call, one key, however often it is sent."""

    key = models.CharField(max_length=40)  # what the other side knows it by
    connector = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    count = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=16, decimal_places=2)
    ordered_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=200, blank=True)  # what came of it: the file's name, the answer's number
    problem = models.CharField(max_length=500, blank=True)  # why it could not be sent the last time

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="payout_batch_once")]
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="payout_batch_unsent")]

    def __str__(self) -> str:
        return self.key


class Payout(models.Model):
    """What a remedy owes its customer, on its way to them; made by a trigger on the ledger."""

    remedy = models.OneToOneField(Remedy, on_delete=models.PROTECT, related_name="payout")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    connector = models.CharField(max_length=16)  # kernel/blueprint/settling.py has the ways
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12)  # recover/core/payout.py has the lifecycle
    due_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1, db_default=1)  # which attempt to pay it this is
    batch = models.ForeignKey(PayoutBatch, null=True, on_delete=models.PROTECT, related_name="payouts")
    ended_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, db_default="")  # why it came back

    class Meta:
        indexes = [
            models.Index(fields=["connector", "currency", "id"], condition=Q(state="due"), name="payout_due"),
            models.Index(fields=["state", "-id"], name="payout_by_state"),
        ]


class Voucher(models.Model):
    """A voucher over what a remedy gives. Its code follows from its number (core/voucher.py) and is kept nowhere."""

    remedy = models.OneToOneField(Remedy, on_delete=models.PROTECT, related_name="voucher")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12)  # recover/core/voucher.py has the lifecycle
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    redeemed_at_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    redeemed_by = models.CharField(max_length=200, blank=True, db_default="")  # a person or a till
    reference = models.CharField(max_length=100, blank=True, db_default="")  # the till's own number of the sale

    class Meta:
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="open"), name="voucher_runs_out")]


class LedgerEntry(models.Model):
    """Worth that moved from one account to another, once for its key; append-only."""

    key = models.CharField(max_length=60)
    what = models.CharField(max_length=10)  # recover/core/books.py has the kinds and the accounts
    at = models.DateTimeField()
    debit = models.CharField(max_length=12)  # the account that it went to
    credit = models.CharField(max_length=12)  # the account that it came from
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    remedy = models.ForeignKey(Remedy, null=True, on_delete=models.PROTECT, related_name="entries", db_constraint=False)
    budget = models.ForeignKey(Budget, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_entry_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_entry_moves_something"),
            models.CheckConstraint(condition=~Q(debit=models.F("credit")), name="ledger_entry_of_two_accounts"),
        ]


class Reconciliation(models.Model):
    """The books held against what happened, once a day or when somebody asked; append-only."""

    at = models.DateTimeField()
    entries = models.BigIntegerField()  # how many there were
    checks = models.JSONField()  # what, currency, books, records; sums as text
    differences = models.PositiveIntegerField()  # of these checks; zero if all is well
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="reconciliation_by_time")]

"""The daily reconciliation: the books held against what happened. Every difference has to be nothing."""

from datetime import datetime
from decimal import Decimal

from django.db import connection

from amends.people.models import Staff
from amends.people.selectors import NotAllowed, has_whole_company, require
from amends.recover.acting import acting
from amends.recover.core.books import CHECKS, Check, differences
from amends.recover.models import LedgerEntry, Reconciliation

_BALANCES = """
    select account, currency, sum(amount) as amount from (
        select debit as account, currency, amount from recover_ledgerentry
        union all select credit, currency, -amount from recover_ledgerentry
    ) as side group by 1, 2
"""
_OWED_OUT = "from recover_payout where connector <> 'email_voucher' and state"  # a letter with a code moves no worth
_OF_VOUCHERS = "select currency, sum(amount) from recover_voucher where state"
_GIVEN_AT_ONCE = """
    select currency, sum(amount) from recover_remedy as line where amount > 0
        and not exists (select from recover_payout where remedy_id = line.id)
        and not exists (select from recover_voucher where remedy_id = line.id) group by 1
"""
# what: (account, 1 if its balance is what went to it, -1 if what came from it, the records in SQL by currency)
_RECORDS = {
    "grants": ("cost", 1, "select currency, sum(amount) from recover_remedy group by 1"),
    "owed": ("owed", -1, f"select currency, sum(amount) {_OWED_OUT} in ('due', 'returned') group by 1"),
    "in_transit": ("in_transit", -1, f"select currency, sum(amount) {_OWED_OUT} in ('ordered', 'sent') group by 1"),
    "paid": ("paid", -1, f"select currency, sum(amount) {_OWED_OUT} = 'paid' group by 1"),
    "vouchers": ("vouchers", -1, f"{_OF_VOUCHERS} = 'open' group by 1"),
    "redeemed": ("redeemed", -1, f"{_OF_VOUCHERS} = 'redeemed' group by 1"),
    "lapsed": ("lapsed", -1, f"{_OF_VOUCHERS} = 'expired' group by 1"),
    "given": ("given", -1, _GIVEN_AT_ONCE),
    "budget_left": ("budget_left", 1, "select currency, sum(amount - spent) from recover_budget group by 1"),
    "budget_used": ("budget_used", 1, "select currency, sum(spent) from recover_budget group by 1"),
}
# what no account tells: both sides in SQL
_PAIRS = {
    "files": (
        "select currency, sum(amount) from recover_ledgerentry where what = 'order' group by 1",
        "select currency, sum(total) from recover_payoutbatch where connector <> 'email_voucher' group by 1",
    ),
    "unbooked": (
        "select currency, 0 from recover_remedy group by 1",
        """
        select currency, count(*) from recover_remedy as line where not exists (
            select from recover_ledgerentry as entry where entry.remedy_id = line.id
                and entry.what = case when line.amount > 0 then 'grant' else 'reverse' end
        ) group by 1
        """,
    ),
}


def reconcile(*, now: datetime, acting_user: Staff | None = None) -> Reconciliation:
    """Hold the books against the records, both as of one moment, and keep what was found.

    Raises:
        NotAllowed: the person may not, or has not the whole company.
    """
    if acting_user is not None:
        require(acting_user, "work_money")
        if not has_whole_company(acting_user):
            raise NotAllowed("The books are the whole company's, and this account is limited to a part of it.")
    with acting("reconcile", acting_user):
        checks = _checks()
        return Reconciliation.objects.create(
            at=now,
            entries=LedgerEntry.objects.count(),
            checks=[
                {"what": one.what, "currency": one.currency, "books": str(one.books), "records": str(one.records)}
                for one in checks
            ],
            differences=len(differences(checks)),
            by=acting_user,
        )


def _checks() -> list[Check]:
    """All of them in one statement, so that both sides are of one moment."""
    sides = [f"select 'balance', account, currency, amount from ({_BALANCES}) as balance"]
    sides += [f"select 'records', '{what}', * from ({sql}) as records" for what, (*_, sql) in _RECORDS.items()]
    for what, (books, records) in _PAIRS.items():
        sides.append(f"select 'books', '{what}', * from ({books}) as books")
        sides.append(f"select 'records', '{what}', * from ({records}) as records")
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(sides))
        told = {(side, what, currency): Decimal(amount) for side, what, currency, amount in cursor.fetchall()}
    currencies = sorted({currency for _, _, currency in told})
    nothing = Decimal(0)
    return [
        Check(
            what=what,
            currency=currency,
            books=(
                nothing + _RECORDS[what][1] * told.get(("balance", _RECORDS[what][0], currency), nothing)
                if what in _RECORDS
                else told.get(("books", what, currency), nothing)
            ),
            records=told.get(("records", what, currency), nothing),
        )
        for currency in currencies
        for what in CHECKS
    ]

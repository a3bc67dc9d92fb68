"""Reads of the books: balances, payouts, vouchers and reconciliations, within what a person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Count, Sum

from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound, has_whole_company, require, units_below
from amends.recover.core.books import ACCOUNTS
from amends.recover.models import LedgerEntry, Payout, PayoutBatch, Reconciliation, Remedy, Voucher

UNDER_WAY: Final = ("due", "ordered", "sent", "returned")
"""States of payouts that somebody or something still works on."""


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What stands on an account in one currency: what went to it less what came from it."""

    account: str
    currency: str
    amount: Decimal


def balances(staff: Staff) -> list[Balance]:
    """The trial balance, in the order of the accounts; for nobody who reaches only a part of the company.

    Raises:
        NotAllowed: the person may not see money, or reaches a part of the company only.
    """
    _whole_company(staff)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select account, currency, sum(amount) from (
                select debit as account, currency, amount from recover_ledgerentry
                union all select credit, currency, -amount from recover_ledgerentry
            ) as side group by 1, 2
            """
        )
        rows = cursor.fetchall()
    places = list(ACCOUNTS)
    return sorted(
        (Balance(account=account, currency=currency, amount=Decimal(amount)) for account, currency, amount in rows),
        key=lambda one: (one.currency, places.index(one.account)),
    )


def payouts_for(staff: Staff, *, state: str = "", after: str | None = None, limit: int = 50) -> Page:
    """A page of payouts within the person's units, the latest first."""
    require(staff, "see_money")
    rows = Payout.objects.select_related("remedy__customer", "batch", "unit")
    reached = units_below(staff)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("-id",), after=after, limit=limit)


def payout_sums(staff: Staff) -> list[tuple[str, str, int, Decimal]]:
    """State, currency, how many and how much, of the payouts under way within the person's units: what is paid or
    cancelled grows for ever, and is in the books."""
    require(staff, "see_money")
    rows = Payout.objects.filter(state__in=UNDER_WAY)
    reached = units_below(staff)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    found = rows.values_list("state", "currency").annotate(count=Count("pk"), total=Sum("amount")).order_by("state")
    return [(state, currency, count, total) for state, currency, count, total in found]


def access_payout(staff: Staff, payout_id: int, *, lock: bool = False) -> Payout:
    """One payout, for whoever may work on money and reaches its unit.

    Raises:
        NotAllowed: the person may not.
        NotFound: there is none, or it is out of their reach.
    """
    require(staff, "work_money")
    rows = Payout.objects.select_for_update(no_key=True) if lock else Payout.objects.all()
    reached = units_below(staff)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    found = rows.filter(pk=payout_id).first()
    if found is None:
        raise NotFound(f"There is no payout {payout_id} here.")
    return found


def reconciliations(staff: Staff, *, limit: int = 30) -> Sequence[Reconciliation]:
    """The last ones, the latest first; of the whole company."""
    _whole_company(staff)
    return list(Reconciliation.objects.select_related("by").order_by("-at", "-id")[:limit])


def unsent_batches(staff: Staff) -> Sequence[PayoutBatch]:
    """What was ordered and could not be handed over yet, with what is in the way."""
    _whole_company(staff)
    return list(PayoutBatch.objects.filter(sent_at=None).order_by("id")[:50])


def entries_of(remedy: Remedy) -> Sequence[LedgerEntry]:
    """What the books say of a remedy; whoever calls has checked that its case may be seen."""
    return list(LedgerEntry.objects.filter(remedy=remedy).order_by("id"))


def vouchers_of(remedy_ids: Sequence[int]) -> dict[int, Voucher]:
    """The vouchers of these remedies; whoever calls has checked that their cases may be seen."""
    return {voucher.remedy_id: voucher for voucher in Voucher.objects.filter(remedy_id__in=list(remedy_ids))}


def payouts_of(remedy_ids: Sequence[int]) -> dict[int, Payout]:
    """The payouts of these remedies; whoever calls has checked that their cases may be seen."""
    return {payout.remedy_id: payout for payout in Payout.objects.filter(remedy_id__in=list(remedy_ids))}


def _whole_company(staff: Staff) -> None:
    require(staff, "see_money")
    if not has_whole_company(staff):
        raise NotAllowed("The books are the whole company's, and this account is limited to a part of it.")

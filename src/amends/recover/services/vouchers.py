"""Vouchers are redeemed once, whoever asks at the same moment, and run out when their time has come."""

from datetime import datetime
from typing import Final

from django.db import connection

from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.recover.acting import acting
from amends.recover.core.refusals import VoucherEnded
from amends.recover.core.voucher import VOUCHER
from amends.recover.models import LedgerEntry, Voucher
from amends.recover.voucher_codes import voucher_of

AT_ONCE: Final = 5_000


def redeem(
    code: str,
    *,
    unit: Unit | None,
    reference: str,
    now: datetime,
    acting_user: Staff | None = None,
    by: str = "",
) -> Voucher:
    """Redeem a voucher, whole and once. The same sale asked for again, by its reference and by whoever asked there
    before, gets the same answer.

    Args:
        code: as the customer shows it.
        unit: where it is redeemed.
        reference: the till's own number of the sale; may be empty, then nothing is taken for the same sale.
        now: the present.
        acting_user: the person at the till; None: a till of its own, which `by` names.
        by: of such a till.

    Raises:
        NotAllowed: the person may not.
        NotFound: the code was never given out, or the unit is out of the person's reach.
        VoucherEnded: it was redeemed before, ran out or was withdrawn.
    """
    if acting_user is not None:
        require(acting_user, "work_cases")
        reached = units_below(acting_user)
        if reached is not None and (unit is None or unit.pk not in reached):
            raise NotFound("There is no such unit here.")
    number = voucher_of(code)
    reference, by = reference[:100], f"staff:{acting_user.pk}" if acting_user is not None else by[:200]
    sale = (unit.pk if unit is not None else None, reference, by)  # each till counts its sales for itself
    with acting("redeem_voucher", acting_user):
        found = Voucher.objects.select_for_update(no_key=True).filter(pk=number).first() if number else None
        if found is None:
            raise NotFound("There is no voucher with this code.")
        before = (found.redeemed_at_unit_id, found.reference, found.redeemed_by)
        if found.state == "redeemed" and reference and before == sale:
            return found
        if "redeem" not in VOUCHER.moves_from(found.state):
            raise VoucherEnded(found.state, found.ended_at)
        if found.expires_at <= now:
            raise VoucherEnded("expired", found.expires_at)
        found.state, found.ended_at = VOUCHER.after(found.state, "redeem"), now
        found.redeemed_at_unit, found.reference, found.redeemed_by = unit, reference, by
        found.save(update_fields=["state", "ended_at", "redeemed_at_unit", "reference", "redeemed_by"])
        LedgerEntry.objects.create(
            key=f"redeem:{found.pk}",
            what="redeem",
            at=now,
            debit="vouchers",
            credit="redeemed",
            amount=found.amount,
            currency=found.currency,
            remedy_id=found.remedy_id,
            by=acting_user,
        )
    return found


def expire_vouchers(*, now: datetime, limit: int = AT_ONCE) -> int:
    """End the vouchers whose time has come, at most so many; how many. One that is being redeemed is left."""
    with acting("expire_vouchers"), connection.cursor() as cursor:
        cursor.execute(
            """
            with ended as (
                update recover_voucher set state = %(expired)s, ended_at = expires_at where id in (
                    select id from recover_voucher where state = %(open)s and expires_at <= %(now)s
                    order by expires_at limit %(limit)s for no key update skip locked
                ) returning id, amount, currency, remedy_id, expires_at
            )
            insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, remedy_id)
            select 'expire:' || id, 'expire', expires_at, 'vouchers', 'lapsed', amount, currency, remedy_id
            from ended order by id
            """,
            {
                "open": VOUCHER.initial,
                "expired": VOUCHER.after(VOUCHER.initial, "expire"),
                "now": now,
                "limit": limit,
            },
        )
        return int(cursor.rowcount)

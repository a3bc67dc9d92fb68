"""What was granted and is not yet with the customer can be taken back: by a line of its own, the first one stays."""

from datetime import datetime

from amends.people.models import Staff
from amends.people.selectors import NotFound, require
from amends.recover import ledger
from amends.recover.core.payout import PAYOUT
from amends.recover.core.refusals import NotReversible
from amends.recover.core.voucher import VOUCHER
from amends.recover.models import Payout, Remedy, Voucher
from amends.recover.services.holding import holding, save_case
from amends.recover.services.recharging import keep_claim


def reverse_remedy(remedy_id: int, *, reason: str, acting_user: Staff, now: datetime) -> Remedy:
    """Take a remedy back: a line below nothing, the payout cancelled or the voucher withdrawn, the budget free again.

    Raises:
        NotAllowed: the person may not take anything back.
        NotFound: there is no such remedy in their reach.
        NotReversible: it reached the customer, is on its way, was reversed before, or no reason is given.
    """
    require(acting_user, "work_money")
    case_id = Remedy.objects.filter(pk=remedy_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound(f"There is no remedy {remedy_id} here.")
    with holding("reverse_remedy", case_id, acting_user=acting_user, right="work_money") as (case, person):
        line = Remedy.objects.get(pk=remedy_id)
        if not reason.strip():
            raise NotReversible("reason")
        ledger.lock_totals(
            customer_ids=[line.customer_id], level_ids=[line.level], unit_id=case.unit_id, at=line.granted_at
        )
        if line.reverses_id is not None or Remedy.objects.filter(reverses_id=line.pk).exists():
            raise NotReversible("reversed")
        _stop(line, now)
        back = Remedy.objects.create(
            key=f"reversal:{line.pk}",
            case_id=line.case_id,
            customer_id=line.customer_id,
            action_id=line.action_id,
            kind=line.kind,
            amount=-line.amount,
            currency=line.currency,
            granted_at=now,
            granted_by=person,
            level=line.level,
            blueprint_id=line.blueprint_id,
            covered_by_id=line.covered_by_id,
            reverses=line,
            note=reason.strip()[:500],
        )
        keep_claim(case.pk)
        save_case(case)
    return back


def _stop(line: Remedy, now: datetime) -> None:
    payout = Payout.objects.select_for_update(no_key=True).filter(remedy=line).first()
    voucher = Voucher.objects.select_for_update(no_key=True).filter(remedy=line).first()
    if voucher is not None:
        if "withdraw" not in VOUCHER.moves_from(voucher.state):
            raise NotReversible("voucher_ended")
        voucher.state, voucher.ended_at = VOUCHER.after(voucher.state, "withdraw"), now
        voucher.save(update_fields=["state", "ended_at"])
    if payout is not None and "cancel" in PAYOUT.moves_from(payout.state):
        payout.state, payout.ended_at = PAYOUT.after(payout.state, "cancel"), now
        payout.save(update_fields=["state", "ended_at"])
    elif payout is not None and voucher is None:
        raise NotReversible("on_its_way")
    if payout is None and voucher is None:
        raise NotReversible("given")

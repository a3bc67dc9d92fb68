"""A supplier's fault is claimed back from them: opened with the case, its amount kept with what the case is given."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import quantise
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import blueprint_of
from amends.recover.core.recharge import RECHARGE
from amends.recover.core.refusals import Declined, Unfit
from amends.recover.models import Case, RechargeClaim, Remedy
from amends.recover.services.holding import holding

# of the case's own lines: what was given in one that is merged with it is claimed there, or it would be claimed twice
GIVEN = "(select coalesce(sum(amount), 0) from recover_remedy as remedy where remedy.case_id = {case})"


def open_claims(cursor: Any, pack: Blueprint) -> None:
    """Open a claim for each case of the table `opening` that a supplier is at fault for; once each."""
    cursor.execute(
        f"""
        insert into recover_rechargeclaim (case_id, unit_id, supplier, amount, currency, state, opened_at, note)
        select cases.id, cases.unit_id, coalesce(hit.facts ->> 'supplier', ''), {GIVEN.format(case="cases.id")},
            %s, '{RECHARGE.initial}', cases.opened_at, ''
        from opening join recover_case as cases on cases.id = opening.case_id
        join hit on hit.failure_id = opening.failure_id and hit.customer_id = opening.customer_id
        where opening.responsible = 'supplier' and cases.responsible = 'supplier'
        order by cases.id on conflict (case_id) do nothing
        """,
        [pack.currency],
    )


def keep_claims(cursor: Any, table: str) -> None:
    """Keep the open claims of the cases in the table (column case_id) at what those were given by now."""
    cursor.execute(
        f"""
        update recover_rechargeclaim as claim set amount = {GIVEN.format(case="claim.case_id")}
        where claim.state = '{RECHARGE.initial}' and claim.case_id in (select case_id from {table})
            and claim.amount <> {GIVEN.format(case="claim.case_id")}
        """
    )


def keep_claim(case_id: int) -> None:
    """The same for one case that is held."""
    RechargeClaim.objects.filter(case_id=case_id, state=RECHARGE.initial).update(amount=_given(case_id))


def follow_attribution(case: Case, *, supplier: str, person: Staff | None, now: datetime) -> None:
    """Open, rename or withdraw the claim of a case that is held, after somebody judged anew whose fault it was."""
    claim = RechargeClaim.objects.filter(case=case).first()
    if case.responsible != "supplier":
        if claim is not None and "withdraw" in RECHARGE.moves_from(claim.state):
            _move(claim, "withdraw", person, now)
        return
    if claim is None:
        RechargeClaim.objects.create(
            case=case,
            unit_id=case.unit_id,
            supplier=supplier,
            amount=_given(case.pk),
            currency=blueprint_of(case.blueprint_id).currency,
            state=RECHARGE.initial,
            opened_at=now,
        )
        return
    renamed = claim.supplier != supplier
    claim.supplier = supplier
    legal = RECHARGE.moves_from(claim.state)
    if "reopen" in legal:
        _move(claim, "reopen", person, now)
    elif renamed and "recall" in legal:  # it went to somebody whose fault it was not
        _move(claim, "recall", person, now)
    elif renamed and claim.state == RECHARGE.initial:
        claim.save(update_fields=["supplier"])


def move_recharge(
    claim_id: int,
    move: str,
    *,
    acting_user: Staff,
    now: datetime,
    recovered: Decimal | None = None,
    note: str = "",
    version: int | None = None,
) -> RechargeClaim:
    """Send a claim, settle it with what the supplier paid, or whatever else its lifecycle allows.

    Raises:
        IllegalMove: not from where it stands.
        Unfit: a settlement without what was recovered, or with more than was claimed.
        Declined: sending it to nobody.
    """
    found = RechargeClaim.objects.values_list("case_id", flat=True).filter(pk=claim_id).first()
    if found is None:
        raise NotFound(f"There is no recharge claim {claim_id} here.")
    with holding(f"{move}_recharge", found, acting_user=acting_user, right="recharge", version=version) as (_, person):
        claim = RechargeClaim.objects.get(pk=claim_id)
        RECHARGE.after(claim.state, move)
        if move == "send" and not claim.supplier:
            raise Declined(_NOBODY)
        if move == "settle":
            if recovered is None or not 0 <= recovered <= claim.amount:
                raise Unfit("recovered", _RECOVERED)
            claim.recovered = quantise(recovered, claim.currency)
        claim.note = note or claim.note
        _move(claim, move, person, now)
    return claim


def _move(claim: RechargeClaim, move: str, person: Staff | None, now: datetime) -> None:
    claim.state = RECHARGE.after(claim.state, move)
    claim.decided_by = person
    if claim.state == "sent":
        claim.amount, claim.sent_at = _given(claim.case_id), now
    elif claim.state == RECHARGE.initial:
        claim.amount, claim.sent_at, claim.ended_at, claim.recovered = _given(claim.case_id), None, None, None
    else:
        claim.ended_at = now
    claim.save(update_fields=["state", "decided_by", "sent_at", "ended_at", "amount", "recovered", "supplier", "note"])


def _given(case_id: int) -> Decimal:
    return Remedy.objects.filter(case_id=case_id).aggregate(total=Sum("amount"))["total"] or Decimal(0)


_NOBODY = Localised(
    en="Say first which supplier it was: the claim has nobody to go to.", zh="请先写明是哪家供应商，否则无从追偿。"
)
_RECOVERED = Localised(
    en="Say what the supplier paid: from nothing up to what was claimed.",
    zh="请填写供应商支付的金额，不得超过追偿金额。",
)

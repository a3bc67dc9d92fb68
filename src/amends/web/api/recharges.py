"""Recharge claims: what suppliers' faults cost, claimed back from them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.policy.present import present
from amends.recover.core.recharge import RECHARGE
from amends.recover.models import RechargeClaim
from amends.recover.selectors import access_recharge, recharges_for
from amends.recover.services import move_recharge
from amends.web.api.actions import Note
from amends.web.api.answers import After, Limit, PageOf, answer, page_answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.plans import Amount
from amends.web.api.tokens import caller, needs

router = Router(tags=["recharges"])


class RechargeOut(Schema):
    """A claim on a supplier."""

    id: int
    case: int
    unit: str | None
    supplier: str
    amount: str
    currency: str
    state: str
    opened_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    recovered: str | None
    decided_by: int | None
    note: str


class Move(Body):
    """One move of the claim's lifecycle."""

    move: Literal["send", "settle", "refuse", "recall", "withdraw", "reopen"]
    recovered: Annotated[Amount, Field(description="What the supplier paid; for `settle`.")] | None = None
    note: Note = ""


def shown(claim: RechargeClaim) -> dict[str, Any]:
    """A claim as plain values."""
    return {
        "id": claim.pk,
        "case": claim.case_id,
        "unit": claim.unit.code if claim.unit else None,
        "supplier": claim.supplier,
        "amount": claim.amount,
        "currency": claim.currency,
        "state": claim.state,
        "opened_at": claim.opened_at,
        "sent_at": claim.sent_at,
        "ended_at": claim.ended_at,
        "recovered": claim.recovered,
        "decided_by": claim.decided_by_id,
        "note": claim.note,
    }


@router.get("", auth=needs("read:recharges"), response=PageOf[RechargeOut], summary="List recharge claims")
def list_recharges(
    request: HttpRequest,
    state: Annotated[Literal["", *RECHARGE.states], Field(description="Empty for all.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The claims in the account's units, the newest first."""
    return page_answer(recharges_for(caller(request), state=state, after=after, limit=limit), shown)


@router.get("/{int:claim_id}", auth=needs("read:recharges"), response=RechargeOut, summary="Get a recharge claim")
def get_recharge(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One claim."""
    return answer(shown(access_recharge(caller(request), claim_id)))


@router.post(
    "/{int:claim_id}/move", auth=needs("write:recharges"), response=RechargeOut, summary="Move a recharge claim"
)
@once
def move(request: HttpRequest, claim_id: int, body: Move) -> HttpResponse:
    """Send it, settle it with what was recovered, record a refusal, take it back, withdraw it or claim again."""
    staff = caller(request)
    access_recharge(staff, claim_id)
    recovered = None if body.recovered is None else Decimal(body.recovered)
    move_recharge(claim_id, body.move, recovered=recovered, note=body.note, acting_user=staff, now=present())
    return answer(shown(access_recharge(staff, claim_id)))

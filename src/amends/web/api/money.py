"""Money: payouts and what came of them, vouchers redeemed, the books held against what happened."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.people.selectors import unit_for
from amends.policy.present import present
from amends.recover.core.payout import PAYOUT
from amends.recover.models import Payout, Reconciliation
from amends.recover.payouts.connector import Outcome, Result
from amends.recover.selectors.money import payouts_for, reconciliations
from amends.recover.services.reconciling import reconcile
from amends.recover.services.settling import reference_of, settle
from amends.recover.services.vouchers import redeem
from amends.web.api.answers import After, Limit, PageOf, answer, page_answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["money"])
MOST_RESULTS = 10_000


class PayoutOut(Schema):
    """A sum on its way to a customer."""

    id: int
    reference: str = Field(description="What this attempt is known by outside; results name it.")
    remedy: int
    case: int
    unit: str | None
    kind: str
    amount: str
    currency: str
    connector: str
    state: str
    due_at: datetime
    ended_at: datetime | None
    batch: str | None = Field(description="The key of the batch that it left with.")
    note: str


class ResultIn(Body):
    """What came of one payout."""

    reference: Annotated[str, Field(min_length=1, max_length=40)]
    outcome: Outcome
    note: Annotated[str, Field(max_length=500)] = ""


class Results(Body):
    """What came of payouts, as the bank or the payment service tells it."""

    results: Annotated[list[ResultIn], Field(min_length=1, max_length=MOST_RESULTS)]


class SettledOut(Schema):
    """What the results came to."""

    paid: int
    returned: int
    already: int = Field(description="Known before: the same results again change nothing.")
    unknown: list[str] = Field(description="References of no payout that was sent.")


class Redemption(Body):
    """A voucher as it is shown at a till."""

    code: Annotated[str, Field(min_length=1, max_length=60)]
    unit: Annotated[str, Field(max_length=64, description="Code of the unit where it is redeemed.")] = ""
    reference: Annotated[
        str, Field(max_length=100, description="The till's number of the sale; the same again gets the same answer.")
    ] = ""


class VoucherOut(Schema):
    """A voucher, without its code."""

    id: int
    remedy: int
    amount: str
    currency: str
    state: str
    issued_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None


class CheckOut(Schema):
    """One side of the books against one side of the records."""

    what: str
    currency: str
    books: str
    records: str


class ReconciliationOut(Schema):
    """The books held against what happened."""

    id: int
    at: datetime
    entries: int
    differences: int = Field(description="How many checks do not come to zero.")
    checks: list[CheckOut]


def _payout(payout: Payout) -> dict[str, Any]:
    return {
        "id": payout.pk,
        "reference": reference_of(payout.pk, payout.round),
        "remedy": payout.remedy_id,
        "case": payout.remedy.case_id,
        "unit": payout.unit.code if payout.unit else None,
        "kind": payout.remedy.kind,
        "amount": payout.amount,
        "currency": payout.currency,
        "connector": payout.connector,
        "state": payout.state,
        "due_at": payout.due_at,
        "ended_at": payout.ended_at,
        "batch": payout.batch.key if payout.batch else None,
        "note": payout.note,
    }


def _reconciliation(found: Reconciliation) -> dict[str, Any]:
    return {
        "id": found.pk,
        "at": found.at,
        "entries": found.entries,
        "differences": found.differences,
        "checks": found.checks,
    }


@router.get("/payouts", auth=needs("read:money"), response=PageOf[PayoutOut], summary="List payouts")
def list_payouts(
    request: HttpRequest,
    state: Annotated[Literal["", *PAYOUT.states], Field(description="Empty for all.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The payouts in the account's units, the newest first."""
    return page_answer(payouts_for(caller(request), state=state, after=after, limit=limit), _payout)


@router.post("/payouts/results", auth=needs("write:money"), response=SettledOut, summary="Tell what came of payouts")
@once
def take_results(request: HttpRequest, body: Results) -> HttpResponse:
    """Paid or returned, by reference; of two results of one payout the last counts."""
    told = [Result(reference=one.reference, outcome=one.outcome, note=one.note) for one in body.results]
    done = settle(told, now=present(), acting_user=caller(request))
    return answer(
        {"paid": done.paid, "returned": done.returned, "already": done.already, "unknown": list(done.unknown)}
    )


@router.post("/vouchers/redeem", auth=needs("write:vouchers"), response=VoucherOut, summary="Redeem a voucher")
@once
def redeem_voucher(request: HttpRequest, body: Redemption) -> HttpResponse:
    """Whole and once, whoever asks at the same moment: 404 for a code that was never given out, 409 for one that was
    redeemed, ran out or was taken back."""
    staff = caller(request)
    unit = unit_for(staff, body.unit) if body.unit else staff.unit
    used = redeem(body.code, unit=unit, reference=body.reference, acting_user=staff, now=present())
    return answer(
        {
            "id": used.pk,
            "remedy": used.remedy_id,
            "amount": used.amount,
            "currency": used.currency,
            "state": used.state,
            "issued_at": used.issued_at,
            "expires_at": used.expires_at,
            "redeemed_at": used.ended_at,
        }
    )


@router.get(
    "/ledger/reconciliations",
    auth=needs("read:money"),
    response=list[ReconciliationOut],
    summary="List reconciliations",
)
def list_reconciliations(request: HttpRequest) -> HttpResponse:
    """The last thirty, the newest first; for accounts of the whole company."""
    return answer([_reconciliation(found) for found in reconciliations(caller(request))])


@router.post("/ledger/reconciliations", auth=needs("write:money"), response=ReconciliationOut, summary="Reconcile now")
@once
def reconcile_now(request: HttpRequest) -> HttpResponse:
    """Hold the books against what happened, as of this moment."""
    return answer(_reconciliation(reconcile(now=present(), acting_user=caller(request))))

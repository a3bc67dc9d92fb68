"""Outcomes: what came of a case, as the customer or a colleague says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.policy.present import present
from amends.recover.models import Case, Outcome
from amends.recover.selectors import access_case
from amends.recover.services import record_outcome
from amends.web.api.answers import answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["outcomes"])

Grade = Annotated[int, Field(ge=1, le=5)]


class OutcomeIn(Body):
    """What came of a case; what is not known is null, and leaves what is on record as it is."""

    accepted: bool | None = None
    satisfaction_before: Grade | None = None
    satisfaction_after: Grade | None = None
    stays: bool | None = None
    told_others: bool | None = None
    source: Literal["customer", "staff"]
    note: Annotated[str, Field(max_length=2000)] = ""


class OutcomeOut(Schema):
    """What is on record."""

    case: int
    case_state: str
    accepted: bool | None
    satisfaction_before: int | None
    satisfaction_after: int | None
    stays: bool | None
    told_others: bool | None
    source: str
    recorded_at: datetime
    note: str


@router.post(
    "/cases/{int:case_id}/outcome", auth=needs("write:outcomes"), response=OutcomeOut, summary="Record an outcome"
)
@once
def post_outcome(request: HttpRequest, case_id: int, body: OutcomeIn) -> HttpResponse:
    """Say whether the customer accepted, how satisfied they were before and after, and whether they stay."""
    staff = caller(request)
    access_case(staff, case_id)
    record_outcome(case_id, **body.model_dump(), acting_user=staff, now=present())
    return answer(_shown(access_case(staff, case_id)))


def _shown(case: Case) -> dict[str, Any]:
    outcome = Outcome.objects.filter(case=case).values(*set(OutcomeOut.model_fields) - {"case_state"}).get()
    return outcome | {"case_state": case.state}

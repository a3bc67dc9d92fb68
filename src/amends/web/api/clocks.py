"""The clocks of a case: promise the next update, wait for the customer, go on."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router
from pydantic import AwareDatetime

from amends.policy.present import present
from amends.recover.core.refusals import NotAhead
from amends.recover.selectors import access_case
from amends.recover.services import promise_update, resume_case, wait_for_customer
from amends.web.api.answers import answer
from amends.web.api.bodies import Body
from amends.web.api.cases import CaseWhole, shown_whole
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs

router = Router(tags=["cases"])


class NextUpdate(Body):
    """By when the customer hears from us next."""

    by: Annotated[AwareDatetime, Field(strict=False, description="Ahead, at most 60 days.")]


class Needed(Body):
    """What we need from the customer."""

    needed: Annotated[str, Field(min_length=1, max_length=5000, description="They get it as a message.")]


@router.post("/{int:case_id}/promise", auth=needs("write:cases"), response=CaseWhole, summary="Promise the next update")
@once
def promise(request: HttpRequest, case_id: int, body: NextUpdate) -> HttpResponse:
    """A clock begins to run, and the customer's page says the time. The next news to them meet it."""
    staff = caller(request)
    access_case(staff, case_id)
    by: datetime = body.by
    try:
        promise_update(case_id, by=by, acting_user=staff, now=present())
    except NotAhead as refusal:
        raise Refused(422, str(refusal), where="body.by") from None
    return answer(shown_whole(access_case(staff, case_id)))


@router.post("/{int:case_id}/wait", auth=needs("write:cases"), response=CaseWhole, summary="Wait for the customer")
@once
def wait(request: HttpRequest, case_id: int, body: Needed) -> HttpResponse:
    """Ask the customer for something; the clocks of the repair stand still until they answer."""
    staff = caller(request)
    access_case(staff, case_id)
    wait_for_customer(case_id, needed=body.needed, acting_user=staff, now=present())
    return answer(shown_whole(access_case(staff, case_id)))


@router.post("/{int:case_id}/resume", auth=needs("write:cases"), response=CaseWhole, summary="Go on with a case")
@once
def resume(request: HttpRequest, case_id: int) -> HttpResponse:
    """Go on without waiting any longer; the clocks run on with the time that they had left."""
    staff = caller(request)
    access_case(staff, case_id)
    resume_case(case_id, acting_user=staff, now=present())
    return answer(shown_whole(access_case(staff, case_id)))

"""Between colleagues, for machines such as an intranet: telling what did not work, and asking for support.

What is read here is the account's own: what it answers, asked for, is offered or gives. There is no list of others'.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound
from amends.policy.present import present
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.models import Case, Support
from amends.recover.selectors.circle import confidential_for
from amends.recover.selectors.support import access_support, my_support, support_to_give
from amends.recover.services import ask_support, move_support, report_inside
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer, words_of
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs

router = Router(tags=["colleagues"])


class InsideOut(Schema):
    """A confidential case between colleagues, for one of its circle."""

    id: int
    kind: str
    subject: str
    state: str
    unit: str | None
    opened_at: datetime
    next_due: datetime | None


class InsideIn(Body):
    """What did not work."""

    kind: Annotated[str, Field(max_length=64)]
    words: Annotated[str, Field(max_length=2000)] = ""
    unit: Annotated[str | None, Field(max_length=64, description="Code of the unit that is to answer.")] = None
    about: Annotated[str, Field(max_length=254, description="E-mail of whom it is about; they never see it.")] = ""


class SupportOut(Schema):
    """Support that the account asked for, is offered or gives."""

    id: int
    kind: str
    state: str
    employee: str
    supporter: str | None
    case: int | None
    words: str
    why: Words | None
    begun_at: datetime
    due_at: datetime | None


class SupportsOut(Schema):
    """The account's own support, and what it is to give."""

    items: list[SupportOut]
    to_give: list[SupportOut]


class SupportIn(Body):
    """What would help."""

    kind: Literal["break", "talk", "thanks", "help"]
    words: Annotated[str, Field(max_length=500)] = ""
    case: int | None = None


class SupportMove(Body):
    """What becomes of it."""

    move: Literal["accept", "decline", "withdraw", "do"]


def _inside(case: Case) -> dict[str, Any]:
    return {
        "id": case.pk,
        "kind": case.kind,
        "subject": case.subject,
        "state": case.state,
        "unit": case.unit.code if case.unit else None,
        "opened_at": case.opened_at,
        "next_due": case.next_due,
    }


def _support(one: Support) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "state": one.state,
        "employee": one.employee.email,
        "supporter": one.supporter.email if one.supporter else None,
        "case": one.case_id,
        "words": one.words,
        "why": words_of(one.why),
        "begun_at": one.begun_at,
        "due_at": one.due_at,
    }


@router.get("/inside", auth=needs("read:cases"), response=PageOf[InsideOut], summary="List what one answers")
def list_inside(request: HttpRequest, after: After = None, limit: Limit = 50) -> HttpResponse:
    """The confidential cases between colleagues that the account answers; nobody else's circle shows in any list."""
    return page_answer(confidential_for(caller(request), told=False, after=after, limit=limit), _inside)


@router.post("/inside", auth=needs("write:cases"), response={201: InsideOut}, summary="Tell what did not work")
@once
def tell_inside(request: HttpRequest, body: InsideIn) -> HttpResponse:
    """Tell in confidence that colleagues failed the account's person; the case is seen by its circle alone."""
    staff = caller(request)
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    if body.kind not in pack.internal.kinds:
        words = (
            f"There is no kind {body.kind} between colleagues; there are {', '.join(pack.internal.kinds) or 'none'}."
        )
        raise Refused(422, words, where="body.kind")
    unit = None if body.unit is None else Unit.objects.filter(code=body.unit).first()
    if body.unit is not None and unit is None:
        raise Refused(422, f"There is no unit {body.unit!r}.", where="body.unit")
    about = Staff.objects.filter(email__iexact=body.about.strip(), is_active=True).first() if body.about else None
    if body.about and (about is None or about == staff):
        raise Refused(422, f"It can't be about {body.about!r}.", where="body.about")
    case = report_inside(
        form=uuid4().hex, kind=body.kind, unit=unit, words=body.words, about=about, acting_user=staff, now=present()
    )
    return answer(_inside(case), status=201)


@router.get("/support", auth=needs("read:cases"), response=SupportsOut, summary="List one's support")
def list_support(request: HttpRequest) -> HttpResponse:
    """What the account's person asked for or is offered, and what they are to give."""
    staff = caller(request)
    return answer(
        {
            "items": [_support(one) for one in my_support(staff)],
            "to_give": [_support(one) for one in support_to_give(staff)],
        }
    )


@router.post("/support", auth=needs("write:cases"), response={201: SupportOut}, summary="Ask for support")
@once
def post_support(request: HttpRequest, body: SupportIn) -> HttpResponse:
    """Ask for a break, a talk, a thank-you or help, of whoever leads one's unit."""
    staff = caller(request)
    try:
        made = ask_support(
            form=uuid4().hex, kind=body.kind, words=body.words, case_id=body.case, acting_user=staff, now=present()
        )
    except NotFound:
        raise Refused(422, f"There is no case {body.case} here.", where="body.case") from None
    return answer(_support(access_support(staff, made.pk)), status=201)


@router.post(
    "/support/{int:support_id}/move", auth=needs("write:cases"), response=SupportOut, summary="Answer or end support"
)
@once
def post_support_move(request: HttpRequest, support_id: int, body: SupportMove) -> HttpResponse:
    """Accept, decline, withdraw, or say that it is done: each by whose it is."""
    staff = caller(request)
    move_support(support_id, move=body.move, acting_user=staff, now=present())
    return answer(_support(access_support(staff, support_id)))

"""Knowing the customer: the look-up, whom to handle with care, and whether a claim is worth a closer look."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.monitor.models import RosterEntry
from amends.people.keyset import page_of
from amends.people.models import Customer
from amends.people.selectors import customers_seen_by
from amends.policy.present import present
from amends.recover.models import Case
from amends.recover.selectors import access_case, closer_look_for, look_up
from amends.recover.services import NothingToMark, look_closer, mark_demand
from amends.web.api.answers import After, Limit, PageOf, Words, answer, words_of
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs

router = Router(tags=["customers"])


class MatchOut(Schema):
    """What matched."""

    what: str = Field(description="phone, email, reference, name, subject, order or case")
    value: str


class CallerOut(Schema):
    """A customer who fits."""

    id: int
    reference: str
    name: str
    watched: bool
    matches: list[MatchOut]


class CallersOut(Schema):
    """The best first."""

    items: list[CallerOut]


class WatchedOut(Schema):
    """A customer to be handled with care."""

    id: int
    reference: str
    name: str
    watch_until: datetime
    watch_why: Words | None = Field(description="Where it was set by itself.")
    watch_reason: str = Field(description="In a person's words, where one set it.")


class SignOut(Schema):
    """One sign."""

    sign: str
    weight: int
    why: Words


class LookOut(Schema):
    """Somebody looked."""

    by: str
    at: datetime
    in_order: bool
    note: str
    signs: list[str]


class CloserLookOut(Schema):
    """Advice to staff; what the customer is owed never rests on it, and they are never shown it."""

    advised: bool
    stands: bool = Field(description="Advised, and nobody has looked since.")
    weight: int
    signs: list[SignOut]
    looks: list[LookOut]


class NewLook(Body):
    """What a closer look found."""

    in_order: bool
    note: Annotated[str, Field(min_length=1, max_length=2000)]


class NewDemand(Body):
    """A demand beyond what can be given."""

    asked: Annotated[str, Field(min_length=1, max_length=5000)]
    amount: Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,2})?$", description="Decimal.")] | None = None


class DemandOut(Schema):
    """It is on record, and the plan has what it adds."""

    id: int
    asked: str
    amount: str | None
    currency: str
    why: Words
    marked_at: datetime


@router.get("/look-up", auth=needs("read:customers"), response=CallersOut, summary="Look up a caller")
def look_up_caller(
    request: HttpRequest,
    q: Annotated[str, Field(min_length=1, max_length=100, description="Whatever they say first.")],
    limit: Annotated[int, Field(ge=1, le=50)] = 12,
) -> HttpResponse:
    """Who fits: a number from its front or by its last digits, words of a name, the beginning of a reference, e-mail
    address or subject, a case number; a subject and words of a name narrow each other."""
    now = present()
    found = look_up(caller(request), q, limit=limit)
    items = [
        {
            "id": one.customer.pk,
            "reference": one.customer.reference,
            "name": one.customer.name,
            "watched": one.customer.watch_until is not None and one.customer.watch_until > now,
            "matches": [{"what": match.what, "value": match.value} for match in one.matches],
        }
        for one in found
    ]
    return answer({"items": items})


@router.get("/watch", auth=needs("read:customers"), response=PageOf[WatchedOut], summary="Whom to handle with care")
def list_watched(
    request: HttpRequest,
    subject: Annotated[str, Field(max_length=300, description="Only who is on its roster.")] = "",
    customer: Annotated[str, Field(max_length=100, description="Only this one, by reference.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Customers whom we failed recently, of one subject's roster or by reference; at least one of the two is asked
    for."""
    if not subject and not customer:
        raise Refused(422, "Ask for a subject or a customer.", where="query.subject")
    rows = customers_seen_by(caller(request)).filter(watch_until__gt=present())
    if subject:
        rows = rows.filter(pk__in=RosterEntry.objects.filter(subject=subject).values("customer_id"))
    if customer:
        rows = rows.filter(reference=customer)
    page = page_of(rows.select_related("watch_why"), order=("id",), after=after, limit=limit)
    return answer({"items": [_watched(one) for one in page.rows], "next": page.after})


@router.get(
    "/cases/{int:case_id}/closer-look",
    auth=needs("read:cases"),
    response=CloserLookOut,
    summary="Is a claim worth a closer look",
)
def get_closer_look(request: HttpRequest, case_id: int) -> HttpResponse:
    """The signs with their reasons, and who looked already."""
    staff = caller(request)
    return answer(_looked(request, access_case(staff, case_id)))


@router.post(
    "/cases/{int:case_id}/closer-look",
    auth=needs("write:cases"),
    response={201: CloserLookOut},
    summary="Put a closer look on record",
)
@once
def add_closer_look(request: HttpRequest, case_id: int, body: NewLook) -> HttpResponse:
    """Somebody looked; the plan stays as it is."""
    staff = caller(request)
    case = access_case(staff, case_id)
    look_closer(case.pk, in_order=body.in_order, note=_said(body.note, "note"), acting_user=staff, now=present())
    return answer(_looked(request, case), status=201)


@router.post(
    "/cases/{int:case_id}/demand",
    auth=needs("write:cases"),
    response={201: DemandOut},
    summary="Mark a demand beyond what can be given",
)
@once
def add_demand(request: HttpRequest, case_id: int, body: NewDemand) -> HttpResponse:
    """The pack's answer to such demands is added to the plan: somebody senior, limits in writing, a record."""
    staff = caller(request)
    case = access_case(staff, case_id)
    amount = None if body.amount is None else Decimal(body.amount)
    try:
        demand = mark_demand(case.pk, asked=_said(body.asked, "asked"), amount=amount, acting_user=staff, now=present())
    except NothingToMark as refusal:
        raise Refused(409, str(refusal)) from None
    return answer(
        {
            "id": demand.pk,
            "asked": demand.asked,
            "amount": demand.amount,
            "currency": demand.currency,
            "why": words_of(demand.why),
            "marked_at": demand.marked_at,
        },
        status=201,
    )


def _said(text: str, where: str) -> str:
    if not text.strip():
        raise Refused(422, "It needs words.", where=f"body.{where}")
    return text


def _watched(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.pk,
        "reference": customer.reference,
        "name": customer.name,
        "watch_until": customer.watch_until,
        "watch_why": words_of(customer.watch_why),
        "watch_reason": customer.watch_reason,
    }


def _looked(request: HttpRequest, case: Case) -> dict[str, Any]:
    looked = closer_look_for(caller(request), case, now=present())
    return {
        "advised": looked.advice.advised,
        "stands": looked.stands,
        "weight": looked.advice.weight,
        "signs": [
            {"sign": one.sign, "weight": one.weight, "why": {"en": one.why.text.en, "zh": one.why.text.zh}}
            for one in looked.advice.found
        ],
        "looks": [
            {
                "by": look.looked_by.name,
                "at": look.looked_at,
                "in_order": look.in_order,
                "note": look.note,
                "signs": look.signs,
            }
            for look in looked.looks
        ],
    }

"""Authority: who may decide a sum in a case and why, gestures, complaints in writing, unit budgets."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.kernel.text import Localised
from amends.policy.present import present
from amends.recover.models import Budget
from amends.recover.selectors import BadSum, Explained, access_action, access_case, budgets_for, explain_authority
from amends.recover.services import keep_written_complaint, make_gesture, set_budget
from amends.recover.services.budgeting import BadBudget
from amends.web.api import actions
from amends.web.api.actions import ActionOut
from amends.web.api.answers import Words, answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs
from amends.web.api.units import unit_named

router = Router(tags=["authority"])
Sum = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2, strict=False)]


class TotalOut(Schema):
    """One limit: what counts against it so far, and how much it is."""

    of: str
    before: str
    limit: str


class LevelOut(Schema):
    """One level of the pack, held against the sum; `why_not` is null where it covers it."""

    level: str
    role: str
    approves: bool
    currency: str
    limits: list[str]
    why_not: Words | None
    totals: list[TotalOut]


class DeciderOut(Schema):
    """Somebody who may give leave."""

    id: int
    name: str
    email: str
    role: str
    away: bool
    nearest: bool


class BudgetLeftOut(Schema):
    """A budget over the case's unit."""

    unit: str
    amount: str
    left: str
    currency: str


class GestureOut(Schema):
    """What may be given right now, whatever else is spent."""

    id: str
    name: Words
    amount: str
    currency: str
    why_not: Words | None


class ExplainedOut(Schema):
    """Who may give a sum in a case and why."""

    case: int
    kind: str
    amount: str
    currency: str
    at_once: bool
    somebody_may: bool
    verdict: Words
    why_not: Words | None
    in_writing: Words | None
    levels: list[LevelOut]
    gives_leave: list[DeciderOut]
    budgets: list[BudgetLeftOut]
    gestures: list[GestureOut]


def _words(text: Localised | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "zh": text.zh}


def shown(explained: Explained) -> dict[str, Any]:
    """An explanation as plain values."""
    rule = explained.held.in_writing
    return {
        "case": explained.case.pk,
        "kind": explained.sum.kind,
        "amount": str(explained.sum.amount),
        "currency": explained.sum.currency,
        "at_once": explained.at_once,
        "somebody_may": explained.somebody_may,
        "verdict": _words(explained.verdict),
        "why_not": _words(explained.why),
        "in_writing": _words(rule.reason) if rule else None,
        "levels": [_level(view) for view in explained.levels],
        "gives_leave": [
            {
                "id": one.person.pk,
                "name": one.person.name,
                "email": one.person.email,
                "role": one.person.role,
                "away": one.away,
                "nearest": one.nearest,
            }
            for one in explained.gives_leave
        ],
        "budgets": [
            {
                "unit": budget.unit.code,
                "amount": str(budget.amount),
                "left": str(budget.amount - budget.spent),
                "currency": budget.currency,
            }
            for budget in explained.held.budgets
        ],
        "gestures": [
            {
                "id": ready.gesture.id,
                "name": _words(ready.gesture.name),
                "amount": str(ready.gesture.amount),
                "currency": ready.gesture.currency,
                "why_not": _words(ready.why_not),
            }
            for ready in explained.gestures
        ],
    }


def _level(view: Any) -> dict[str, Any]:
    level, spent = view.level, view.spent
    totals = (
        ("case", spent.case, level.per_case),
        ("customer", spent.customer + spent.household, level.per_customer.amount),
        ("period", spent.level, level.per_period.amount),
    )
    return {
        "level": level.id,
        "role": level.role,
        "approves": level.approves,
        "currency": level.currency,
        "limits": list(view.limits),
        "why_not": _words(view.why_not),
        "totals": [{"of": of, "before": str(before), "limit": str(limit)} for of, before, limit in totals],
    }


@router.get(
    "/cases/{int:case_id}/authority", auth=needs("read:cases"), response=ExplainedOut, summary="Explain an authority"
)
def explain(
    request: HttpRequest,
    case_id: int,
    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)],
    kind: Annotated[str, Field(max_length=24)] = "compensation",
) -> HttpResponse:
    """Who may give a sum in a case: the account at once, or others by leave; with limits and totals so far."""
    staff = caller(request)
    case = access_case(staff, case_id)
    try:
        return answer(shown(explain_authority(case, amount=amount, kind=kind, person=staff, now=present())))
    except BadSum as error:
        raise Refused(422, str(error), where="query.kind") from None


class GestureIn(Body):
    """Which gesture of the blueprint."""

    gesture: Annotated[str, Field(min_length=1, max_length=40)]


@router.post("/cases/{int:case_id}/gesture", auth=needs("write:actions"), response=ActionOut, summary="Make a gesture")
@once
def gesture(request: HttpRequest, case_id: int, body: GestureIn) -> HttpResponse:
    """Give the small thing that is always allowed, once a case, whatever limits and budgets have left."""
    staff = caller(request)
    access_case(staff, case_id)
    made = make_gesture(case_id, body.gesture, acting_user=staff, now=present())
    return answer(actions.shown(access_action(staff, made.pk)))


class ComplaintIn(Body):
    """The customer's own words."""

    words: Annotated[str, Field(min_length=1, max_length=20_000)]


class ComplaintOut(Schema):
    """A complaint in writing."""

    id: int
    case: int
    source: str
    given_at: datetime


@router.post(
    "/cases/{int:case_id}/complaint", auth=needs("write:cases"), response=ComplaintOut, summary="Enter a complaint"
)
@once
def complaint(request: HttpRequest, case_id: int, body: ComplaintIn) -> HttpResponse:
    """Keep the customer's complaint in writing; the same words twice are one."""
    staff = caller(request)
    access_case(staff, case_id)
    try:
        made = keep_written_complaint(case_id, words=body.words, source="machine", acting_user=staff, now=present())
    except ValueError as error:
        raise Refused(422, str(error), where="body.words") from None
    return answer({"id": made.pk, "case": case_id, "source": made.source, "given_at": made.given_at})


class BudgetOut(Schema):
    """What a unit and all below it may give away in a period."""

    id: int
    unit: str
    currency: str
    starts_at: datetime
    ends_at: datetime
    amount: str
    spent: str
    left: str
    source: str


class BudgetsOut(Schema):
    """The budgets in force and to come, each unit before those below it."""

    items: list[BudgetOut]


class BudgetIn(Body):
    """A unit's budget from one day to another, both included."""

    unit: Annotated[str, Field(min_length=1, max_length=64)]
    amount: Sum
    currency: Annotated[str, Field(min_length=3, max_length=3)]
    from_day: Annotated[date, Field(strict=False)]
    to_day: Annotated[date, Field(strict=False)]
    note: Annotated[str, Field(max_length=500)] = ""


def budget_shown(budget: Budget) -> dict[str, Any]:
    """A budget as plain values."""
    return {
        "id": budget.pk,
        "unit": budget.unit.code,
        "currency": budget.currency,
        "starts_at": budget.starts_at,
        "ends_at": budget.ends_at,
        "amount": budget.amount,
        "spent": budget.spent,
        "left": budget.amount - budget.spent,
        "source": budget.source,
    }


@router.get("/budgets", auth=needs("read:budgets"), response=BudgetsOut, summary="List budgets")
def list_budgets(request: HttpRequest) -> HttpResponse:
    """The budgets of the account's units, with what is spent and left."""
    return answer({"items": [budget_shown(one) for one in budgets_for(caller(request), now=present())]})


@router.put("/budgets", auth=needs("write:budgets"), response=BudgetOut, summary="Set a budget")
@once
def put_budget(request: HttpRequest, body: BudgetIn) -> HttpResponse:
    """Set a unit's budget; for the same days again, it changes. What was given before within these days counts."""
    staff = caller(request)
    unit = unit_named(staff, body.unit, where="body.unit")
    try:
        made = set_budget(
            unit.pk,
            amount=body.amount,
            currency=body.currency,
            from_day=body.from_day,
            to_day=body.to_day,
            note=body.note,
            acting_user=staff,
            now=present(),
        )
    except BadBudget as error:
        raise Refused(422, str(error), where="body") from None
    return answer(budget_shown(Budget.objects.select_related("unit").get(pk=made.pk)))

"""Cases: listed, read, and opened by hand for a failure that someone told us of."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES, Severity
from amends.kernel.strategies import STRATEGIES
from amends.monitor.selectors import access_incident
from amends.people.models import Customer
from amends.people.selectors import access_customer
from amends.policy.present import present
from amends.recover.core.case import CASE
from amends.recover.models import Case, Clock
from amends.recover.selectors import access_case, cases_for, clocks_of, ladder_of
from amends.recover.services import open_case
from amends.web.api.actions import ActionOut
from amends.web.api.actions import shown as shown_action
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer, words_of
from amends.web.api.bodies import Body, Facts
from amends.web.api.facts import kinds_in_force, misfit, taxonomy_in_force
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs
from amends.web.api.units import unit_named

router = Router(tags=["cases"])


class CaseCustomer(Schema):
    """Whose case it is."""

    id: int
    reference: str
    name: str


class CaseOut(Schema):
    """One customer's failure or failures, from finding out to making good."""

    id: int
    customer: CaseCustomer
    incident: int | None
    unit: str | None
    subject: str
    kind: str
    severity: Severity
    responsible: str
    controllable: bool
    state: str
    is_open: bool
    priority: float
    leaving: str
    opened_at: datetime
    closed_at: datetime | None
    next_due: datetime | None
    owner: int | None
    version: int


class PlanOut(Schema):
    """The plan in force."""

    playbook: str
    strategy: str
    revision: int
    why: Words


class ClockOut(Schema):
    """A deadline of the case; each promised next update and each step of the ladder is one of its own."""

    kind: str
    number: int
    state: str
    started_at: datetime
    due_at: datetime
    at_risk_at: datetime | None
    ended_at: datetime | None
    owner: str
    escalate_to: str
    escalated_at: datetime | None
    level: int
    paused_at: datetime | None
    remaining: float | None
    held: float


class HoldOut(Schema):
    """A time when we waited for the customer."""

    needed: str
    asked_at: datetime
    ended_at: datetime | None
    ended_by: str


class EscalationOut(Schema):
    """Whom a clock that ran out called."""

    clock: str
    level: int
    recipients: list[str]
    staff: list[int]
    at: datetime


class RemedyOut(Schema):
    """Worth that was given."""

    kind: str
    amount: str
    currency: str
    granted_at: datetime


class CaseWhole(CaseOut):
    """A case with its plan, actions, clocks and what was given."""

    facts: dict[str, Any]
    plan: PlanOut | None
    actions: list[ActionOut]
    clocks: list[ClockOut]
    holds: list[HoldOut]
    escalations: list[EscalationOut]
    ladder_step: int | None
    remedies: list[RemedyOut]


class NewCase(Body):
    """A failure that a customer or a colleague told us of."""

    customer: Annotated[str, Field(min_length=1, max_length=100, description="Reference.")]
    kind: Annotated[str, Field(min_length=1, max_length=64, description="A kind of failure of the taxonomy.")]
    subject: Annotated[str, Field(min_length=1, max_length=300)]
    unit: Annotated[str, Field(min_length=1, max_length=64, description="Code.")] | None = None
    facts: Facts = Field(default_factory=dict)
    words: Annotated[str, Field(max_length=10_000, description="What they said.")] = ""


def shown(case: Case) -> dict[str, Any]:
    """A case as plain values."""
    return {
        "id": case.pk,
        "customer": {"id": case.customer_id, "reference": case.customer.reference, "name": case.customer.name},
        "incident": case.incident_id,
        "unit": case.unit.code if case.unit else None,
        "subject": case.subject,
        "kind": case.kind,
        "severity": SEVERITY_NAMES[case.severity],
        "responsible": case.responsible,
        "controllable": case.controllable,
        "state": case.state,
        "is_open": case.is_open,
        "priority": case.priority,
        "leaving": case.leaving,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "next_due": case.next_due,
        "owner": case.owner_id,
        "version": case.version,
    }


def shown_clock(clock: Clock) -> dict[str, Any]:
    """A clock as plain values; spans in seconds."""
    row = {name: getattr(clock, name) for name in ClockOut.model_fields}
    return row | {
        "remaining": None if clock.remaining is None else clock.remaining.total_seconds(),
        "held": clock.held.total_seconds(),
    }


def shown_whole(case: Case) -> dict[str, Any]:
    """A case with everything that hangs on it."""
    plan = getattr(case, "plan", None)
    return shown(case) | {
        "facts": case.facts,
        "plan": plan
        and {
            "playbook": plan.playbook,
            "strategy": plan.strategy,
            "revision": plan.revision,
            "why": words_of(plan.why),
        },
        "actions": [shown_action(one) for one in case.actions.select_related("why").order_by("due_at", "id")],
        "clocks": [shown_clock(clock) for clock in clocks_of(case)],
        "holds": list(case.holds.order_by("id").values(*HoldOut.model_fields)),
        "escalations": [
            {
                "clock": row.clock.kind,
                "level": row.level,
                "recipients": row.recipients,
                "staff": row.staff_ids,
                "at": row.at,
            }
            for row in case.escalations.select_related("clock").order_by("id")
        ],
        "ladder_step": ladder.number if (ladder := ladder_of(case)) else None,
        "remedies": list(case.remedies.order_by("id").values(*RemedyOut.model_fields)),
    }


@router.get("", auth=needs("read:cases"), response=PageOf[CaseOut], summary="List cases")
def list_cases(
    request: HttpRequest,
    *,
    state: Annotated[Literal["", *CASE.states], Field(description="Empty for all.")] = "",
    severity: Severity | None = None,
    unit: Annotated[str, Field(max_length=64, description="Code.")] = "",
    owner: int | None = None,
    strategy: Annotated[Literal["", *STRATEGIES], Field(description="Of the plan. Empty for all.")] = "",
    search: Annotated[str, Field(max_length=200)] = "",
    sort: Literal["priority", "leaving", "due", "opened"] = "priority",
    incident: int | None = None,
    customer: int | None = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The cases in the account's units."""
    staff = caller(request)
    if unit:
        unit_named(staff, unit, where="query.unit")
    page = cases_for(
        staff,
        state=state,
        severity=None if severity is None else SEVERITIES[severity],
        unit=unit,
        owner=owner,
        strategy=strategy,
        search=search,
        sort=sort,
        incident=None if incident is None else access_incident(staff, incident),
        customer=None if customer is None else access_customer(staff, customer),
        after=after,
        limit=limit,
    )
    return page_answer(page, shown)


@router.get("/{int:case_id}", auth=needs("read:cases"), response=CaseWhole, summary="Get a case")
def get_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case with its plan, actions, clocks and remedies."""
    return answer(shown_whole(access_case(caller(request), case_id)))


@router.post("", auth=needs("write:cases"), response={201: CaseWhole}, summary="Open a case")
@once
def create_case(request: HttpRequest, body: NewCase) -> HttpResponse:
    """Open a case by hand: the failure is on record as reported, and the plan is made as for any other."""
    staff = caller(request)
    customer = Customer.objects.filter(reference=body.customer).first()
    if customer is None:
        raise Refused(422, f"There is no customer {body.customer} here.", where="body.customer")
    unit = staff.unit if body.unit is None else unit_named(staff, body.unit, where="body.unit")
    taxonomy, kinds = taxonomy_in_force(), kinds_in_force()
    if body.kind not in kinds:
        words = f"There is no kind of failure {body.kind}; there are {', '.join(kinds)}."
        raise Refused(422, words, where="body.kind")
    if wrong := misfit(body.facts, taxonomy):
        raise Refused(422, f"{wrong[0].upper()}{wrong[1:]}.", where="body.facts")
    case = open_case(customer, body.kind, body.subject, unit, body.facts, body.words, acting_user=staff, now=present())
    whole = access_case(staff, case.pk)
    return answer(shown_whole(whole), status=201, headers={"Location": f"/api/v1/cases/{case.pk}"})

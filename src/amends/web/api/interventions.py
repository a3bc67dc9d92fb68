"""Early interventions: promises that will likely break, and what somebody does about them before they do."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.monitor.core.prediction.lifecycles import INTERVENTION
from amends.monitor.foreseen import access_intervention, interventions_for
from amends.monitor.models import Intervention
from amends.monitor.services.intervening import finish_intervention, leave_intervention, take_intervention
from amends.policy.present import present
from amends.policy.selectors import blueprint_of
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["incidents"])


class InterventionOut(Schema):
    """A promise that will likely break, as it was foreseen when this was raised."""

    id: int
    state: str
    standard: str
    kind: str = Field(description="Of the failure that it would be.")
    subject: str
    unit: str | None
    due: datetime
    chance: float = Field(description="That it breaks, from 0 to 1.")
    customers: int
    expected_cost: str = Field(description="What its breaking would cost, times the chance.")
    currency: str
    why: list[Words]
    playbook: str = Field(description="The prepared plan.")
    raised_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    broken: bool | None = Field(description="What came of the promise; null while it is not known.")


class InterventionMove(Body):
    """What to do about it."""

    act: Literal["take", "do", "leave"] = Field(
        description="Take it on, say that what could be done is done, or let it be."
    )
    note: Annotated[str, Field(max_length=500)] = ""


@router.get(
    "/interventions",
    auth=needs("read:incidents"),
    response=PageOf[InterventionOut],
    summary="List early interventions",
)
def list_interventions(
    request: HttpRequest,
    state: Annotated[Literal["", *INTERVENTION.states], Field(description="Empty for those that wait.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """In the account's units, those with the greatest expected cost first."""
    return page_answer(interventions_for(caller(request), state=state, after=after, limit=limit), _shown)


@router.get(
    "/interventions/{int:intervention_id}",
    auth=needs("read:incidents"),
    response=InterventionOut,
    summary="Get an early intervention",
)
def get_intervention(request: HttpRequest, intervention_id: int) -> HttpResponse:
    """One early intervention with its reasons."""
    return answer(_shown(access_intervention(caller(request), intervention_id)))


@router.post(
    "/interventions/{int:intervention_id}/move",
    auth=needs("write:incidents"),
    response=InterventionOut,
    summary="Act on an early intervention",
)
@once
def move_intervention(request: HttpRequest, intervention_id: int, body: InterventionMove) -> HttpResponse:
    """Take it on, say that it is done, or let it be; the act is on record."""
    staff, now = caller(request), present()
    access_intervention(staff, intervention_id)
    if body.act == "take":
        take_intervention(intervention_id, acting_user=staff, now=now)
    else:
        act = {"do": finish_intervention, "leave": leave_intervention}[body.act]
        act(intervention_id, note=body.note, acting_user=staff, now=now)
    return answer(_shown(access_intervention(staff, intervention_id)))


def _shown(one: Intervention) -> dict[str, Any]:
    return {
        "id": one.pk,
        **{name: getattr(one, name) for name in ("state", "standard", "kind", "subject", "due", "chance", "customers")},
        "unit": one.unit.code if one.unit else None,
        "expected_cost": str(one.cost),
        "currency": blueprint_of(one.blueprint_id).currency,
        **{name: getattr(one, name) for name in ("why", "playbook", "raised_at", "taken_at", "ended_at", "broken")},
    }

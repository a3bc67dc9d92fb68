"""Actions: what is to be done for a case. Doing one goes through the same authority and approvals as in the console."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.policy.present import present
from amends.recover.models import Action
from amends.recover.selectors import access_action, access_case
from amends.recover.services import do_action, skip_action
from amends.web.api.answers import Words, answer, words_of
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["actions"])

Note = Annotated[str, Field(max_length=2000)]


class ActionOut(Schema):
    """One thing to do for one case."""

    id: int
    case: int
    step: str
    kind: str
    phase: str
    performer: str
    channel: str
    remedy: str
    amount: str | None
    currency: str
    authority: str
    justice: list[str]
    state: str
    ready_at: datetime
    due_at: datetime
    done_at: datetime | None
    done_by: int | None
    note: str
    why: Words


class ActionsOut(Schema):
    """All actions of a case, in the order in which they are due."""

    items: list[ActionOut]


class Remark(Body):
    """What is to be remembered about it."""

    note: Note = ""


class Reason(Body):
    """Why it is left undone."""

    note: Annotated[str, Field(min_length=1, max_length=2000)]


def shown(action: Action) -> dict[str, Any]:
    """An action as plain values."""
    return {
        "id": action.pk,
        "case": action.case_id,
        "step": action.step,
        "kind": action.kind,
        "phase": action.phase,
        "performer": action.performer,
        "channel": action.channel,
        "remedy": action.remedy,
        "amount": action.amount,
        "currency": action.currency,
        "authority": action.authority,
        "justice": action.justice,
        "state": action.state,
        "ready_at": action.ready_at,
        "due_at": action.due_at,
        "done_at": action.done_at,
        "done_by": action.done_by_id,
        "note": action.note,
        "why": words_of(action.why),
    }


@router.get("", auth=needs("read:actions"), response=ActionsOut, summary="List the actions of a case")
def list_actions(request: HttpRequest, case: int) -> HttpResponse:
    """What was, is and will be done for one case."""
    found = access_case(caller(request), case)
    actions = found.actions.select_related("why").order_by("due_at", "id")
    return answer({"items": [shown(action) for action in actions]})


@router.get("/{int:action_id}", auth=needs("read:actions"), response=ActionOut, summary="Get an action")
def get_action(request: HttpRequest, action_id: int) -> HttpResponse:
    """One action with why it was chosen."""
    return answer(shown(access_action(caller(request), action_id)))


@router.post("/{int:action_id}/do", auth=needs("write:actions"), response=ActionOut, summary="Do an action")
@once
def do(request: HttpRequest, action_id: int, body: Remark) -> HttpResponse:
    """Do it in the account's name. What goes beyond its authority is refused (403) or waits as an approval."""
    staff = caller(request)
    access_action(staff, action_id)
    do_action(action_id, acting_user=staff, now=present(), note=body.note)
    return answer(shown(access_action(staff, action_id)))


@router.post("/{int:action_id}/skip", auth=needs("write:actions"), response=ActionOut, summary="Skip an action")
@once
def skip(request: HttpRequest, action_id: int, body: Reason) -> HttpResponse:
    """Leave it undone, and say why."""
    staff = caller(request)
    access_action(staff, action_id)
    skip_action(action_id, acting_user=staff, now=present(), note=body.note)
    return answer(shown(access_action(staff, action_id)))

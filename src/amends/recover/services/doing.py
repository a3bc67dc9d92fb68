"""Actions done or skipped by people, within their authority; what goes beyond it waits for leave (Law 5)."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import blueprint_of
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.refusals import NotInWriting, Unfit
from amends.recover.holdings import Sum, hold
from amends.recover.models import Action, Approval
from amends.recover.services.finishing import finish, move_on
from amends.recover.services.holding import check_performer, holding
from amends.recover.services.leave import ask, decide
from amends.recover.services.split_payments import point_out
from amends.recover.services.supporting import offer_of_plan
from amends.recover.services.undoing import undoable

NO_SUM: Final = Localised(
    en="The tariff could not say how much this is: change the step and enter the sum first.",
    zh="补偿标准无法确定金额，请先点“修改”填写金额。",
)


def do_action(
    action_id: int, *, acting_user: Staff, now: datetime, note: str = "", version: int | None = None
) -> Action:
    """Do an action in one's own authority; what exceeds it is not done but waits for leave, asked for in one's name.

    Returns:
        the action: `done`, or `waiting_approval`.

    Raises:
        IllegalMove: it is done, skipped, refused or waiting already.
        NotInWriting: the customer's complaint has to be in writing first.
        Unfit: it gives a sum that a person has yet to say, for the tariff could not.
    """
    with holding("do_action", _case_of(action_id), acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        action = Action.objects.select_related("plan").get(pk=action_id)
        if action.state == "waiting_approval":
            ACTION.after("done", "do")  # leave is given by deciding the approval, never by doing the action
        state = action.state if action.state == "ready" else ACTION.after(action.state, "release")
        check_performer(person, action.performer)
        if action.remedy and action.amount is None:
            raise Unfit("amount", NO_SUM)
        pack = blueprint_of(action.plan.blueprint_id)
        what = Sum(kind=action.kind, amount=action.amount or Decimal(0), currency=action.currency)
        held = hold(case, what, pack, granter=person, at=now, lock=True)
        action.note, action.state = note or action.note, state
        if held.limits:
            ask(action, case, person, held, now=now)
            return action
        if held.in_writing is not None:
            raise NotInWriting(held.in_writing)
        finish(action, case, person, held.level, held, approval=None, now=now)
        if action.kind == "employee_support":
            offer_of_plan(action, case, by=person, now=now)
        point_out(held, case, person, approval=None, version_id=action.plan.blueprint_id, now=now)
    return action


def skip_action(action_id: int, *, acting_user: Staff, now: datetime, note: str, version: int | None = None) -> Action:
    """Leave an action undone, with the reason; leave asked for it is withdrawn."""
    with holding("skip_action", _case_of(action_id), acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person, and it does not come this way
        action = Action.objects.get(pk=action_id)
        check_performer(person, action.performer)
        with undoable(case, "skip_action", person, now=now):
            action.state = ACTION.after(action.state, "skip")
            action.note, action.done_at, action.done_by = note, now, person
            action.save(update_fields=["state", "note", "done_at", "done_by"])
            waiting = Approval.objects.filter(action=action, state__in=APPROVAL.states_with("withdraw")).first()
            if waiting is not None:
                decide(waiting, "withdraw", person, now=now, note=note)
            move_on(case, "", now)
    return action


def _case_of(action_id: int) -> int:
    found = Action.objects.values_list("case_id", flat=True).filter(pk=action_id).first()
    if found is None:
        raise NotFound(f"There is no action {action_id} here.")
    return found

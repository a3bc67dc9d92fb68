"""Gestures: the small things that the front line may always give at once, whatever limits and budgets have left.

A gesture is made once a case; what one customer gets in gestures has a ceiling of its own. It counts in all totals.
"""

from datetime import datetime

from django.db import connection

from amends.channels.services import queue_messages
from amends.kernel.blueprint.leave import Gesture
from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import blueprint_of, deployment
from amends.policy.services import keep_explanations
from amends.recover import ledger
from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE
from amends.recover.core.refusals import NoGesture
from amends.recover.models import Action, Case, Remedy
from amends.recover.moves import reached
from amends.recover.selectors.gestures import why_not_now
from amends.recover.services.calling_instead import call_instead
from amends.recover.services.holding import holding, save_case
from amends.recover.services.recharging import keep_claim
from amends.recover.services.telling import due_actions, letters, unheard


def make_gesture(
    case_id: int, gesture_id: str, *, acting_user: Staff, now: datetime, version: int | None = None
) -> Action:
    """Give it now: a done action of the plan, a line in the ledger, a letter.

    Raises:
        NotFound: the pack has no such gesture for this role.
        NoGesture: it was made already, or the customer had their share.
    """
    with holding("make_gesture", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        pack = blueprint_of(case.blueprint_id)
        allowed = pack.leave.gestures_of(person.role)  # type: ignore[arg-type]  # roles are text in the database
        gesture = next((one for one in allowed if one.id == gesture_id), None)
        if gesture is None:
            raise NotFound(f"There is no gesture {gesture_id!r} for the role {person.role}.")
        ledger.lock_totals(customer_ids=[case.customer_id], level_ids=[], unit_id=case.unit_id, at=now)
        why_not = why_not_now(gesture, case, now=now)
        if why_not is not None:
            raise NoGesture(why_not)
        action = _made(gesture, case, person, now=now)
        keep_claim(case.pk)
        with connection.cursor() as cursor:
            due = due_actions(cursor, [action.pk])
            written = letters(due, deployment(), now=now)
            queue_messages(written)
            call_instead(cursor, unheard(due, written), now=now)
        legal = CASE.moves_from(case.state)
        if "start" in legal:
            case.state = legal["start"]
        save_case(case, "state")
    return action


def _made(gesture: Gesture, case: Case, person: Staff, *, now: datetime) -> Action:
    version = case.blueprint_id
    why = Reason(rule=f"authority.gestures.{gesture.id}", text=gesture.reason)
    rule = _rule(gesture)
    explained = keep_explanations([why, rule], version_id=version)
    action = Action.objects.create(
        plan=case.plan,
        case=case,
        step=f"gesture:{gesture.id}",
        kind=gesture.kind,
        phase="immediate",
        performer=person.role,
        channel="outbox",
        template=gesture.template,
        remedy=gesture.remedy,
        amount=gesture.amount,
        currency=gesture.currency,
        authority=person.role,
        justice=list(gesture.justice),
        why_id=explained[why.digest(version)],
        state=reached(ACTION, "release", "do"),
        ready_at=now,
        due_at=now,
        done_at=now,
        done_by=person,
    )
    level = f"{ledger.GESTURE}{gesture.id}"
    Remedy.objects.create(
        key=f"action:{action.pk}",
        case=case,
        customer_id=case.customer_id,
        action=action,
        kind=gesture.remedy,
        amount=gesture.amount,
        currency=gesture.currency,
        granted_at=now,
        granted_by=person,
        level=level,
        blueprint_id=version,
        covered_by_id=explained[rule.digest(version)],
        case_before=ledger.by_case([case.pk]).get(case.pk, 0),
        customer_before=ledger.gestures_to(case.customer_id, since=now - gesture.per_customer.period, until=now),
        level_before=None,
    )
    return action


def _rule(gesture: Gesture) -> Reason:
    most = Money(gesture.per_customer.amount, gesture.currency)
    days = gesture.per_customer.period.days
    return Reason(
        rule=f"authority.gestures.{gesture.id}",
        text=Localised(
            en=f"A gesture that is always allowed: once a case, at most {most.in_('en')} a customer in {days} days.",
            zh=f"随时可赠送的小额心意：每案一次，每位顾客{days}天内合计不超过{most.in_('zh')}。",
        ),
    )

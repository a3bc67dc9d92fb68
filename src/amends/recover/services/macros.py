"""A macro previewed for one case, and run: step by step, each as if its button were pressed, with its result."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from amends.kernel.lifecycle import IllegalMove
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.canned import NotFilled, filled
from amends.recover.core.checklist import NotTicked
from amends.recover.core.macro import LABELS, Step, steps_of
from amends.recover.core.refusals import (
    BeyondAuthority,
    Declined,
    NotAhead,
    NotInWriting,
    SelfApproval,
    StaleVersion,
    Unfit,
)
from amends.recover.models import Action, Case
from amends.recover.selectors.cases import access_case
from amends.recover.selectors.replies import Written, access_macro, access_reply, reply_facts, written
from amends.recover.selectors.timeline import ACTION_WORDS
from amends.recover.selectors.work import checklist_items
from amends.recover.services.doing import do_action
from amends.recover.services.handling import tick
from amends.recover.services.noting import write_note
from amends.recover.services.promising import promise_update
from amends.recover.services.working import close_case, send_message, take_case

REFUSED = (
    *(IllegalMove, BeyondAuthority, SelfApproval, StaleVersion, NotAllowed, NotFound, NotFilled, NotTicked),
    *(Declined, NotAhead, NotInWriting, Unfit),
)


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a step would do."""

    label: Localised
    more: Localised | None = None
    letter: Written | None = None
    why_not: Exception | None = None  # it could not be done as things stand now


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a step."""

    label: Localised
    more: Localised | None
    state: str  # "done", "waiting" for leave, "failed" or "not_run"
    why: Exception | None = None


def preview_macro(macro_id: int, case_id: int, *, acting_user: Staff, now: datetime) -> list[Foreseen]:
    """What each step would do to the case after those before it. The steps are rehearsed, and nothing of them stays:
    so a letter speaks of the very time that the macro promises."""
    case, steps = access_case(acting_user, case_id), steps_of(access_macro(acting_user, macro_id).steps)
    with transaction.atomic():
        foreseen = [_rehearsed(step, case, acting_user, now) for step in steps]
        transaction.set_rollback(True)
    return foreseen


def run_macro(macro_id: int, case_id: int, *, acting_user: Staff, now: datetime) -> list[Result]:
    """Run the steps in order. The first that cannot be done ends the run; what was done before it stays done."""
    case, steps = access_case(acting_user, case_id), steps_of(access_macro(acting_user, macro_id).steps)
    results: list[Result] = []
    stopped = False
    for step in steps:
        label, said = LABELS[step.act], step
        if stopped:
            results.append(Result(label=label, more=_more(step, case), state="not_run"))
            continue
        try:
            said = _filled(step, case_id, acting_user, now)
            done = _act(said, case_id, acting_user, now, _letter(step, case_id, acting_user, now))
        except REFUSED as refusal:
            stopped = True
            results.append(Result(label=label, more=_more(said, case), state="failed", why=refusal))
        else:
            waits = isinstance(done, Action) and done.state == "waiting_approval"
            results.append(Result(label=label, more=_more(said, case), state="waiting" if waits else "done"))
    return results


def _act(step: Step, case_id: int, person: Staff, now: datetime, letter: Written | None) -> object:
    if letter is not None:
        return send_message(case_id, subject=letter.subject, body=letter.body, acting_user=person, now=now)
    if step.act == "promise":
        return promise_update(case_id, by=now + timedelta(hours=step.hours), acting_user=person, now=now)
    if step.act == "do":
        return do_action(_action(step, case_id).pk, acting_user=person, now=now)
    if step.act == "note":
        return write_note(case_id, body=step.text, acting_user=person, now=now)
    if step.act == "tick":
        return tick(case_id, item=step.item, ticked=True, acting_user=person, now=now)
    plain: Callable[..., object] = take_case if step.act == "take" else close_case
    return plain(case_id, acting_user=person, now=now)


def _rehearsed(step: Step, case: Case, person: Staff, now: datetime) -> Foreseen:
    said, letter, why_not = step, None, None
    try:
        with transaction.atomic():
            said, letter = _filled(step, case.pk, person, now), _letter(step, case.pk, person, now)
            _act(said, case.pk, person, now, letter)
    except REFUSED as refusal:
        why_not = refusal
    return Foreseen(label=LABELS[step.act], more=_more(said, case), letter=letter, why_not=why_not)


def _filled(step: Step, case_id: int, person: Staff, now: datetime) -> Step:
    """A step with its own words filled from the case as it stands."""
    if step.act != "note":
        return step
    return replace(step, text=filled(step.text, reply_facts(person, access_case(person, case_id), at=now)))


def _letter(step: Step, case_id: int, person: Staff, now: datetime) -> Written | None:
    """What a step writes as the case stands; None: it writes nothing."""
    if step.act != "message":
        return None
    case = access_case(person, case_id)
    return written(access_reply(person, step.reply), reply_facts(person, case, at=now), case.customer.locale)


def _action(step: Step, case_id: int) -> Action:
    """The first action of the kind that is still to be done."""
    found = Action.objects.filter(case_id=case_id, kind=step.kind, state__in=("ready", "scheduled"))
    action = found.order_by("due_at", "pk").first()
    if action is None:
        raise NotFound(f"Case {case_id} has no {step.kind} left to do.")
    return action


def _more(step: Step, case: Case) -> Localised | None:
    if step.act == "do":
        return ACTION_WORDS.get(step.kind)
    if step.act == "promise":
        hour = "hour" if step.hours == 1 else "hours"
        return Localised(en=f"within {step.hours} {hour}", zh=f"{step.hours} 小时内")
    if step.act == "note":
        return Localised(en=step.text, zh=step.text)
    if step.act == "tick":
        return next((item.text for item in checklist_items(case) if item.id == step.item), None)
    return None

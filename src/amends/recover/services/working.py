"""What people do with a case besides its actions: take it, write, record objections and outcomes, close and reopen
it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection

from amends.channels.services import receive
from amends.people.models import Customer, Staff
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, OPEN
from amends.recover.models import Action, Approval, Case, Clock, Handover, Hold, Outcome
from amends.recover.search import add_words
from amends.recover.services.assessing import weigh_words
from amends.recover.services.carrying_out import after_done
from amends.recover.services.climbing import answer_objection, climb, meet
from amends.recover.services.handing_over import change_owner
from amends.recover.services.handling import check_ticked
from amends.recover.services.holding import holding, save_case
from amends.recover.services.own_words import write_to
from amends.recover.services.promising import promise
from amends.recover.services.reckoning import reckon
from amends.recover.services.repairing import promise_repair
from amends.recover.services.supporting import consider_support
from amends.recover.services.undoing import undoable
from amends.recover.services.waits import go_on

ANSWER: Final = frozenset({"accepted", "satisfaction_after"})  # what customers say themselves


def take_case(
    case_id: int,
    *,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,
) -> Case:
    """Make the case one's own."""
    with holding("take_case", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person
        with undoable(case, "take_case", person, now=now) as step:
            step["handover"] = change_owner(case, person, how=Handover.How.TAKEN, now=now, by=person).pk
    return case


def object_to_case(
    case_id: int, *, words: str, acting_user: Staff | Customer | None, now: datetime, version: int | None = None
) -> Case:
    """Record that the customer objects, in their words: the case goes one step up the ladder, and a repair that was
    finished is promised anew."""
    with holding("object_to_case", case_id, acting_user=acting_user, version=version) as (case, _):
        case.state = CASE.after(case.state, "object")
        hear(case, "objection", words, now)
        _object(case, now)
    return case


def record_outcome(
    case_id: int,
    *,
    accepted: bool | None,
    satisfaction_before: int | None,
    satisfaction_after: int | None,
    stays: bool | None,
    told_others: bool | None,
    source: str,
    acting_user: Staff | Customer | None,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Outcome:
    """Record what came of a case. Who accepts has had it made good; who does not, objects.

    What is None is not known, and leaves what is on record as it is.
    """
    said = {
        "accepted": accepted,
        "satisfaction_before": satisfaction_before,
        "satisfaction_after": satisfaction_after,
        "stays": stays,
        "told_others": told_others,
        "note": note,
    }
    with holding("record_outcome", case_id, acting_user=acting_user, version=version) as (case, person):
        who = {"source": Outcome.Source(source), "recorded_at": now, "recorded_by": person}
        outcome = _keep_outcome(case, said, who)
        legal = CASE.moves_from(case.state)
        if accepted and "accept" in legal:
            case.state = legal["accept"]
            save_case(case, "state")
            _content(case, now)
        elif accepted is False and "object" in legal:
            case.state = legal["object"]
            _object(case, now)
    return outcome


def _keep_outcome(case: Case, said: Mapping[str, Any], who: Mapping[str, Any]) -> Outcome:
    """Put what is said over what is known; simulated answers count as nothing known, and where customers answer
    themselves, neither does the answer that staff put on record for them.
    """
    known = Outcome.objects.filter(case=case).exclude(source=Outcome.Source.SIMULATED).first()
    if known is not None:
        anew = ANSWER if who["source"] == Outcome.Source.CUSTOMER != known.source else frozenset()
        said = {name: value for name, value in said.items() if value not in (None, "") or name in anew}
        if known.source == Outcome.Source.CUSTOMER and not ANSWER & said.keys():
            who = {}  # staff add to the customer's own answer, which stays theirs
    outcome, _ = Outcome.objects.update_or_create(case=case, defaults={**said, **who})
    return outcome


def close_case(case_id: int, *, acting_user: Staff | None, now: datetime, version: int | None = None) -> Case:
    """Close a case that awaits nothing more; what was still to follow is skipped, its clocks stop."""
    with (
        holding("close_case", case_id, acting_user=acting_user, version=version) as (case, person),
        undoable(case, "close_case", person, now=now),
    ):
        case.state = CASE.after(case.state, "close")
        if person is not None:
            check_ticked(case)
        for action in Action.objects.filter(case=case, state__in=ACTION.states_with("skip")):
            action.state = ACTION.after(action.state, "skip")
            action.done_at, action.done_by = now, person
            action.save(update_fields=["state", "done_at", "done_by"])
        for approval in Approval.objects.filter(case=case, state__in=APPROVAL.states_with("withdraw")):
            approval.state = APPROVAL.after(approval.state, "withdraw")
            approval.decided_at, approval.decided_by = now, person
            approval.save(update_fields=["state", "decided_at", "decided_by"])
        for clock in Clock.objects.filter(case=case, state__in=CLOCK.states_with("stop")):
            clock.state = CLOCK.after(clock.state, "stop")
            clock.ended_at = now
            clock.save(update_fields=["state", "ended_at"])
        case.is_open, case.closed_at, case.next_due = False, now, None
        save_case(case, "state", "is_open", "closed_at", "next_due")
        _reckon(case, now)
        consider_support(case, now=now)
    return case


def reopen_case(
    case_id: int, *, acting_user: Staff | Customer | None, now: datetime, version: int | None = None
) -> Case:
    """Take up a closed case again; its repair is promised anew."""
    with holding("reopen_case", case_id, acting_user=acting_user, version=version) as (case, _):
        case.state = CASE.after(case.state, "reopen")
        _open_again(case, now)
    return case


def send_message(
    case_id: int,
    *,
    subject: str,
    body: str,
    acting_user: Staff | None,
    now: datetime,
    next_by: datetime | None = None,
    version: int | None = None,
) -> int:
    """Write to the customer in one's own words; it counts as news, so it meets the clocks that promise some.

    Args:
        case_id: whose customer.
        subject: of the letter.
        body: of the letter.
        acting_user: who writes.
        now: when.
        next_by: by when the next news are promised; None: none are.
        version: of the case as the person saw it.
    """
    with holding("send_message", case_id, acting_user=acting_user, version=version) as (case, person):
        queued = write_to(case, subject=subject, body=body, now=now)
        answer_objection(case, person, now=now)
        with connection.cursor() as cursor:
            after_done(cursor, [(case.pk, "progress_notice", now)])
        add_words(case.pk, subject, body)
        if next_by is not None:
            promise(case, next_by, person, now=now)
        _reckon(case, now)
    return queued


def hear(case: Case, what: str, words: str, now: datetime) -> None:
    """Keep words of the customer with a case that is held."""
    customer = Customer.every.get(pk=case.customer_id)
    receive(
        key=f"case:{case.pk}:{what}:{case.version}",
        thread=f"case:{case.pk}",
        customer_id=customer.pk,
        channel_name="outbox",
        locale=customer.locale,
        subject=case.subject,
        body=words,
        now=now,
    )
    add_words(case.pk, words)
    weigh_words(case, words, now)
    consider_support(case, now=now)


def _object(case: Case, now: datetime) -> None:
    """Whatever we waited for, the customer has spoken; the case goes up, and somebody of the next step owns it."""
    go_on(case, Hold.Ended.CUSTOMER, now=now)
    _open_again(case, now)
    climb({case.pk: now})
    _reckon(case, now)
    case.refresh_from_db()


def _content(case: Case, now: datetime) -> None:
    """Whoever is content is owed no repair, no answer and no news."""
    for clock in Clock.objects.filter(case=case, kind__in=("resolve", "ladder"), state__in=OPEN):
        meet(clock, now)
    for clock in Clock.objects.filter(case=case, kind="inform", state=CLOCK.initial):
        clock.state, clock.ended_at = CLOCK.after(clock.state, "stop"), now
        clock.save(update_fields=["state", "ended_at"])
    _reckon(case, now)


def _reckon(case: Case, now: datetime) -> None:
    with connection.cursor() as cursor:
        reckon(cursor, {case.pk: now})


def _open_again(case: Case, now: datetime) -> None:
    """The case is open, and its repair, if it was finished, is promised anew in the time that its playbook gives."""
    case.is_open, case.closed_at = True, None
    save_case(case, "state", "is_open", "closed_at")
    with connection.cursor() as cursor:
        promise_repair(cursor, [case.pk], now=now)
    case.refresh_from_db()

"""One case of a customer merged into another: failures, open work, promised times and the say about money go along.

What was done stays where it was done, and the ledger's lines stay where the ledger has them; the case that goes on
shows them.
"""

from contextlib import ExitStack
from datetime import datetime
from typing import Final

from django.db import connection

from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.recover.acting import acting
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK
from amends.recover.core.merging import Work, merging
from amends.recover.core.refusals import Declined
from amends.recover.models import Action, Case, CaseFailure, CaseFamily, CaseLink, Clock, Hold
from amends.recover.selectors.desk import survivor_of
from amends.recover.selectors.judging import judged
from amends.recover.services.carrying_out import OPEN_ACTIONS, after_done
from amends.recover.services.carrying_over import carry_over, earliest_due, end_action, start_ready, stop_clocks
from amends.recover.services.holding import holding, save_case
from amends.recover.services.waits import go_on

AT_ONCE: Final = 100

TO_ITSELF: Final = Localised(en="A case can't be merged into itself.", zh="案件不能并入自身。")
ANOTHERS: Final = Localised(en="Only cases of the same customer can be merged.", zh="只有同一位顾客的案件才能合并。")
NOT_OPEN: Final = Localised(
    en="The case to merge into is not open. Open it again first, or merge the other way round.",
    zh="目标案件未处于处理中。请先重新处理该案件，或反向合并。",
)


def merge_cases(
    case_id: int, *, into: int, acting_user: Staff, now: datetime, note: str = "", version: int | None = None
) -> Case:
    """Merge a case into another open one of the same customer.

    Returns:
        the case that goes on.

    Raises:
        IllegalMove: the case is closed or merged already.
        Declined: another customer's, the same case, or one that is not open.
    """
    if case_id == into:
        raise Declined(TO_ITSELF)
    with ExitStack() as held:
        cases = {}
        for pk in sorted((case_id, into)):  # always in this order, or two merges would wait for each other in a circle
            seen = version if pk == case_id else None
            cases[pk], person = held.enter_context(holding("merge_cases", pk, acting_user=acting_user, version=seen))
        case, survivor = cases[case_id], cases[into]
        if case.customer_id != survivor.customer_id:
            raise Declined(ANOTHERS)
        state = CASE.after(case.state, "merge")
        if not survivor.is_open:
            raise Declined(NOT_OPEN)
        was, case.state = case.state, state
        CaseLink.objects.create(case=case, other=survivor, kind=CaseLink.Kind.MERGED_INTO, note=note, at=now, by=person)
        join_families(case, survivor)
        _carry_all(case, survivor, person, now=now)
        _look_like_both(case, survivor, was)
        _save(case, survivor, now=now)
    return survivor


def settle_merged(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Carry over what joined merged cases later, as when the monitor finds that more of their failures broke; how many.

    Cases that somebody is working on are left for the next time.
    """
    late = Case.objects.filter(state="merged", is_open=True).order_by("pk").values_list("pk", flat=True)[:limit]
    settled = 0
    for case_id in list(late):
        link = CaseLink.objects.get(case_id=case_id, kind=CaseLink.Kind.MERGED_INTO)
        with acting("settle_merged"):
            survivor_id = survivor_of(link.other_id)
            rows = Case.objects.select_for_update(no_key=True, skip_locked=True).order_by("pk")
            held = {row.pk: row for row in rows.filter(pk__in=(case_id, survivor_id))}
            if len(held) < 2:
                continue
            case, survivor = held[case_id], held[survivor_id]
            if not survivor.is_open and "reopen" in CASE.moves_from(survivor.state):
                survivor.state = CASE.after(survivor.state, "reopen")
                survivor.is_open, survivor.closed_at = True, None
            _carry_all(case, survivor, None, now=now)
            _look_like_both(case, survivor, "in_progress")
            _save(case, survivor, now=now)
            settled += 1
    return settled


def join_families(one: Case, other: Case) -> None:
    """From now on authority takes these cases, and whatever either was merged with or split from, for one."""
    roots = dict(CaseFamily.objects.filter(case__in=(one, other)).values_list("case_id", "root_id"))
    root = min(roots.get(one.pk, one.pk), roots.get(other.pk, other.pk))
    CaseFamily.objects.filter(root_id__in=set(roots.values())).update(root_id=root)
    missing = [case.pk for case in (one, other) if case.pk not in roots]
    CaseFamily.objects.bulk_create([CaseFamily(case_id=pk, root_id=root) for pk in missing])


def work_of(case: Case) -> dict[int, Action]:
    """All actions of a case, by number, in order."""
    return {action.pk: action for action in Action.objects.filter(case=case).order_by("pk")}


def _carry_all(case: Case, survivor: Case, person: Staff | None, *, now: datetime) -> None:
    same_harm = _same_harm(case, survivor)
    _carry_failures(case, survivor)
    mine, theirs = work_of(case), work_of(survivor)
    decided = merging(_as_work(mine), _as_work(theirs), same_harm=same_harm)
    fresh = []
    for pk, amount in decided.moves:
        action = mine.get(pk) or theirs[pk]
        state = action.state
        fresh.append(
            carry_over(
                action,
                survivor,
                state=state,
                amount=amount,
                person=person,
                now=now,
                note=f"→ {survivor.pk}",
            )
        )
    for pk in decided.drops:
        end_action(
            mine.get(pk) or theirs[pk], person=person, now=now, note=f"= {survivor.pk if pk in mine else case.pk}"
        )
    start_ready(fresh)
    if survivor.state != "paused":  # else it waits there too, and what stands still has its time yet
        go_on(case, Hold.Ended.DONE, now=now)
    _carry_clocks(case, survivor)
    stop_clocks(case, now=now)
    Hold.objects.filter(case=case, ended_at=None).update(ended_at=now, ended_by=Hold.Ended.DONE)
    if any(action.phase == "immediate" for action in fresh) and "resume" in CASE.moves_from(survivor.state):
        if survivor.state not in {"objected", "paused"}:  # what it waits for it waits for still
            survivor.state = CASE.after(survivor.state, "resume")
    elif any(pk in theirs for pk in decided.drops) and not _open_now(survivor):
        survivor.save(update_fields=["state"])
        with connection.cursor() as cursor:  # what was left of our part had been done in the other case
            after_done(cursor, [(survivor.pk, "", now)])
        survivor.refresh_from_db()


def _open_now(case: Case) -> bool:
    return Action.objects.filter(case=case, phase="immediate", state__in=OPEN_ACTIONS).exists()


def _same_harm(case: Case, survivor: Case) -> bool:
    if (case.kind, case.subject) == (survivor.kind, survivor.subject):
        return True
    mine = CaseFailure.objects.filter(case=case, moved_to=None).values("failure_id")
    return CaseFailure.objects.filter(case=survivor, moved_to=None, failure_id__in=mine).exists()


def _carry_failures(case: Case, survivor: Case) -> None:
    going = CaseFailure.objects.filter(case=case, moved_to=None)
    there = CaseFailure.objects.filter(case=survivor)
    there.filter(failure_id__in=going.values("failure_id")).exclude(moved_to=None).update(moved_to=None)
    fresh = list(going.exclude(failure_id__in=there.values("failure_id")).values_list("failure_id", flat=True))
    CaseFailure.objects.bulk_create([CaseFailure(case=survivor, failure_id=failure_id) for failure_id in sorted(fresh)])
    going.update(moved_to=survivor)


_OF_A_RUN = ("started_at", "due_at", "wake_at", "at_risk_at", "level", "escalated_at", "held")


def _carry_clocks(case: Case, survivor: Case) -> None:
    """What was promised by a certain time in either case is promised by the earlier one (Law 6)."""
    for clock in Clock.objects.filter(case=case, state__in=CLOCK.states_with("meet_late")).order_by("pk"):
        theirs = Clock.objects.filter(case=survivor, kind=clock.kind).order_by("state", "pk")
        same = theirs.filter(state=CLOCK.initial).first() or theirs.first()
        if same is None or same.state == "missed":
            continue
        if same.state == CLOCK.initial:
            if clock.due_at < same.due_at:
                same.due_at, same.wake_at = clock.due_at, clock.wake_at
                same.save(update_fields=["due_at", "wake_at"])
            continue
        if clock.state != CLOCK.initial or (clock.kind == "acknowledge" and same.state in {"met", "met_late"}):
            continue  # whoever had word from us knows that we know
        same.state = CLOCK.after(same.state, "restart")
        for field in _OF_A_RUN:
            setattr(same, field, getattr(clock, field))
        same.ended_at = None
        same.save(update_fields=["state", "ended_at", *_OF_A_RUN])


def _look_like_both(case: Case, survivor: Case, was: str) -> None:
    """The graver of the two decides how pressing it is; an objection to either is one to both."""
    survivor.severity = max(survivor.severity, case.severity)
    mine, theirs = judged(case).pressing, judged(survivor).pressing  # what a person added stays with the case
    if case.priority - mine > survivor.priority - theirs:
        survivor.priority, survivor.leaving = case.priority - mine + theirs, case.leaving
    survivor.owner_id = survivor.owner_id or case.owner_id
    survivor.team_id = survivor.team_id or case.team_id
    if was == "objected" and "object" in CASE.moves_from(survivor.state):
        survivor.state = CASE.after(survivor.state, "object")


def _save(case: Case, survivor: Case, *, now: datetime) -> None:
    case.is_open, case.closed_at, case.next_due = False, case.closed_at or now, None
    save_case(case, "state", "is_open", "closed_at", "next_due")
    survivor.next_due = earliest_due(survivor)
    save_case(survivor, "state", "is_open", "closed_at", "next_due", "severity", "priority", "leaving", "owner", "team")


def _as_work(actions: dict[int, Action]) -> list[Work]:
    return [
        Work(
            id=pk,
            step=action.step,
            kind=action.kind,
            state=action.state,
            amount=action.amount,
            currency=action.currency,
        )
        for pk, action in actions.items()
    ]

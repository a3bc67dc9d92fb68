"""Do what is ready, many actions in one transaction: letters queued, remedies in the ledger, clocks met, cases moved
on.

The case's row is the lock: who writes rows of a case has locked it first. The worker passes over cases that somebody is
working on and comes back for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from amends.channels.services import queue_messages
from amends.kernel.blueprint import MEETS, AuthorityLevel
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.scratch import know
from amends.policy.selectors import blueprint_of, deployment
from amends.recover import ledger
from amends.recover.acting import acting
from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, OPEN
from amends.recover.core.leaving import urgency_sql
from amends.recover.moves import move_rows, next_state, states_with
from amends.recover.queue import CHUNK
from amends.recover.services.authorising import (
    TOTALS_BEFORE,
    ask_leave,
    hold_back,
    keep_levels,
    lock_budgets,
    periods_of,
    rule_of,
)
from amends.recover.services.calling_instead import call_instead
from amends.recover.services.promising import keep_promises
from amends.recover.services.recharging import keep_claims
from amends.recover.services.telling import due_actions, letters, unheard
from amends.recover.services.waits import end_waits

OPEN_ACTIONS = tuple(state for state in ACTION.states if state not in ACTION.final)
OF_THE_WHOLE = ("resolve", "ladder")  # clocks that no single action meets


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """What one chunk did."""

    done: int
    held_back: int  # beyond the automatic authority by now: waiting for leave
    left: bool  # some are still ready: their cases were locked, or the chunk was full


def carry_out(first: int, last: int, *, now: datetime, as_of_ready: bool) -> CarriedOut:
    """Do the ready automatic actions with ids from `first` to `last`, of so many cases at most as a chunk has.

    What else is ready in one of these cases is done with it, so that one letter tells of it all.

    Args:
        first: lowest id.
        last: highest id.
        now: the present.
        as_of_ready: a demo replays the past: an action counts as done when it was ready, not when the worker got to it.
    """
    with acting("carry_out"), connection.cursor() as cursor:
        cases = _lock_cases(cursor, first, last)
        cursor.execute(
            f"""
            create temp table claimed on commit drop as
            select action.id, action.case_id, cases.customer_id, cases.unit_id, action.kind, action.performer,
                action.phase,
                action.amount, action.currency, action.remedy, plan.blueprint_id, null::text as beyond,
                {"action.ready_at" if as_of_ready else "%(now)s::timestamptz"} as at
            from recover_action as action
            join recover_case as cases on cases.id = action.case_id
            join recover_plan as plan on plan.id = action.plan_id
            where action.case_id = any(%(cases)s) and {_TO_DO}
            """,
            {"cases": cases, "now": now},
        )
        know(cursor, "claimed")
        done, held_back = _do_and_grant(cursor, now=now, as_of_ready=as_of_ready)
        keep_claims(cursor, "claimed")
        cursor.execute("drop table claimed")
        cursor.execute(
            f"""
            select exists (
                select from recover_action as action join recover_case as cases on cases.id = action.case_id
                where action.id between %s and %s and {_TO_DO} and {_GOES_ON}
            )
            """,
            [first, last],
        )
        left = cursor.fetchone()[0]
    return CarriedOut(done=done, held_back=held_back, left=left)


_TO_DO = "action.state = 'ready' and action.performer = 'automatic'"
_GOES_ON = "cases.state <> 'merged'"  # what joined a merged case since may be done in the other: see `settle_merged`


def _lock_cases(cursor: Any, first: int, last: int) -> list[int]:
    cursor.execute(
        f"""
        select id from recover_case as cases where {_GOES_ON} and id in (
            select case_id from recover_action as action where action.id between %s and %s and {_TO_DO}
        ) order by id limit %s for no key update skip locked
        """,
        [first, last, CHUNK],
    )
    return [row[0] for row in cursor.fetchall()]


class _BeyondError(Exception):
    """Some of what was done is beyond the automatic authority."""


def _do_and_grant(cursor: Any, *, now: datetime, as_of_ready: bool) -> tuple[int, int]:
    """Do what is in the table `claimed`, as far as the authority goes; how many actions that was, how many it was not.

    All is done as if nothing were held back, and only then is the authority asked: whoever grants keeps all others from
    granting until the end, so that should be near. If something is held back after all, it is done anew without that.
    """
    place = deployment()
    try:
        with transaction.atomic():
            done = _do(cursor, place, now=None if as_of_ready else now)
            return done, _check_authority(cursor, now=now, done=True)
    except _BeyondError:
        held_back = _check_authority(cursor, now=now, done=False)
        return _do(cursor, place, now=None if as_of_ready else now), held_back


def _check_authority(cursor: Any, *, now: datetime, done: bool) -> int:
    """The check that counts: with customers and the level's total locked until the grant is committed (Law 5).

    Returns:
        How many actions are held back: they wait for leave.

    Raises:
        _BeyondError: something is to be held back that is `done`.
    """
    cursor.execute("select distinct blueprint_id from claimed")
    versions = [row[0] for row in cursor.fetchall()]
    cursor.execute("select distinct customer_id from claimed where amount > 0")
    customers = [row[0] for row in cursor.fetchall()]
    held_back = 0
    for version_id in versions:
        pack = blueprint_of(version_id)
        level = pack.authority_of("automatic")
        if customers and level is not None:
            ledger.lock_totals(customer_ids=customers, level_ids=[level.id])
            lock_budgets(cursor, "claimed")
        keep_levels(cursor, pack)
        cursor.execute(
            "create temp table part on commit drop as select * from claimed where blueprint_id = %s", [version_id]
        )
        hold_back(cursor, "part", pack, at="at")
        cursor.execute("select id from part where beyond is not null order by id")
        beyond = [row[0] for row in cursor.fetchall()]
        if beyond and done:
            raise _BeyondError
        if beyond:
            move_rows(cursor, ACTION, "ask", ids=beyond)
            cursor.execute("update part set phase = 'immediate'")  # whatever its phase, it was about to be done
            held_back += ask_leave(cursor, "part", pack, BlueprintVersion(pk=version_id), now=now)
            cursor.execute("update claimed set beyond = part.beyond from part where part.id = claimed.id")
        if level is not None:
            _grant(cursor, level, version_id)
        cursor.execute("drop table level, part")
    return held_back


def _grant(cursor: Any, level: AuthorityLevel, version_id: int) -> None:
    """Lines in the ledger, each once for its key (Law 3), with rule and totals that each was held against."""
    cursor.execute(
        f"""
        insert into recover_remedy (key, case_id, customer_id, action_id, kind, amount, currency, granted_at, level,
            blueprint_id, covered_by_id, case_before, customer_before, level_before)
        select 'action:' || id, case_id, customer_id, id, remedy, amount, currency, at, %(level)s, blueprint_id,
            %(rule)s, {TOTALS_BEFORE}
        from part where beyond is null and amount > 0 order by id
        """,
        {"level": level.id, "rule": rule_of(level, version_id), **periods_of(level)},
    )


def _do(cursor: Any, place: Deployment, *, now: datetime | None) -> int:
    cursor.execute("select id from claimed where beyond is null order by id")
    ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    due = due_actions(cursor, ids)
    written = letters(due, place, now=now)
    queue_messages(written)
    to_call = call_instead(cursor, unheard(due, written), now=now)
    move_rows(
        cursor,
        ACTION,
        "do",
        ids=ids,
        assign="done_at = " + ("ready_at" if now is None else "%s"),
        params=[] if now is None else [now],
    )
    cursor.execute(  # what nobody heard keeps no promise of news
        """
        create temp table done on commit drop as
        select case_id, case when case_id = any(%s) then '' else kind end as kind, at from claimed where beyond is null
        """,
        [list(to_call)],
    )
    _move_on(cursor)
    keep_promises(cursor, [action for action in due if action.case_id not in to_call], now=now)
    return len(ids)


def after_done(cursor: Any, done: Sequence[tuple[int, str, datetime]]) -> None:
    """Move clocks and cases on after actions were done: (case, kind of action, when) each; the cases are locked."""
    cursor.execute("create temp table done (case_id bigint, kind text, at timestamptz) on commit drop")
    with cursor.copy("copy done from stdin") as copy:
        for row in done:
            copy.write_row(row)
    keep_claims(cursor, "done")
    _move_on(cursor)


def _move_on(cursor: Any) -> None:
    """The same for all in the table `done`."""
    know(cursor, "done")
    _find_moving(cursor)
    _meet_clocks(cursor, MEETS)
    end_waits(cursor)
    _move_cases(cursor)
    cursor.execute("drop table done, moving")


def _find_moving(cursor: Any) -> None:
    """Make the table `moving`: the cases, and which of them have nothing of our immediate part left.

    Where an answer to an objection is owed, neither news alone nor asking how it went are one: who may give it does
    (`climbing.answer_objection`).
    """
    cursor.execute(
        """
        create temp table moving on commit drop as
        select cases.id, cases.state, done.at, not exists (
            select from recover_action as open where open.case_id = cases.id and open.phase = 'immediate'
                and open.state = any(%s)
        ) and not (done.news and exists (
            select from recover_clock as clock where clock.case_id = cases.id and clock.kind = 'ladder'
                and clock.state = any(%s)
        )) as finished
        from (
            select case_id, max(at) as at, bool_and(kind in ('progress_notice', 'follow_up')) as news
            from done group by 1
        ) as done
        join recover_case as cases on cases.id = done.case_id
        """,
        [list(OPEN_ACTIONS), list(OPEN)],
    )


def _meet_clocks(cursor: Any, meets: Mapping[str, Sequence[str]]) -> None:
    """Clocks are met by the kinds of action that meet them, and those of the whole when our immediate part is finished.

    Further promises are kept by what is done after they were made: news of the very same moment are those that make
    them, as when a macro promises the next update and then writes.
    """
    pairs = [(action, clock) for action, clocks in meets.items() for clock in clocks]
    cursor.execute(
        f"""
        update recover_clock as clock set ended_at = met.at,
            state = case when clock.state = 'paused' or met.at <= clock.due_at and clock.state = '{CLOCK.initial}'
                then {next_state(CLOCK, "meet", column="clock.state")}
                else {next_state(CLOCK, "meet_late", column="clock.state")} end
        from (
            select done.case_id, pair.clock, min(done.at) as at, false as whole
            from done join unnest(%s::text[], %s::text[]) as pair (action, clock) on pair.action = done.kind
            group by 1, 2
            union all
            select id, kind, at, true from moving cross join unnest(%s::text[]) as kind where finished
        ) as met
        where clock.case_id = met.case_id and clock.kind = met.clock and clock.state = any(%s)
            and (met.whole or clock.number = 1 or clock.started_at < met.at)
        """,
        [[a for a, _ in pairs], [c for _, c in pairs], list(OF_THE_WHOLE), list(OPEN)],
    )


def _move_cases(cursor: Any) -> None:
    """A case is in progress once something was done, and awaits its customer when nothing of our immediate part is
    left: then its later steps have their time, those too that waited for an answer to an objection.

    What asks how it went comes as long after the last thing that was done as its plan has it after the failure was
    found: half the time that it has (`inserting.plan_work`), so that the customer has seen it. A time that a person
    set for a conversation of theirs stays.
    """
    cursor.execute(
        f"""
        update recover_action as action set ready_at = later.ready_at,
            due_at = action.due_at + (later.ready_at - action.ready_at),
            state = case action.state when 'scheduled' then action.state
                else {next_state(ACTION, "schedule", column="action.state")} end
        from moving join recover_action as step on step.case_id = moving.id and step.phase = 'follow_up'
        cross join lateral (
            select step.kind = 'follow_up' and (step.state <> 'scheduled' or step.performer = 'automatic') as asks
        ) as what
        cross join lateral (
            select greatest(step.ready_at,
                moving.at + case when asks then step.due_at - step.ready_at else interval '0' end) as ready_at
        ) as later
        where moving.finished and action.id = step.id
            and (step.state = any(%s) or step.state = 'scheduled' and step.ready_at < later.ready_at)
        """,
        [list(states_with(ACTION, "schedule"))],
    )
    started, finished = states_with(CASE, "start"), states_with(CASE, "finish")
    cursor.execute(
        f"""
        update recover_case as cases set version = version + 1, next_due = running.due_at,
            leaving = case when moving.finished then 0 else leaving end,
            priority = priority - case when moving.finished then {urgency_sql("leaving")} else 0 end,
            state = case
                when moving.state = any(%(started)s) and moving.finished
                    then {next_state(CASE, "start", "finish", column="moving.state")}
                when moving.state = any(%(started)s) then {next_state(CASE, "start", column="moving.state")}
                when moving.state = any(%(finished)s) and moving.finished
                    then {next_state(CASE, "finish", column="moving.state")}
                else moving.state end
        from moving left join lateral (
            select min(due_at) as due_at from recover_clock as clock where clock.case_id = moving.id and clock.state =
                'running'
        ) as running on true
        where cases.id = moving.id
        """,
        {"started": list(started), "finished": list(finished)},
    )

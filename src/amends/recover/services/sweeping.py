"""What time does: clocks are at risk, run out and call people, level by level; cases grow dearer to leave; and
follow-ups whose time has come are made ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from amends.kernel.text import Localised
from amends.people.models import Unit
from amends.policy.scratch import know
from amends.policy.selectors import blueprint_of
from amends.recover.acting import acting
from amends.recover.core.action import ACTION
from amends.recover.core.calling import called
from amends.recover.core.clocks import CLOCK, CLOCK_WORDS, OPEN
from amends.recover.core.leaving import next_crossing
from amends.recover.core.waking import Ticking, Waking, levels_of, woken
from amends.recover.models import Escalation
from amends.recover.moves import move_rows, next_state
from amends.recover.queue import CHUNK, defer_carry_out
from amends.recover.selectors.calling import colleagues
from amends.recover.selectors.circle import circles_of
from amends.recover.services.answering import ANSWERED, HAS_ANSWERED
from amends.recover.services.consent import NOT_ASKED, UNASKED
from amends.recover.services.leaving_out import leave_out, leave_out_follow_ups
from amends.recover.services.noticing import News, tell
from amends.recover.services.promising import NEWS_NOT_OWED, NEWS_TOO_EARLY, NO_NEWS_OWED
from amends.recover.services.reckoning import reckon
from amends.recover.services.ticking import warns_at

AT_ONCE: Final = 5_000
# nobody is asked by itself whether it was made right while they say that it was not
ASKS_TOO_EARLY: Final = f"""(action.kind = 'follow_up' and action.performer = 'automatic' and (
    cases.state = 'objected' or exists (
        select from recover_clock as clock where clock.case_id = action.case_id and clock.kind = 'ladder'
            and clock.state in ({", ".join(f"'{state}'" for state in OPEN)}))))"""
FOLLOWING: Final = f"""recover_action as action join recover_case as cases on cases.id = action.case_id
    where action.state = 'scheduled' and action.ready_at <= %s and not ({ASKS_TOO_EARLY} or {NEWS_TOO_EARLY})"""
WAKING: Final = "recover_clock where wake_at is not null and state in ('running', 'missed')"  # as the index has it


def sweep_clocks(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Do what time brings about before `now`, and release follow-ups; how many rows, 0: nothing left.

    Cases that somebody is working on are left for the next sweep.
    """
    return release_follow_ups(now=now, limit=limit) + wake_clocks(now=now, limit=limit)


def wake_clocks(*, now: datetime, limit: int = AT_ONCE) -> int:
    """See to the clocks whose time to wake came before `now`, at most those of `limit` cases; how many.

    Each is at risk once, missed once, and calls each level once: a row is changed only from the state in which it was
    read, and an escalation is unique.
    """
    with acting("sweep_clocks"), connection.cursor() as cursor:
        cases = _locked_cases(cursor, f"{WAKING} and wake_at < %s", "wake_at", now, limit)
        sleepers = _sleepers(cursor, cases, now)
        if not sleepers:
            return 0
        wakings = [(one, _woken(one, now=now)) for one in sleepers]
        _write(cursor, wakings, now=now)
        _warn(wakings, now=now)
        _escalate(wakings, now=now)
        reckon(cursor, dict.fromkeys(cases, now))
        return len(sleepers)


@dataclass(frozen=True)
class _Sleeper:
    """A clock whose time to wake has come, with what decides about it."""

    id: int
    case_id: int
    kind: str
    number: int
    state: str
    started_at: datetime
    held: timedelta
    due_at: datetime
    at_risk_at: datetime | None
    level: int
    escalate_to: str
    playbook: str
    blueprint_id: int
    opened_at: datetime
    owner_id: int | None
    unit_id: int | None
    customer: str


def _sleepers(cursor: Any, cases: Sequence[int], now: datetime) -> list[_Sleeper]:
    cursor.execute(
        """
        select clock.id, clock.case_id, clock.kind, clock.number, clock.state, clock.started_at, clock.held,
            clock.due_at, clock.at_risk_at, clock.level, clock.escalate_to, plan.playbook, plan.blueprint_id,
            cases.opened_at, cases.owner_id, cases.unit_id, customer.name
        from recover_clock as clock
        join recover_case as cases on cases.id = clock.case_id
        join recover_plan as plan on plan.case_id = cases.id
        join people_customer as customer on customer.id = cases.customer_id
        where clock.case_id = any(%s) and clock.wake_at < %s and clock.state in ('running', 'missed')
        order by clock.id
        """,
        [cases, now],
    )
    return [_Sleeper(*row) for row in cursor.fetchall()]


def _woken(one: _Sleeper, *, now: datetime) -> Waking:
    pack = blueprint_of(one.blueprint_id)
    missed = one.state == "missed"
    warn_at = (
        one.due_at
        if missed
        else warns_at(pack, one.playbook, one.kind, one.number, started_at=one.started_at + one.held, due_at=one.due_at)
    )
    clock = Ticking(
        missed=missed, due_at=one.due_at, warn_at=warn_at, at_risk=one.at_risk_at is not None, level=one.level
    )
    return woken(clock, levels_of(one.kind, pack.escalations), now=now)


def _wakes_at(one: _Sleeper, waking: Waking, now: datetime) -> datetime | None:
    """The clock of the repair also keeps the curve of delay."""
    economics = blueprint_of(one.blueprint_id).economics
    crossing = next_crossing(one.opened_at, now, economics) if one.kind == "resolve" else None
    return min((at for at in (waking.wakes_at, crossing) if at is not None), default=None)


def _write(cursor: Any, wakings: Sequence[tuple[_Sleeper, Waking]], *, now: datetime) -> None:
    cursor.execute(
        """
        create temp table woken (id bigint, state text, level int, at_risk boolean, missed boolean, raised int,
            wake_at timestamptz) on commit drop
        """
    )
    with cursor.copy("copy woken from stdin") as copy:
        for one, waking in wakings:
            raised = max(waking.levels, default=one.level)
            copy.write_row(
                (one.id, one.state, one.level, waking.at_risk, waking.missed, raised, _wakes_at(one, waking, now))
            )
    know(cursor, "woken")
    cursor.execute(
        f"""
        update recover_clock as clock set
            state = case when woken.missed then {next_state(CLOCK, "miss", column="clock.state")} else clock.state end,
            at_risk_at = case when woken.at_risk then %(now)s else clock.at_risk_at end,
            escalated_at = case when woken.raised > 0 and clock.level = 0 then %(now)s else clock.escalated_at end,
            level = woken.raised, wake_at = woken.wake_at
        from woken where clock.id = woken.id and clock.state = woken.state and clock.level = woken.level
        """,
        {"now": now},
    )
    if cursor.rowcount != len(wakings):
        raise RuntimeError("a clock changed while its case was locked")
    cursor.execute("drop table woken")


def _warn(wakings: Sequence[tuple[_Sleeper, Waking]], *, now: datetime) -> None:
    """The owner of the case learns that time is running short; of a case without one the inbox says so to all."""
    tell(
        (
            News(
                staff_id=one.owner_id,
                case_id=one.case_id,
                what="at_risk",
                key=f"at_risk:{one.id}:{one.started_at.isoformat()}",
                reason=Localised(
                    en=f"Little time is left to {CLOCK_WORDS[one.kind].en} for {one.customer}.",
                    zh=f"{one.customer}：{CLOCK_WORDS[one.kind].zh}的时限将至。",
                ),
            )
            for one, waking in wakings
            if waking.at_risk and not waking.missed and one.owner_id is not None
        ),
        now=now,
    )


def _escalate(wakings: Sequence[tuple[_Sleeper, Waking]], *, now: datetime) -> None:
    """Put on record whom each level called, and tell them."""
    raised = [(one, level) for one, waking in wakings for level in waking.levels]
    if not raised:
        return
    people = colleagues()
    circles = circles_of({one.case_id for one, _ in raised})
    paths = dict(Unit.objects.filter(pk__in={one.unit_id for one, _ in raised}).values_list("pk", "path"))
    rows, news = [], []
    for one, number in raised:
        levels = levels_of(one.kind, blueprint_of(one.blueprint_id).escalations)
        to = levels[number - 1].to
        path = "" if one.unit_id is None else paths[one.unit_id]
        ids = called(to, people, path=path, owner=one.owner_id, named=one.escalate_to)
        if one.case_id in circles:  # confidential: whoever is called, it stays with those who answer it
            ids = circles[one.case_id]
        recipients = [one.escalate_to if word == "named" else word for word in to]
        rows.append(
            Escalation(
                clock_id=one.id,
                case_id=one.case_id,
                level=number,
                since=one.started_at,
                recipients=recipients,
                staff_ids=ids,
                at=now,
            )
        )
        reason = Localised(
            en=f"Out of time to {CLOCK_WORDS[one.kind].en} for {one.customer}. Level {number} of {len(levels)}.",
            zh=f"对{one.customer}未能按时{CLOCK_WORDS[one.kind].zh}（第{number}级，共{len(levels)}级）。",
        )
        key = f"escalated:{one.id}:{number}:{one.started_at.isoformat()}"
        news += [News(staff_id=id_, case_id=one.case_id, what="escalated", key=key, reason=reason) for id_ in ids]
    Escalation.objects.bulk_create(rows, batch_size=AT_ONCE)
    tell(news, now=now)


def release_follow_ups(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Make ready the later steps whose time has come, at most `limit`, and leave out those that nobody asked for or
    that have nothing left to ask or tell; how many."""
    with acting("release_follow_ups"), connection.cursor() as cursor:
        cases = _locked_cases(cursor, FOLLOWING, "ready_at", now, limit)
        cursor.execute(
            f"""
            select action.id, action.performer, action.case_id, plan.blueprint_id,
                case when {UNASKED} then 'unasked' when {ANSWERED} then 'answered'
                    when {NO_NEWS_OWED} then 'not_owed' end
            from recover_action as action
            join recover_plan as plan on plan.id = action.plan_id
            join recover_case as cases on cases.id = action.case_id
            join people_customer as customer on customer.id = cases.customer_id
            where action.case_id = any(%s) and action.state = 'scheduled' and action.ready_at <= %s
                and not ({ASKS_TOO_EARLY} or {NEWS_TOO_EARLY})
            order by action.id
            """,
            [cases, now],
        )
        rows = cursor.fetchall()

        def left_out(why: str) -> dict[int, tuple[int, int]]:
            return {id_: (case_id, version) for id_, _, case_id, version, reason in rows if reason == why}

        moved = leave_out_follow_ups(cursor, left_out("unasked"), NOT_ASKED, now=now)
        moved += leave_out_follow_ups(cursor, left_out("answered"), HAS_ANSWERED, now=now)
        moved += leave_out(cursor, left_out("not_owed"), NEWS_NOT_OWED, now=now)
        released = [row for row in rows if row[4] is None]
        moved += move_rows(cursor, ACTION, "release", ids=[id_ for id_, *_ in released])
        automatic = [id_ for id_, performer, *_ in released if performer == "automatic"]
        # a range may span actions of others: whoever comes first does them, nobody does them twice
        defer_carry_out(
            (automatic[start], automatic[min(start + CHUNK, len(automatic)) - 1])
            for start in range(0, len(automatic), CHUNK)
        )
        return moved


def _locked_cases(cursor: Any, due: str, order: str, now: datetime, limit: int) -> list[int]:
    """The cases of due rows, earliest first, locked unless somebody else has them."""
    cursor.execute(
        f"""
        select id from recover_case where id in (select case_id from {due} order by {order} limit %s)
        order by id for no key update skip locked
        """,
        [now, limit],
    )
    return [row[0] for row in cursor.fetchall()]

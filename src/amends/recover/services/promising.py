"""The next update that we promise: each promise is a clock of its own, met by the next news."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max

from amends.kernel.blueprint import Blueprint
from amends.kernel.lifecycle import IllegalMove
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.case import CASE, OWED, SETTLED
from amends.recover.core.clocks import CLOCK
from amends.recover.core.news import next_step, ready_at
from amends.recover.core.refusals import NotAhead
from amends.recover.core.step_names import ANEW, REPEAT
from amends.recover.models import Action, Case, Clock
from amends.recover.services.carrying_over import copied, free_step
from amends.recover.services.holding import holding, save_case
from amends.recover.services.reckoning import reckon
from amends.recover.services.telling import Due, due_actions, news_promised
from amends.recover.services.ticking import first_waking, rule_of

FARTHEST: Final = timedelta(days=60)
_FIRST_NEWS: Final = f"action.step !~ '[{REPEAT}][0-9]+({ANEW}|$)'"  # as the playbook plans them, not repeated
# the first automatic news of a wait are only put off; those that keep what news promised go on anew (`news_go_on`)
NEWS_TOO_EARLY: Final = f"""(action.kind = 'progress_notice' and action.performer = 'automatic'
    and cases.state = 'paused' and {_FIRST_NEWS})"""
# automatic news are sent while our part is to be done, and if they keep a promise, while nobody has kept it before
NO_NEWS_OWED: Final = f"""(action.kind = 'progress_notice' and action.performer = 'automatic' and not (
    cases.state in ({", ".join(f"'{state}'" for state in sorted(OWED))}) and ({_FIRST_NEWS} or exists (
        select from recover_clock as clock
        where clock.case_id = action.case_id and clock.kind = 'inform' and clock.due_at = action.due_at
            and clock.promised_by_id is null and clock.state in ('running', 'missed')))))"""
NEWS_NOT_OWED: Final = Reason(
    rule="clocks.inform.again",
    text=Localised(
        en="The customer has had news since, or our part is not to be done now, so nothing is sent by itself.",
        zh="顾客此后已收到进展，或目前不需我方处理，因此不再自动发送。",
    ),
)


def promise_update(
    case_id: int, *, by: datetime, acting_user: Staff | None, now: datetime, version: int | None = None
) -> Clock:
    """Promise the customer the next update by a time: a clock begins to run, and their page says so.

    Raises:
        NotAhead: the time has passed or lies too far off.
        IllegalMove: the case is settled.
    """
    with holding("promise_update", case_id, acting_user=acting_user, version=version) as (case, person):
        if case.state in SETTLED:
            raise IllegalMove(CASE, case.state, "wait")
        clock = promise(case, by, person, now=now)
        save_case(case)
    return clock


def promise(case: Case, by: datetime, person: Staff | None, *, now: datetime) -> Clock:
    """The same for a case that is held."""
    if not now < by <= now + FARTHEST:
        raise NotAhead
    pack, playbook = blueprint_of(case.blueprint_id), case.plan.playbook
    last = Clock.objects.filter(case=case, kind="inform").aggregate(last=Max("number"))["last"] or 0
    clock = _clock(case.pk, last + 1, pack, playbook, at=now, by=by)
    clock.promised_by = person
    clock.save()
    with connection.cursor() as cursor:
        reckon(cursor, {case.pk: now})
    return clock


def keep_promises(cursor: Any, actions: Iterable[Due], *, now: datetime | None) -> None:
    """Start the clocks of what the letters of these actions promised, and plan the news that keep it; `now` None: as of
    when each was ready.

    A case whose part of ours was finished in the same breath hears from us anyway.
    """
    promised = [
        (action, at, by) for action in actions for at in [now or action.ready_at] if (by := news_promised(action, at))
    ]
    if not promised:
        return
    ids = [action.case_id for action, _, _ in promised]
    cursor.execute(
        """
        select cases.id, (select max(number) from recover_clock as clock where clock.case_id = cases.id
            and kind = 'inform')
        from recover_case as cases where cases.id = any(%s) and cases.state = any(%s)
        """,
        [ids, sorted(OWED)],
    )
    last = dict(cursor.fetchall())
    rows = []
    following: list[tuple[int, int, datetime, datetime]] = []
    for action, at, by in promised:
        if action.case_id not in last:
            continue
        last[action.case_id] += 1
        pack = blueprint_of(action.blueprint_id)
        rule = rule_of(pack, action.playbook, "inform")
        assert rule is not None  # noqa: S101 -- every playbook has one
        clock = _clock(action.case_id, last[action.case_id], pack, action.playbook, at=at, by=by)
        rows.append(clock)
        following.append((action.id, rule.again_times, _goes_out(clock), by))
    Clock.objects.bulk_create(rows)
    _plan_news(cursor, following)
    cursor.execute(
        """
        update recover_case as cases set next_due = least(cases.next_due, promised.due_at)
        from unnest(%s::bigint[], %s::timestamptz[]) as promised (case_id, due_at) where cases.id = promised.case_id
        """,
        [[row.case_id for row in rows], [row.due_at for row in rows]],
    )


def news_go_on(case: Case, *, now: datetime) -> None:
    """A wait of a case that is held is over: automatic news go on where they stopped, if our part is to be done.

    Not where somebody promised the next update meanwhile, or left the news out.
    """
    last = (
        Action.objects.filter(case=case, kind="progress_notice", performer="automatic", state="done")
        .order_by("done_at", "pk")
        .last()
    )
    if last is None or Clock.objects.filter(case=case, kind="inform", state=CLOCK.initial).exists():
        return
    with connection.cursor() as cursor:
        due = due_actions(cursor, [last.pk])[0]
    pack, playbook = blueprint_of(case.blueprint_id), case.plan.playbook
    by = news_promised(due._replace(case_state=case.state), now)
    rule = rule_of(pack, playbook, "inform")
    step = None if rule is None else next_step(last.step, most=rule.again_times)
    planned = Action.objects.filter(case=case, step=step).first()
    if by is None or step is None or (planned is not None and planned.done_by_id is not None):
        return
    promised = promise(case, by, None, now=now)
    times = {"ready_at": _goes_out(promised), "due_at": by}
    if planned is not None and planned.state == "scheduled":
        Action.objects.filter(pk=planned.pk).update(**times)
    else:
        begun = {"phase": "follow_up", "state": "scheduled", "done_at": None, "done_by": None, "note": ""}
        copied(last, step=free_step(case, step), **begun, **times)


def _clock(case_id: int, number: int, pack: Blueprint, playbook: str, *, at: datetime, by: datetime) -> Clock:
    """A promise of news by a time, made at another; not saved."""
    rule = rule_of(pack, playbook, "inform")
    assert rule is not None  # noqa: S101 -- every playbook has one
    return Clock(
        case_id=case_id,
        kind="inform",
        number=number,
        state=CLOCK.initial,
        started_at=at,
        due_at=by,
        wake_at=first_waking(pack, playbook, "inform", number, started_at=at, due_at=by, opened_at=at, now=at),
        owner=rule.owner,
        escalate_to=rule.escalate_to,
        level=0,
        held=timedelta(0),
    )


def _goes_out(clock: Clock) -> datetime:
    """When the news that keep this promise are due to be ready."""
    assert clock.wake_at is not None  # noqa: S101 -- it has just begun
    return ready_at(clock.started_at, clock.wake_at)


def _plan_news(cursor: Any, following: Sequence[tuple[int, int, datetime, datetime]]) -> None:
    """After each automatic notice the next one, unless that was done so often that people go on: the notice, how often
    at most, when it is to go out and by when it was promised."""
    cursor.execute(
        "select id, step from recover_action where id = any(%s) and performer = 'automatic'",
        [[id_ for id_, *_ in following]],
    )
    steps = dict(cursor.fetchall())
    rows = [
        (id_, step, ready, by)
        for id_, most, ready, by in following
        if id_ in steps and (step := next_step(steps[id_], most=most)) is not None
    ]
    if not rows:
        return
    cursor.execute(
        """
        insert into recover_action (plan_id, case_id, step, kind, phase, performer, channel, template, remedy, currency,
            tariff, authority, justice, why_id, state, ready_at, due_at, note)
        select plan_id, case_id, news.step, kind, 'follow_up', performer, channel, template, '', '', '', '', justice,
            why_id, 'scheduled', news.ready_at, news.due_at, ''
        from recover_action as action
        join unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[])
            as news (id, step, ready_at, due_at) using (id)
        order by id on conflict (case_id, step) do nothing
        """,
        [list(column) for column in zip(*rows, strict=True)],
    )

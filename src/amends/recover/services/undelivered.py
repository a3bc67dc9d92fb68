"""What we wrote was refused for good: somebody calls, whoever has the case hears why, and what was promised is owed
again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from amends.channels.core.message import MESSAGE
from amends.kernel.blueprint import MEETS
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.recover.acting import acting
from amends.recover.core.calling import called, unit_head
from amends.recover.core.case import CASE, OWED
from amends.recover.core.clocks import CLOCK
from amends.recover.models import CaseLink
from amends.recover.moves import next_state, states_with
from amends.recover.selectors.calling import colleagues
from amends.recover.selectors.circle import circles_of
from amends.recover.services.calling_instead import call_instead
from amends.recover.services.noticing import News, tell
from amends.recover.services.reckoning import reckon
from amends.recover.services.telling import Untold

WHY: Final = Reason(
    rule="reach.undelivered",
    text=Localised(
        en="What we wrote to you could not be delivered at the address that we have, so one of us calls you.",
        zh="我们发给您的消息未能送达您留下的地址，因此由专人致电告知。",
    ),
)
WAITING: Final = "awaiting_customer"
CALLED: Final = OWED | {"paused", WAITING}  # in these states of a case; else the customer has answered, or none is due
FAILED: Final = MESSAGE.after("queued", "fail")


class _Lost(NamedTuple):
    """A message that never arrived; columns in the order of the query below."""

    id: int
    case_id: int  # the one that goes on, where it was merged
    state: str  # of the case
    owner_id: int | None
    path: str  # of the case's unit
    customer: str
    blueprint_id: int
    kind: str  # of the action that it told of; empty: somebody's own words
    subject: str
    error: str


def call_undelivered(ids: Sequence[int], *, now: datetime) -> int:
    """See to these messages that failed, as far as they are of cases; of how many cases somebody is to call."""
    with acting("call_undelivered"), connection.cursor() as cursor:
        lost = _lost(cursor, ids)
        to_tell = [one for one in lost if one.state in CALLED]
        cases = call_instead(
            cursor,
            [Untold(case_id=one.case_id, blueprint_id=one.blueprint_id, kind=one.kind, at=now) for one in to_tell],
            now=now,
            reason=WHY,
        )
        _owe_again(cursor, to_tell, now=now)
        _go_on(cursor, to_tell)
        reckon(cursor, dict.fromkeys(cases, now))
        _tell_of(lost, now=now)
    return len(cases)


def _lost(cursor: Any, ids: Sequence[int]) -> list[_Lost]:
    """Those that failed, with their cases, which are held from now on."""
    cursor.execute(
        """
        with recursive goes_on (message_id, case_id) as (
            select id, split_part(thread, ':', 2)::bigint from channels_message
            where id = any(%s) and state = %s and direction = 'out' and thread like 'case:%%'
            union
            select goes_on.message_id, link.other_id from goes_on
            join recover_caselink as link on link.case_id = goes_on.case_id and link.kind = %s
        )
        select message.id, cases.id, cases.state, cases.owner_id, coalesce(unit.path, ''), customer.name,
            plan.blueprint_id, coalesce(action.kind, ''), message.subject, message.error
        from goes_on
        join channels_message as message on message.id = goes_on.message_id
        join recover_case as cases on cases.id = goes_on.case_id and cases.state <> 'merged'
        join recover_plan as plan on plan.case_id = cases.id
        join people_customer as customer on customer.id = cases.customer_id
        left join people_unit as unit on unit.id = cases.unit_id
        left join recover_action as action
            on action.id = case when message.key ~ '^action:[0-9]+$' then split_part(message.key, ':', 2)::bigint end
        order by cases.id, message.id for no key update of cases
        """,
        [list(ids), FAILED, CaseLink.Kind.MERGED_INTO],
    )
    return [_Lost(*row) for row in cursor.fetchall()]


def _owe_again(cursor: Any, lost: Sequence[_Lost], *, now: datetime) -> None:
    """A clock that such a message met runs again for the time that it had, unless the customer has heard from us at
    that moment by other words, or since."""
    cursor.execute(
        f"""
        update recover_clock as clock set state = {next_state(CLOCK, "restart", column="clock.state")},
            ended_at = null, wake_at = %s
        from unnest(%s::bigint[], %s::bigint[]) as lost (message_id, case_id)
        join channels_message as message on message.id = lost.message_id
        where clock.case_id = lost.case_id and clock.kind = any(%s) and clock.state = any(%s)
            and clock.ended_at = message.created_at and not exists (
                select from channels_message as other
                where other.thread = message.thread and other.direction = 'out'
                    and (other.created_at = message.created_at and other.state <> %s
                        or other.created_at > message.created_at and other.state = %s))
        """,
        [
            now,
            [one.id for one in lost],
            [one.case_id for one in lost],
            sorted({clock for clocks in MEETS.values() for clock in clocks}),
            [state for state in states_with(CLOCK, "restart") if state.startswith("met")],
            FAILED,
            MESSAGE.after("queued", "send"),
        ],
    )


def _go_on(cursor: Any, lost: Sequence[_Lost]) -> None:
    """A case that waits for a customer who has not heard of it is ours again; only asking how it went is no such
    part."""
    cursor.execute(
        f"""
        update recover_case as cases set version = version + 1,
            state = case when cases.state = '{WAITING}' and told.ours
                then {next_state(CASE, "resume", column="cases.state")} else cases.state end
        from (
            select case_id, bool_or(ours) as ours from unnest(%s::bigint[], %s::boolean[]) as lost (case_id, ours)
            group by 1
        ) as told
        where cases.id = told.case_id
        """,
        [[one.case_id for one in lost], [one.kind != "follow_up" for one in lost]],
    )


def _tell_of(lost: Sequence[_Lost], *, now: datetime) -> None:
    """The owner learns of it; of a case without one, whoever looks after the unit."""
    people, circles = colleagues(), circles_of({one.case_id for one in lost})
    tell(
        [
            News(staff_id=id_, case_id=one.case_id, what="undelivered", key=f"undelivered:{one.id}", reason=_said(one))
            for one in lost
            for id_ in circles.get(one.case_id)
            or called(("owner",), people, path=one.path, owner=one.owner_id, named="")
            or unit_head(people, path=one.path)
        ],
        now=now,
    )


def _said(one: _Lost) -> Localised:
    calls = one.state in CALLED
    return Localised(
        en=f"What we wrote to {one.customer} (“{one.subject}”) could not be delivered: {one.error}"
        + (" – somebody is to call them." if calls else ""),
        zh=f"发给{one.customer}的“{one.subject}”未能送达：{one.error}" + ("，请致电告知。" if calls else ""),
    )

"""What customers answer to a recovery, many at once: a survey's results or a simulation's, each labelled with its
source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.recover.acting import acting
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, OPEN
from amends.recover.moves import move_rows, next_state, states_with
from amends.recover.services.climbing import climb
from amends.recover.services.leaving_out import ADDED
from amends.recover.services.reckoning import reckon

# whoever objected to what they had accepted is asked anew
ANSWERED: Final = f"""(action.kind = 'follow_up' and action.performer = 'automatic' and not {ADDED} and exists (
    select from recover_outcome as outcome
    where outcome.case_id = action.case_id and outcome.accepted is not false and not exists (
        select from recover_clock as clock where clock.case_id = action.case_id and clock.kind = 'ladder'
            and clock.started_at >= outcome.recorded_at)))"""
HAS_ANSWERED: Final = Reason(
    rule="outcome",
    text=Localised(
        en="The customer has said already what came of it, so nothing asks them by itself.",
        zh="顾客已经告知结果，因此不再自动回访。",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One customer's answer about one case; None is "not said"."""

    case_id: int
    accepted: bool | None
    satisfaction_before: int | None  # 1 to 5
    satisfaction_after: int | None  # 1 to 5
    stays: bool | None
    at: datetime


def record_answers(answers: Iterable[Answered], *, source: str) -> int:
    """Record an outcome for each case that awaits its customer and has none yet, and move the cases on: made good, or
    objected. Answers to other cases are left out, so the same answers given twice change nothing.

    Returns:
        how many outcomes are new.
    """
    with acting("record_answers"), connection.cursor() as cursor:
        cursor.execute(
            """
            create temp table answer (case_id bigint, accepted boolean, before smallint, after smallint, stays boolean,
                at timestamptz) on commit drop
            """
        )
        with cursor.copy("copy answer from stdin") as copy:
            for one in answers:
                copy.write_row(
                    (one.case_id, one.accepted, one.satisfaction_before, one.satisfaction_after, one.stays, one.at)
                )
        cursor.execute(
            """
            create temp table taken on commit drop as
            select answer.* from answer join (
                select id from recover_case where id in (select case_id from answer) and state = any(%s)
                order by id for no key update
            ) as waiting on waiting.id = answer.case_id
            where not exists (select from recover_outcome as outcome where outcome.case_id = answer.case_id)
            """,
            [list(states_with(CASE, "accept"))],
        )
        cursor.execute(
            """
            insert into recover_outcome
                (case_id, accepted, satisfaction_before, satisfaction_after, stays, source, recorded_at, note)
            select case_id, accepted, before, after, stays, %s, at, '' from taken order by case_id
            """,
            [source],
        )
        recorded = cursor.rowcount
        for accepted, move in ((True, "accept"), (False, "object")):
            cursor.execute("select case_id from taken where accepted = %s order by case_id", [accepted])
            ids = [row[0] for row in cursor.fetchall()]
            move_rows(cursor, CASE, move, ids=ids, assign="version = version + 1")
        cursor.execute("select case_id, at from taken where accepted = false order by case_id")
        objections = dict(cursor.fetchall())
        climb(objections)
        reckon(cursor, objections | _end_clocks(cursor))
        cursor.execute("drop table answer, taken")
    return int(recorded)


def _end_clocks(cursor: Any) -> dict[int, datetime]:
    """Whoever of the table `taken` is content is owed no repair, no answer and no news: the cases that owed any, and
    when they were told so."""
    cursor.execute(
        f"""
        with ended as (
            update recover_clock as clock set ended_at = taken.at,
                state = case when clock.kind = 'inform' then {next_state(CLOCK, "stop", column="clock.state")}
                    when clock.state = 'paused' or clock.state = '{CLOCK.initial}' and taken.at <= clock.due_at
                    then {next_state(CLOCK, "meet", column="clock.state")}
                    else {next_state(CLOCK, "meet_late", column="clock.state")} end
            from taken where taken.accepted and clock.case_id = taken.case_id and (
                clock.kind in ('resolve', 'ladder') and clock.state = any(%s)
                or clock.kind = 'inform' and clock.state = '{CLOCK.initial}')
            returning clock.case_id, taken.at
        ) select distinct case_id, at from ended order by case_id
        """,
        [list(OPEN)],
    )
    return dict(cursor.fetchall())

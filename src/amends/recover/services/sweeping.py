"""What time does: clocks that ran out are missed and escalated, and follow-ups whose time has come are made ready."""

from datetime import datetime
from typing import Any, Final

from django.db import connection

from amends.recover.acting import acting
from amends.recover.core.action import ACTION
from amends.recover.core.clocks import CLOCK
from amends.recover.moves import move_rows
from amends.recover.queue import CHUNK, defer_carry_out

AT_ONCE: Final = 5_000

NEXT_DUE = """
    update recover_case as cases set next_due = (
        select min(due_at) from recover_clock as clock where clock.case_id = cases.id and clock.state = 'running'
    ) where cases.id = any(%s)
"""


def sweep_clocks(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Note the clocks that ran out before `now` and whom that calls, and release follow-ups; how many rows, 0:
    nothing left.

    Cases that somebody is working on are left for the next sweep.
    """
    return release_follow_ups(now=now, limit=limit) + miss_clocks(now=now, limit=limit)


def miss_clocks(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Note the clocks that ran out before `now`, at most `limit`; how many."""
    with acting("sweep_clocks"), connection.cursor() as cursor:
        cases = _locked_cases(
            cursor, f"recover_clock where state = '{CLOCK.initial}' and due_at < %s", "due_at", now, limit
        )
        cursor.execute(
            f"select id from recover_clock where state = '{CLOCK.initial}' and case_id = any(%s) and due_at < %s"
            " order by id",
            [cases, now],
        )
        due = [row[0] for row in cursor.fetchall()]
        missed = move_rows(cursor, CLOCK, "miss", ids=due, assign="escalated_at = %s", params=[now])
        if cases:
            cursor.execute(NEXT_DUE, [cases])
        return missed


def release_follow_ups(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Make ready the later steps whose time has come, at most `limit`; how many."""
    with acting("release_follow_ups"), connection.cursor() as cursor:
        cases = _locked_cases(
            cursor, "recover_action where state = 'scheduled' and ready_at <= %s", "ready_at", now, limit
        )
        cursor.execute(
            "select id, performer from recover_action"
            " where case_id = any(%s) and state = 'scheduled' and ready_at <= %s order by id",
            [cases, now],
        )
        rows = cursor.fetchall()
        moved = move_rows(cursor, ACTION, "release", ids=[id_ for id_, _ in rows])
        automatic = [id_ for id_, performer in rows if performer == "automatic"]
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

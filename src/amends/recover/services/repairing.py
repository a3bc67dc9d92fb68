"""The repair promised anew: what was finished and is owed again has a clock that runs again (Law 6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from amends.policy.selectors import blueprint_of
from amends.recover.core.clocks import CLOCK, OPEN, due_time
from amends.recover.moves import next_state
from amends.recover.services.reckoning import reckon
from amends.recover.services.ticking import first_waking, rule_of


def promise_repair(cursor: Any, case_ids: Sequence[int], *, now: datetime) -> None:
    """A clock of the repair that has ended begins anew, in the time that each case's playbook gives from now; the cases
    are held. What is owed still has its time already: that moves no later, and a miss stays one.

    Times are worked out once for each playbook and moment of opening.
    """
    cursor.execute(
        "select distinct cases.blueprint_id, plan.playbook, cases.opened_at from recover_case as cases"
        " join recover_plan as plan on plan.case_id = cases.id where cases.id = any(%s)",
        [list(case_ids)],
    )
    times = []
    for version, playbook, opened_at in cursor.fetchall():
        pack = blueprint_of(version)
        rule = rule_of(pack, playbook, "resolve")
        assert rule is not None  # noqa: S101 -- every playbook has one
        due = due_time(rule, now, pack.calendars)
        wake = first_waking(pack, playbook, "resolve", 1, started_at=now, due_at=due, opened_at=opened_at, now=now)
        times.append((version, playbook, opened_at, due, wake))
    if not times:
        return
    cursor.execute(
        f"""
        update recover_clock as clock set state = {next_state(CLOCK, "restart", column="clock.state")},
            started_at = %s, due_at = anew.due_at, wake_at = anew.wake_at, level = 0, ended_at = null,
            escalated_at = null, at_risk_at = null, paused_at = null, remaining = null, held = interval '0'
        from recover_case as cases
        join recover_plan as plan on plan.case_id = cases.id
        join unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
            as anew (blueprint_id, playbook, opened_at, due_at, wake_at)
            on (anew.blueprint_id, anew.playbook, anew.opened_at)
                = (cases.blueprint_id, plan.playbook, cases.opened_at)
        where cases.id = any(%s) and clock.case_id = cases.id and clock.kind = 'resolve' and clock.number = 1
            and clock.state <> all(%s)
        """,
        [now, *(list(column) for column in zip(*times, strict=True)), list(case_ids), list(OPEN)],
    )
    reckon(cursor, dict.fromkeys(case_ids, now))

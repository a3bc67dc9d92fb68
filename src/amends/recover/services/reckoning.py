"""What a case's clocks and age mean for the inbox: its next deadline, and what it costs to leave it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from amends.policy.selectors import blueprint_of
from amends.recover.core.case import OWED
from amends.recover.core.leaving import cost_of_leaving, urgency


def reckon(cursor: Any, moments: Mapping[int, datetime]) -> None:
    """Bring `next_due`, `leaving` and its share of `priority` up to date, each case as of its moment; they are locked.

    Whatever else made the priority stays in it: only the difference is added.
    """
    cursor.execute(
        """
        select cases.id, cases.state, cases.severity, cases.opened_at,
            case when customer.staff_id is null then customer.value end, cases.leaving, plan.blueprint_id,
            cases.next_due, clocks.next_due, clocks.unkept
        from recover_case as cases
        join people_customer as customer on customer.id = cases.customer_id
        join recover_plan as plan on plan.case_id = cases.id
        cross join lateral (
            select min(due_at) filter (where state = 'running') as next_due,
                count(*) filter (where state = 'missed' or state = 'running' and at_risk_at is not null) as unkept
            from recover_clock as clock where clock.case_id = cases.id
        ) as clocks
        where cases.id = any(%s) order by cases.id
        """,
        [list(moments)],
    )
    fresh: list[tuple[int, datetime | None, Decimal, float]] = []
    for id_, state, severity, opened_at, value, leaving, version, next_due, due, unkept in cursor.fetchall():
        cost = cost_of_leaving(
            age=moments[id_] - opened_at,
            severity=severity,
            value=value,
            unkept=unkept,
            owed=state in OWED,
            economics=blueprint_of(version).economics,
        )
        if (due, cost) != (next_due, leaving):
            fresh.append((id_, due, cost, urgency(cost) - urgency(leaving)))
    if fresh:
        cursor.execute(
            """
            update recover_case as cases set next_due = fresh.next_due, leaving = fresh.leaving,
                priority = cases.priority + fresh.more
            from unnest(%s::bigint[], %s::timestamptz[], %s::numeric[], %s::double precision[])
                as fresh (id, next_due, leaving, more)
            where cases.id = fresh.id
            """,
            [list(column) for column in zip(*fresh, strict=True)],
        )

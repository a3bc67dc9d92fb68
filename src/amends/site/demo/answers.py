"""The demo asks its customers, who are simulated: what they answer is recorded as such and never as a real answer."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import numpy as np
from django.db import connection

from amends.recover.core.simulated_customer import LABEL, Answer, Handled, answers
from amends.recover.services.answering import Answered, record_answers
from amends.site.demo.feed import SEED

AT_ONCE: Final = 5_000  # cases
SIDE_BY_SIDE: Final = 2  # the workers have gone home
AFTER: Final = timedelta(hours=2)  # when a customer answers, after the last thing we did

_HANDLED_SQL: Final = """
select cases.id, customer.reference || '/' || cases.subject as key, cases.severity - 1 as severity,
    coalesce((cases.facts ->> 'minutes_late')::float, 0) as minutes_late,
    coalesce(given.worth / nullif((cases.facts ->> 'fare')::float, 0), 0) as share,
    not coalesce((cases.facts ->> 'cancelled')::boolean, false)
        and not coalesce((cases.facts ->> 'never')::boolean, false) as used_service,
    done.apologised, done.explained, coalesce(informed.in_time, false) as in_time,
    coalesce(array_position(array['silver', 'gold', 'platinum'], customer.tier::text), 0) as tier,
    coalesce((cases.facts ->> 'prior_failures')::int, 0) as prior_failures, done.last_at
from recover_case as cases
join people_customer as customer on customer.id = cases.customer_id
join lateral (
    select bool_or(kind = 'apology') as apologised, bool_or(kind = 'explanation') as explained, max(done_at) as last_at
    from recover_action where case_id = cases.id and state = 'done'
) as done on done.last_at is not null
left join lateral (select sum(amount)::float as worth from recover_remedy where case_id = cases.id) as given on true
left join lateral (
    select bool_and(state = 'met') as in_time from recover_clock
    where case_id = cases.id and kind in ('acknowledge', 'inform')
) as informed on true
where cases.id = any(%s)
order by cases.id
"""


def ask_customers(*, now: datetime) -> int:
    """Ask the customers of all cases in which our part is done; how many answered."""
    with connection.cursor() as cursor:
        cursor.execute("select id from recover_case where state = 'awaiting_customer' order by id")
        ids = [row[0] for row in cursor.fetchall()]
    chunks = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return sum(pool.map(partial(_ask, now=now), chunks))


def _ask(cases: Sequence[int], *, now: datetime) -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_HANDLED_SQL, [cases])
            rows = cursor.fetchall()
        if not rows:
            return 0
        said = answers(_handled(rows), SEED, [row[1] for row in rows])
        return record_answers(_answered(rows, said, now), source=LABEL)
    finally:
        connection.close()  # this thread's


def _handled(rows: Sequence[Sequence[Any]]) -> Handled:
    columns = list(zip(*rows, strict=True))
    return Handled(
        severity=np.array(columns[2], dtype=np.int64),
        minutes_late=np.array(columns[3], dtype=np.float64),
        compensation_share=np.array(columns[4], dtype=np.float64),
        used_service=np.array(columns[5], dtype=np.bool_),
        apologised=np.array([bool(value) for value in columns[6]]),
        explained=np.array([bool(value) for value in columns[7]]),
        informed_in_time=np.array(columns[8], dtype=np.bool_),
        tier=np.array(columns[9], dtype=np.int64),
        prior_failures=np.array(columns[10], dtype=np.int64),
    )


def _answered(rows: Sequence[Sequence[Any]], said: Answer, now: datetime) -> Iterator[Answered]:
    for place, row in enumerate(rows):
        at = row[11] + AFTER
        if not said.answered[place] or at > now:
            continue  # most customers say nothing
        yield Answered(
            case_id=row[0],
            accepted=bool(said.accepted[place]),
            satisfaction_before=int(said.satisfaction_before[place]),
            satisfaction_after=int(said.satisfaction_after[place]),
            stays=bool(said.intends_to_stay[place]),
            at=at,
        )

"""The demo asks its customers, who are simulated: what they answer is recorded as such and never as a real answer."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import connection

from amends.recover.core.simulated_customer import LABEL, Answer, Handled, answers
from amends.recover.services.answering import Answered, record_answers
from amends.site.demo.feed import SEED

AT_ONCE: Final = 20_000  # cases
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
where cases.state = 'awaiting_customer' and cases.id > %s
order by cases.id limit %s
"""


def ask_customers(*, now: datetime) -> int:
    """Ask the customers of all cases in which our part is done; how many answered."""
    answered, after = 0, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_HANDLED_SQL, [after, AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return answered
        handled = _handled(rows)
        said = answers(handled, SEED, [row[1] for row in rows])
        answered += record_answers(_answered(rows, said, now), source=LABEL)
        after = rows[-1][0]


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

"""Which days of the summary no longer hold, because rows upstream came or changed since it was made.

New rows are known by their ids (findings, those affected, messages), and whatever changes about a case by its trail. A
row may become visible after one with a higher id, when its transaction took longer; so a mark is used only once it is
older than any transaction should last. What this misses (also while the very first summary is made) is put right every
night, when the summary is made whole.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from amends.learn.models import SummaryState
from amends.learn.summary.statements import DATED

Marks = dict[str, int]  # table -> the highest id in it

LONGEST_TRANSACTION: Final = timedelta(minutes=15)

_TABLES: Final = (
    "monitor_finding",
    "monitor_affected",
    "recover_casefailure",
    "recover_trailentry",
    "channels_message",
)

_DAYS: Final = f"""
with changed_failure as (
    select failure_id as id from monitor_finding where id > %(monitor_finding)s
    union select failure_id from monitor_affected where id > %(monitor_affected)s
),
told as (
    select distinct split_part(thread, ':', 1) as about, split_part(thread, ':', 2)::bigint as id
    from channels_message where id > %(channels_message)s and thread ~ '^(case|incident):[0-9]+$'
),
changed_case as (
    select case_id as id from recover_trailentry where id > %(recover_trailentry)s
    union select case_id from recover_casefailure join changed_failure f on f.id = failure_id
    union select id from told where about = 'case'
),
changed_incident as (
    select incident_id as id from monitor_failure
    where id in (select id from changed_failure) and incident_id is not null
    union select joined_id from monitor_failure
    where id in (select id from changed_failure) and joined_id is not null
    union select id from told where about = 'incident'
),
first_change as (
    select customer_id, min(opened_at) as opened_at
    from recover_case where id in (select id from changed_case) group by customer_id
),
hit_case as (  -- whether a customer is still here at a later case depends on the earlier ones
    select c.id from recover_case c
    join first_change f on f.customer_id = c.customer_id and c.opened_at >= f.opened_at
),
hit_failure as (
    select id from changed_failure
    union select failure_id from recover_casefailure where case_id in (select id from hit_case)
    union select id from monitor_failure where incident_id in (select id from changed_incident)
    union select id from monitor_failure where joined_id in (select id from changed_incident)
)
select distinct day from ({DATED}) f where f.id in (select id from hit_failure) order by day
"""


def marks_now(cursor: CursorWrapper) -> Marks:
    """The highest ids as of now; read them before what they are to stand for."""
    found: Marks = {}
    for table in _TABLES:
        cursor.execute(f"select coalesce(max(id), 0) from {table}")
        found[table] = cursor.fetchone()[0]
    return found


def touched_days() -> tuple[list[date] | None, Marks]:
    """The days to make again, and the marks that will then stand; None for the days if there is no summary yet."""
    state = SummaryState.objects.filter(pk=1).first()
    with connection.cursor() as cursor:
        marks = marks_now(cursor)
        if state is None:
            return None, marks
        cursor.execute(_DAYS, {**dict.fromkeys(_TABLES, 0), **state.marks, "zone": state.timezone})
        return [row[0] for row in cursor.fetchall()], marks


def kept_marks(state: SummaryState | None, marks: Marks, *, now: datetime, whole: bool) -> dict[str, Any]:
    """The fields of the state about marks: the next ones become the ones to use when they are old enough."""
    fresh = {"next_marks": marks, "next_marks_at": now}
    if state is None:
        return {"marks": marks, "marks_at": now, **fresh}
    if whole or now - state.next_marks_at >= LONGEST_TRANSACTION:
        return {"marks": state.next_marks, "marks_at": state.next_marks_at, **fresh}
    return {}

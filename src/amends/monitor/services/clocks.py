"""What sources' clocks say: measured once over the signals that the monitor has read, and over what was refused.

The monitor's process alone measures, so that those who send never wait for each other at a row of their source.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from amends.monitor.core.signal import Ahead

MOST_AT_ONCE: Final = 200_000  # signals, by their numbers
MOST_SOURCES: Final = 1_000  # that are kept; whoever makes up a source for each signal is not measured
FORGOTTEN_AFTER: Final = timedelta(days=90)

_KEEP: Final = """
insert into monitor_sourceclock as known
    (source, heard_at, hour, signals, least, most, refused, furthest, before, measured_to)
{told}
on conflict (source) do update set
    before = case when known.hour = excluded.hour then known.before else jsonb_build_object(
        'hour', known.hour, 'signals', known.signals, 'refused', known.refused,
        'least', extract(epoch from known.least), 'most', extract(epoch from known.most),
        'furthest', extract(epoch from known.furthest)) end,
    signals = excluded.signals + case when known.hour = excluded.hour then known.signals else 0 end,
    least = least(excluded.least, case when known.hour = excluded.hour then known.least end),
    most = greatest(excluded.most, case when known.hour = excluded.hour then known.most end),
    refused = excluded.refused + case when known.hour = excluded.hour then known.refused else 0 end,
    furthest = greatest(excluded.furthest, case when known.hour = excluded.hour then known.furthest end),
    hour = excluded.hour,
    heard_at = greatest(known.heard_at, excluded.heard_at),
    measured_to = greatest(known.measured_to, excluded.measured_to)
"""
_MEASURED: Final = """
select source, max(received_at), date_trunc('hour', %(now)s::timestamptz), count(*), min(received_at - time),
    max(received_at - time), 0, null::interval, '{}'::jsonb, max(id)
from monitor_signal where id > %(after)s and id <= %(upto)s
group by source order by source limit %(most)s
"""
_REFUSED: Final = """
select source, %(now)s, date_trunc('hour', %(now)s::timestamptz), 0, null::interval, null::interval, times, furthest,
    '{}'::jsonb, 0
from unnest(%(sources)s::text[], %(times)s::bigint[], %(furthest)s::interval[]) as told (source, times, furthest)
order by source
"""


@transaction.atomic
def measure_clocks(*, now: datetime) -> int:
    """Measure the signals that the monitor read since the last time; up to which number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select coalesce((select max(measured_to) from monitor_sourceclock), 0),
                coalesce((select max(read_to) from monitor_monitorprogress), 0)
            """
        )
        after, read_to = cursor.fetchone()
        if read_to <= after:
            return int(after)
        upto = min(read_to, after + MOST_AT_ONCE)
        given = {"now": now, "after": after, "upto": upto, "most": MOST_SOURCES}
        cursor.execute(_KEEP.format(told=_MEASURED), given)
        cursor.execute(
            """
            delete from monitor_sourceclock where heard_at < %s or id in (
                select id from monitor_sourceclock order by heard_at desc offset %s
            )
            """,
            [now - FORGOTTEN_AFTER, MOST_SOURCES],
        )
        return int(upto)


def note_ahead(refused: Iterable[Ahead], *, now: datetime) -> None:
    """Note whose signals were refused because they lie in the future."""
    times: dict[str, int] = {}
    furthest: dict[str, timedelta] = {}
    for one in refused:
        if one.source in times or len(times) < MOST_SOURCES:
            times[one.source] = times.get(one.source, 0) + 1
            furthest[one.source] = max(one.by, furthest.get(one.source, one.by))
    if not times:
        return
    with connection.cursor() as cursor:
        given = {
            "now": now,
            "sources": list(times),
            "times": list(times.values()),
            "furthest": [furthest[source] for source in times],
        }
        cursor.execute(_KEEP.format(told=_REFUSED), given)

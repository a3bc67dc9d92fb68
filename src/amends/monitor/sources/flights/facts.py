"""What attribution and severity need to know about each flight, weather evidence included.

The weather is hourly, per New York airport. Its `time_hour` is right: it is UTC, both clock changes included (the hour
that came twice on 3 November is there twice), and the year's mean day is coldest at 5 o'clock local. So we join on it.
Gaps: nothing before 1:00 on 1 January or after 18:00 on 30 December (New York), and some single hours. The 1,450
flights there have no weather (null, `weather_hours` 0) rather than a neighbour's. One wind speed, 1,048 mph (EWR, 12
February, 3 o'clock local), is no measurement; no flight's hours include it.
"""

import datetime as dt
from typing import Final

import pyarrow as pa

from .records import connection, data_file, flights

_FACTS_SQL: Final = """
WITH hours AS (
    -- from the hour of the scheduled to that of the actual departure; a cancelled flight has its scheduled hour only
    SELECT subject, origin, unnest(generate_series(
        date_trunc('hour', depart_due),
        greatest(date_trunc('hour', depart_due), date_trunc('hour', coalesce(departed, depart_due))),
        INTERVAL 1 HOUR)) AS hour
    FROM flights
), observed AS (
    SELECT h.subject, count(*) AS weather_hours,
        min(w.time_hour) AS weather_hour, max(w.time_hour) AS weather_last_hour,
        max(w.wind_speed) AS wind_mph, max(w.wind_gust) AS gust_mph,
        min(w.visib) AS visibility_miles, max(w.precip) AS precipitation_inches, min(w.temp) AS temperature_f
    FROM hours AS h
    JOIN read_csv($weather, nullstr='NA', types={'time_hour': 'TIMESTAMPTZ'}) AS w
        ON w.origin = h.origin AND w.time_hour = h.hour
    GROUP BY h.subject
)
SELECT f.subject, f.day, f.carrier, f.carrier_name, f.flight, f.tail, f.origin, f.dest, f.unit, f.route, f.distance_km,
    true AS domestic, f.seats, f.depart_due, f.arrive_due, f.departed, f.arrived, f.depart_delay,
    date_diff('minute', f.arrive_due, f.arrived)::INT AS arrive_delay, f.cancelled, f.diverted,
    f.origin AS weather_station, coalesce(o.weather_hours, 0)::INT AS weather_hours,
    o.weather_hour, o.weather_last_hour,
    o.wind_mph, o.gust_mph, o.visibility_miles, o.precipitation_inches, o.temperature_f
FROM flights AS f LEFT JOIN observed AS o ON o.subject = f.subject
ORDER BY f.depart_due, f.subject
"""


def flight_facts(start: dt.date, days: int) -> pa.Table:
    """One row a flight of these days: distance, delays, and the worst weather at its origin around its departure."""
    with connection() as connected:
        connected.register("flights", flights(start, days))
        return connected.execute(_FACTS_SQL, {"weather": str(data_file("weather.csv"))}).to_arrow_table()

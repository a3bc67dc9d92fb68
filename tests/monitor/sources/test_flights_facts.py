import csv
import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from amends.monitor.sources.flights import flight_facts, flights
from amends.monitor.sources.flights.records import data_file

HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def weather() -> dict[tuple[str, dt.datetime], dict[str, str]]:
    with data_file("weather.csv").open(encoding="utf-8") as file:
        return {(row["origin"], dt.datetime.fromisoformat(row["time_hour"])): row for row in csv.DictReader(file)}


def worst(rows: list[dict[str, str]], column: str, pick) -> float | None:
    values = [float(row[column]) for row in rows if row[column] != "NA"]
    return pick(values) if values else None


def test_there_is_one_row_a_flight_in_the_order_of_the_flights() -> None:
    start = dt.date(2013, 2, 8)
    assert flight_facts(start, 2)["subject"].to_pylist() == flights(start, 2)["subject"].to_pylist()


@pytest.mark.parametrize("start", [dt.date(2013, 2, 8), dt.date(2013, 3, 10), dt.date(2013, 11, 3)])
def test_the_weather_is_the_worst_from_the_scheduled_to_the_actual_hour_of_departure(start: dt.date, weather) -> None:
    for fact in flight_facts(start, 1).to_pylist():
        first = fact["depart_due"].replace(minute=0)
        last = max(first, (fact["departed"] or fact["depart_due"]).replace(minute=0))
        hours = [first + n * HOUR for n in range((last - first) // HOUR + 1)]
        seen = [weather[fact["origin"], hour] for hour in hours if (fact["origin"], hour) in weather]
        assert fact["weather_hours"] == len(seen)
        assert fact["gust_mph"] == worst(seen, "wind_gust", max)
        assert fact["wind_mph"] == worst(seen, "wind_speed", max)
        assert fact["visibility_miles"] == worst(seen, "visib", min)
        assert fact["precipitation_inches"] == worst(seen, "precip", max)
        if seen:
            assert (fact["weather_station"], fact["weather_hour"]) == (fact["origin"], first)


def test_a_snowstorm_shows_in_the_evidence() -> None:
    storm = flight_facts(dt.date(2013, 2, 8), 1)
    assert pc.mean(storm["cancelled"].cast(pa.int8())).as_py() > 0.4
    assert pc.min(storm["visibility_miles"]).as_py() < 1.0


def test_flights_after_the_last_observation_have_no_weather_rather_than_a_neighbours() -> None:
    facts = flight_facts(dt.date(2013, 12, 31), 1)
    assert set(facts["weather_hours"].to_pylist()) == {0}
    assert facts["gust_mph"].null_count == facts["weather_hour"].null_count == facts.num_rows


def test_the_one_absurd_wind_speed_is_in_the_night_and_a_join_on_the_wrong_hours_would_show_it(weather) -> None:
    night = dt.datetime(2013, 2, 12, 8, tzinfo=dt.UTC)
    assert float(weather["EWR", night]["wind_speed"]) > 1_000
    assert pc.max(flight_facts(dt.date(2013, 2, 11), 2)["wind_mph"]).as_py() < 60


def test_the_delay_of_an_arrival_is_its_distance_from_the_schedule_even_where_the_source_has_none() -> None:
    facts = flight_facts(dt.date(2013, 1, 1), 31)
    late = pc.minutes_between(facts["arrive_due"], facts["arrived"])
    assert pc.all(pc.equal(late, facts["arrive_delay"].cast(pa.int64()))).as_py()
    assert facts["arrive_delay"].null_count == facts["arrived"].null_count

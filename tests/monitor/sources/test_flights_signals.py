import datetime as dt
import json
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from amends.monitor.sources.flights import flights, signals, units

FIRST_THREE = [dt.date(2013, 1, day) for day in (1, 2, 3)]


@pytest.fixture(scope="module")
def three_days() -> pa.Table:
    return signals(dt.date(2013, 1, 1), 3)


def of_type(table: pa.Table, kind: str) -> pa.Table:
    return table.filter(pc.equal(table["type"], f"flight.{kind}"))


def data_of(table: pa.Table, kind: str) -> dict[str, dict[str, object]]:
    return {row["subject"]: json.loads(row["data"]) for row in of_type(table, kind).to_pylist()}


def test_the_columns_are_those_of_the_contract(three_days: pa.Table) -> None:
    moment = pa.timestamp("us", tz="UTC")
    assert {field.name: field.type for field in three_days.schema} == {
        "id": pa.string(),
        "source": pa.string(),
        "type": pa.string(),
        "subject": pa.string(),
        "time": moment,
        "customer": pa.string(),
        "unit": pa.string(),
        "data": pa.string(),
    }
    assert three_days["customer"].null_count == three_days.num_rows
    assert all(three_days[name].null_count == 0 for name in ("id", "source", "type", "subject", "time", "unit", "data"))


def test_there_are_as_many_signals_as_the_source_has_things_to_tell(three_days, raw_days) -> None:
    raw = list(raw_days(*FIRST_THREE))
    assert Counter(f"2013-01-0{row['day']}" for row in raw) == {"2013-01-01": 842, "2013-01-02": 943, "2013-01-03": 914}
    known = [row for row in raw if row["dep_time"] not in ("", "NA")]
    counted = Counter(three_days["type"].to_pylist())
    assert counted == {
        "flight.scheduled": 842 + 943 + 914,
        "flight.departed": len(known),
        "flight.arrived": sum(row["arr_time"] not in ("", "NA") for row in raw),
        "flight.cancelled": len(raw) - len(known),
        "flight.diverted": sum(row["air_time"] in ("", "NA") for row in known),
    }


def test_signals_come_in_order_of_time_and_have_an_id_each(three_days: pa.Table) -> None:
    times = three_days["time"].to_pylist()
    assert times == sorted(times)
    assert pc.count_distinct(three_days["id"]).as_py() == three_days.num_rows


def test_a_scheduled_flight_is_known_a_day_ahead_and_says_when_it_is_due(three_days: pa.Table) -> None:
    rows = of_type(three_days, "scheduled")
    first = rows.filter(pc.equal(rows["subject"], "UA1545/2013-01-01/EWR-IAH")).to_pylist()[0]
    assert first["time"] == dt.datetime(2012, 12, 31, 10, 15, tzinfo=dt.UTC)
    assert first["unit"] == "UA-EWR"
    assert json.loads(first["data"]) == {
        "carrier": "UA",
        "carrier_name": "United Air Lines Inc.",
        "flight": 1545,
        "tail": "N14228",
        "origin": "EWR",
        "origin_name": "Newark Liberty Intl",
        "dest": "IAH",
        "dest_name": "George Bush Intercontinental",
        "route": "UA-EWR-IAH",
        "distance_km": 2253,
        "seats": 149,
        "seats_from": "aircraft",
        "domestic": True,
        "depart_due": "2013-01-01T10:15:00Z",
        "arrive_due": "2013-01-01T14:19:00Z",
        "time_assumed": "known 24 h before departure",
    }


def test_departures_and_arrivals_are_the_schedule_plus_the_delay_that_they_state(three_days: pa.Table) -> None:
    for kind, due in (("departed", "depart_due"), ("arrived", "arrive_due")):
        for row in of_type(three_days, kind).to_pylist():
            data = json.loads(row["data"])
            assert row["time"] - dt.datetime.fromisoformat(data[due]) == dt.timedelta(minutes=data["delay_minutes"])


def test_a_cancellation_is_told_half_an_hour_to_four_hours_ahead_and_says_that_this_is_assumed(
    three_days,
) -> None:
    cancelled = data_of(three_days, "cancelled")
    notices = [data["notice_minutes"] for data in cancelled.values()]
    assert min(notices) >= 30
    assert max(notices) <= 240
    assert len(set(notices)) > 10
    assert {data["time_assumed"] for data in cancelled.values()} == {"30 to 240 min before departure"}
    assert not cancelled.keys() & data_of(three_days, "departed").keys()


def test_a_diverted_flight_is_told_in_the_air_and_may_never_arrive() -> None:
    month = signals(dt.date(2013, 1, 1), 31)
    departed, diverted, arrived = (
        dict(zip(rows["subject"].to_pylist(), rows["time"].to_pylist(), strict=True))
        for rows in (of_type(month, kind) for kind in ("departed", "diverted", "arrived"))
    )
    assert diverted.keys() <= departed.keys()
    assert all(departed[subject] < told for subject, told in diverted.items())
    assert all(diverted[subject] <= arrived[subject] for subject in diverted.keys() & arrived.keys())
    assert departed.keys() - arrived.keys() == diverted.keys() - arrived.keys() != set()


def test_a_month_is_its_days_put_together() -> None:
    days = [signals(dt.date(2013, 3, 9) + dt.timedelta(days=n), 1) for n in range(3)]
    together = pa.concat_tables(days).sort_by([("time", "ascending"), ("id", "ascending")])
    assert together.to_pylist() == signals(dt.date(2013, 3, 9), 3).to_pylist()


def test_units_are_a_tree_of_carrier_station_and_route_that_covers_all_flights() -> None:
    tree = units()
    parents = {code: parent for code, parent, _, _ in tree}
    assert len(parents) == len(tree)
    seen: set[str] = set()
    for code, parent, name_en, name_zh in tree:
        assert parent is None or parent in seen
        assert name_en
        assert name_zh
        seen.add(code)
    assert parents["UA-EWR-IAH"] == "UA-EWR"
    assert parents["UA-EWR"] == "UA"
    assert parents["UA"] is None
    week = flights(dt.date(2013, 7, 1), 7)
    assert set(week["unit"].to_pylist()) | set(week["route"].to_pylist()) <= seen

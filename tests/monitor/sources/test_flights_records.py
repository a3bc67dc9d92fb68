import datetime as dt
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from amends.monitor.sources.flights import clock_agreement, flights
from amends.monitor.sources.flights.records import FEWEST_AIRLINER_SEATS

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def year() -> pa.Table:
    return flights(dt.date(2013, 1, 1), 365)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def moment_after(clock: int, earliest: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The first moment after `earliest` at which the zone's clock shows `clock` (HHMM), minute by minute."""
    moment = earliest
    while True:
        moment += dt.timedelta(minutes=1)
        local = moment.astimezone(zone)
        if local.hour * 100 + local.minute == clock % 2400:
            return moment


def test_every_departure_and_all_but_one_arrival_of_the_year_agree_with_the_recorded_clocks(year: pa.Table) -> None:
    assert clock_agreement(year) == {
        "departures": 328_521,
        "departures_agree": 328_521,
        "arrivals": 327_346,
        "arrivals_agree": 327_345,
    }


def test_the_one_disagreement_is_a_clock_time_that_the_spring_change_left_out() -> None:
    table = flights(dt.date(2013, 3, 9), 1)
    landed = [row for row in table.to_pylist() if row["dest"] == "PBI" and row["arrived_clock"] == 203]
    assert [row["arrived"] for row in landed] == [utc("2013-03-10T07:03")]  # 03:03 EDT; there was no 02:03


@pytest.mark.parametrize("day", [dt.date(2013, 3, 9), dt.date(2013, 3, 10), dt.date(2013, 11, 2), dt.date(2013, 11, 3)])
def test_times_around_both_clock_changes_equal_those_walked_minute_by_minute(
    day: dt.date, raw_days: Callable[..., Iterator[dict[str, str]]]
) -> None:
    table = {row["subject"]: row for row in flights(day, 1).to_pylist()}
    rows = list(raw_days(day))
    assert len(rows) == len(table)
    for raw in rows[::5]:
        subject = f"{raw['carrier']}{raw['flight']}/{day}/{raw['origin']}-{raw['dest']}"
        clock = int(raw["sched_dep_time"])
        departs = dt.datetime(day.year, day.month, day.day, clock // 100, clock % 100, tzinfo=NEW_YORK).astimezone(
            dt.UTC
        )
        zone = ZoneInfo(table[subject]["dest_zone"])
        assert table[subject]["depart_due"] == departs
        assert table[subject]["arrive_due"] == moment_after(int(raw["sched_arr_time"]), departs, zone)


def test_the_clock_changes_move_the_first_departure_of_five_in_the_morning_by_an_hour_of_utc() -> None:
    days = [dt.date(2013, 3, 8), dt.date(2013, 3, 11), dt.date(2013, 11, 1), dt.date(2013, 11, 4)]
    first = [pc.min(flights(day, 1)["depart_due"]).as_py() for day in days]
    assert [f"{at:%H:%M}" for at in first] == ["10:00", "09:00", "09:00", "10:00"]


def test_an_overnight_arrival_is_on_the_next_day_of_its_own_zone() -> None:
    table = flights(dt.date(2013, 3, 9), 1).to_pylist()
    west = next(row for row in table if row["dest"] == "LAX" and row["depart_due"] == utc("2013-03-10T02:35"))
    assert west["arrive_due"] == utc("2013-03-10T08:50")  # 00:50 PST, before the change there
    assert west["arrived"] == utc("2013-03-10T08:51")


def test_puerto_rico_and_the_virgin_islands_keep_atlantic_time_all_year(year: pa.Table) -> None:
    zones = {
        "SJU": "America/Puerto_Rico",
        "BQN": "America/Puerto_Rico",
        "PSE": "America/Puerto_Rico",
        "STT": "America/St_Thomas",
    }
    islands = year.filter(pc.is_in(year["dest"], pa.array(sorted(zones))))
    assert dict(zip(islands["dest"].to_pylist(), islands["dest_zone"].to_pylist(), strict=True)) == zones
    assert pc.min(islands["arrive_delay"]).as_py() < 0 < pc.max(islands["arrive_delay"]).as_py()
    night = next(
        row
        for row in flights(dt.date(2013, 3, 10), 1).to_pylist()
        if row["dest"] == "SJU" and row["arrived_clock"] == 210
    )
    assert night["arrive_due"] == utc("2013-03-11T06:12")  # 02:12 AST, though New York has moved its clocks
    assert night["arrived"] == utc("2013-03-11T06:10")


def test_scheduled_times_in_the_air_and_on_the_ground_are_plausible_for_their_distance(year: pa.Table) -> None:
    minutes = pc.minutes_between(year["depart_due"], year["arrive_due"]).to_numpy()
    assert (minutes.min(), minutes.max()) == (50, 700)
    km_an_hour = (year["distance_km"].to_numpy() / minutes * 60)[year["distance_km"].to_numpy() > 1_000]
    assert km_an_hour.min() > 300
    assert km_an_hour.max() < 800
    honolulu = minutes[pc.equal(year["dest"], "HNL").to_numpy(zero_copy_only=False)]
    assert honolulu.min() >= 600


def test_no_flight_lands_before_it_leaves(year: pa.Table) -> None:
    landed = year.filter(pc.is_valid(year["arrived"]))
    assert pc.all(pc.less(landed["departed"], landed["arrived"])).as_py()


def test_each_flight_of_the_year_has_a_subject_of_its_own(year: pa.Table) -> None:
    assert year.num_rows == 336_776
    assert pc.count_distinct(year["subject"]).as_py() == 336_776


def test_every_flight_departed_or_was_cancelled_and_the_diverted_are_those_without_an_arrival_delay(
    year: pa.Table,
) -> None:
    assert pc.sum(year["cancelled"]).as_py() == 8_255
    assert pc.sum(year["diverted"]).as_py() == 1_175
    assert pc.all(pc.xor(year["cancelled"], pc.is_valid(year["departed"]))).as_py()
    never = pc.and_(pc.invert(year["cancelled"]), pc.is_null(year["arrived"]))
    assert pc.sum(never).as_py() == 458


def test_no_airliner_is_a_two_seater(year: pa.Table) -> None:
    assert year["seats"].null_count == 0
    assert pc.min(year["seats"]).as_py() > FEWEST_AIRLINER_SEATS
    envoy = year.filter(pc.equal(year["carrier"], "MQ"))
    assert pc.unique(envoy["seats_from"]).to_pylist() == ["carrier"]


def test_the_seats_of_one_day_are_numbered_through_without_gap_or_overlap() -> None:
    day = flights(dt.date(2013, 6, 14), 1).sort_by("seat_offset")
    ends = [
        offset + seats for offset, seats in zip(day["seat_offset"].to_pylist(), day["seats"].to_pylist(), strict=True)
    ]
    assert day["seat_offset"].to_pylist() == [0, *ends[:-1]]


@pytest.mark.parametrize(
    ("start", "days"), [(dt.date(2012, 12, 31), 1), (dt.date(2013, 12, 31), 2), (dt.date(2014, 1, 1), 1)]
)
def test_days_outside_the_year_are_refused_with_the_days_that_there_are(start: dt.date, days: int) -> None:
    with pytest.raises(ValueError, match="2013-01-01 to 2013-12-31"):
        flights(start, days)


def test_fewer_days_than_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        flights(dt.date(2013, 1, 1), 0)

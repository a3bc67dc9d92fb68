"""Hot spots are places and hours that surely break more than elsewhere; one bad day makes none."""

from zoneinfo import ZoneInfo

from amends.monitor.core.prediction.record import DAY, HOUR, NEVER
from amends.monitor.core.prediction.spots import spots
from tests.monitor.core.prediction.records import START, a_year_of, record

UTC = ZoneInfo("UTC")


def test_the_evening_is_hot_and_the_morning_is_not():
    found = spots(a_year_of(60), since=START, until=START + 60 * DAY, zone=UTC)
    assert found
    assert all(spot.hour >= 16 and spot.low > spot.usual for spot in found)
    assert [spot.low for spot in found] == sorted((spot.low for spot in found), reverse=True)


def test_one_bad_day_makes_no_hot_spot():
    rows = []
    for day in range(20):
        for _number in range(10):
            for unit, due in ((0, day * DAY + 20 * HOUR), (1, day * DAY + 9 * HOUR)):
                broken = unit == 0 and day == 3
                closed = due + HOUR if broken else due - 1
                rows.append((0, unit, len(rows), -1, due - HOUR, due, closed, NEVER, NEVER))
    assert spots(record(rows), since=START, until=START + 20 * DAY, zone=UTC) == ()


def test_without_promises_there_are_none():
    assert spots(record([]), since=START, until=START + DAY, zone=UTC) == ()

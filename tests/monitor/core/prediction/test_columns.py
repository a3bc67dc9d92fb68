"""What is said as of a moment does not change with anything that happens at or after it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.prediction.columns import column_names, columns_at, local_clock
from amends.monitor.core.prediction.record import HOUR, MINUTE, NEVER, hidden_from
from tests.monitor.core.prediction.records import START, record, records

ZONE = ZoneInfo("America/New_York")
STANDARDS = ("arrive", "depart")


def columns(one, rows, moment):
    moments = np.full(len(rows), moment, dtype=np.int64)
    return columns_at(one, np.asarray(rows, dtype=np.int64), moments, zone=ZONE, standards=STANDARDS)


@given(records(), st.integers(0, 60))
def test_a_future_that_is_hidden_leaves_every_column_as_it_was(one, quarter):
    moment = START + quarter * 15 * MINUTE
    blind, known = hidden_from(one, moment)
    assert np.array_equal(columns(one, known, moment), columns(blind, np.arange(len(known)), moment), equal_nan=True)


@given(records(), st.integers(0, 60), st.randoms(use_true_random=False))
def test_a_future_that_is_scrambled_leaves_every_column_as_it_was(one, quarter, random):
    moment = START + quarter * 15 * MINUTE
    other = {
        name: np.array([at if at < moment else moment + random.randrange(0, 9) * HOUR for at in getattr(one, name)])
        for name in ("closed", "ended", "doomed")
    }
    known = np.flatnonzero(one.begins < moment)
    # what was not promised yet might be anybody's and due at any time
    begun = one.begins < moment
    later = np.array([random.randrange(0, 9) * HOUR for _ in range(len(one))], dtype=np.int64)
    other["due"] = np.where(begun, one.due, moment + later)
    other["unit"] = np.where(begun, one.unit, random.randrange(-1, 2))
    other["subject"] = np.where(begun, one.subject, random.randrange(0, 4))
    scrambled = replace(one, **other)
    assert np.array_equal(columns(one, known, moment), columns(scrambled, known, moment), equal_nan=True)


@given(records(), st.integers(0, 60))
def test_whether_a_promise_can_be_asked_about_is_known_at_that_moment(one, quarter):
    moment = START + quarter * 15 * MINUTE
    blind, known = hidden_from(one, moment)
    rows = np.arange(len(known))
    moments = np.full(len(known), moment)
    assert np.array_equal(one.open_at(known, moments), blind.open_at(rows, moments))


def test_the_aircraft_that_came_late_is_seen_at_its_next_promise():
    first = (0, 0, 0, 7, 0, HOUR, 2 * HOUR, NEVER, NEVER)  # an hour late
    second = (1, 1, 1, 7, 0, 5 * HOUR, NEVER, NEVER, NEVER)
    other = (1, 1, 2, 8, 0, 5 * HOUR, NEVER, NEVER, NEVER)
    found = columns(record([first, second, other]), [1, 2], START + 3 * HOUR)
    told = dict(zip(column_names(STANDARDS, ("data.tail",)), found.T, strict=True))
    assert told["data.tail.last.late"][0] == 60
    assert told["data.tail.last.ago"][0] == 60
    assert told["data.tail.1d.broken"][0] == 1
    assert np.isnan(told["data.tail.last.late"][1])
    assert told["lead"].tolist() == [120, 120]


def test_what_is_overdue_counts_until_it_comes():
    waiting = (0, 0, 0, 7, 0, HOUR, 3 * HOUR, NEVER, NEVER)
    asked = (0, 0, 1, 8, 0, 9 * HOUR, NEVER, NEVER, NEVER)
    names = column_names(STANDARDS, ("data.tail",))
    at = names.index("unit.overdue")
    one = record([waiting, asked])
    assert [columns(one, [1], START + hours * HOUR)[0, at] for hours in (1, 2, 4)] == [0, 1, 0]


def test_each_column_has_a_name():
    one = record([(0, 0, 0, 7, 0, HOUR, NEVER, NEVER, NEVER)])
    assert columns(one, [0], START + MINUTE).shape[1] == len(column_names(STANDARDS, ("data.tail",)))


def test_hours_are_those_of_the_zone_through_a_change_of_clocks():
    # 10 March 2013, 06:30 and 07:30 UTC: half past one in winter, half past three in summer
    hours, weekdays = local_clock(np.array([1362897000000, 1362900600000]), ZONE)
    assert hours.tolist() == [1.5, 3.5]
    assert weekdays.tolist() == [6, 6]

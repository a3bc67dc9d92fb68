from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from amends.kernel.business_time import ALWAYS, Calendar, format_duration, parse_duration, parse_local_time

NEW_YORK = ZoneInfo("America/New_York")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

DEPOT = Calendar(
    tz="Asia/Shanghai",
    week={"mon-fri": ("08:00-12:00", "13:00-20:00"), "sat": ("09:00-12:00",)},
    holidays=(date(2026, 2, 17),),
)
SHIFTED = Calendar(  # the Spring Festival of 2026 in China: nine days off, and the Saturdays before and after worked
    tz="Asia/Shanghai",
    week={"mon-fri": ("09:00-12:00", "13:30-18:00")},
    holidays=tuple(date(2026, 2, day) for day in range(15, 24)),
    worked={date(2026, 2, 14): "mon", date(2026, 2, 28): "fri"},
)
NIGHT = Calendar(tz="America/New_York", week={"sat-mon": ("00:00-04:00", "22:00-24:00")})
OFFICE = Calendar(
    tz="America/New_York", week={"mon-fri": ("09:00-17:00",)}, holidays=(date(2025, 12, 25), date(2026, 1, 1))
)
ROUND_THE_CLOCK_IN_NEW_YORK = Calendar(tz="America/New_York", week={"mon-sun": ("00:00-24:00",)})

calendars = st.sampled_from([ALWAYS, DEPOT, SHIFTED, NIGHT, OFFICE, ROUND_THE_CLOCK_IN_NEW_YORK])
# around both clock changes of New York in 2026 (8 March, 1 November), the Shanghai holiday and the turn of the year
starts = st.sampled_from(
    [
        datetime(2026, 3, 6, tzinfo=UTC),
        datetime(2026, 10, 30, tzinfo=UTC),
        datetime(2026, 2, 15, tzinfo=UTC),
        datetime(2025, 12, 23, tzinfo=UTC),
    ]
).flatmap(lambda start: st.integers(0, 6 * 24 * 60).map(lambda minutes: start + minutes * MINUTE))
durations = st.integers(0, 80 * 60).map(lambda minutes: minutes * MINUTE)


def at(tz: ZoneInfo, *when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=tz, fold=fold)


def shanghai(*when: int) -> datetime:
    return at(ZoneInfo("Asia/Shanghai"), *when)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT15M", timedelta(minutes=15)),
        ("P1D", timedelta(days=1)),
        ("P1W2DT3H4M5.5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5.5)),
        ("PT0S", timedelta(0)),
        ("PT90M", timedelta(minutes=90)),
        ("PT0.000001S", timedelta(microseconds=1)),
    ],
)
def test_durations_are_iso_8601(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "15M", "P1DT", "PT1D", "-PT5M", "P1Y", "P2M", "1 hour", "PT5m", "P99999999999D"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_months_are_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="no fixed length"):
        parse_duration("P1M")


@given(st.timedeltas(min_value=timedelta(0)))
def test_durations_are_read_back_as_they_are_written(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("text", ["24:00", "7:00", "07:60", "0700", "noon"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        parse_local_time(text)


def test_business_time_skips_lunch_nights_sundays_and_holidays() -> None:
    assert DEPOT.add(shanghai(2026, 2, 13, 11, 0), 2 * HOUR) == shanghai(2026, 2, 13, 14, 0)
    assert DEPOT.add(shanghai(2026, 2, 13, 19, 30), HOUR) == shanghai(2026, 2, 14, 9, 30)
    assert DEPOT.add(shanghai(2026, 2, 14, 11, 30), HOUR) == shanghai(2026, 2, 16, 8, 30)
    assert DEPOT.add(shanghai(2026, 2, 16, 19, 30), HOUR) == shanghai(2026, 2, 18, 8, 30)


def test_work_that_ends_with_the_period_is_due_then_and_not_when_the_next_one_starts() -> None:
    assert DEPOT.add(shanghai(2026, 2, 13, 11, 0), HOUR) == shanghai(2026, 2, 13, 12, 0)


def test_a_period_is_open_at_its_start_and_closed_at_its_end() -> None:
    assert DEPOT.is_open(shanghai(2026, 2, 13, 8, 0))
    assert not DEPOT.is_open(shanghai(2026, 2, 13, 12, 0))
    assert not DEPOT.is_open(shanghai(2026, 2, 17, 10, 0))


def test_business_time_goes_over_the_turn_of_the_year() -> None:
    assert OFFICE.add(at(NEW_YORK, 2025, 12, 31, 16, 0), 2 * HOUR) == at(NEW_YORK, 2026, 1, 2, 10, 0)


def test_a_round_the_clock_calendar_counts_real_hours_through_both_clock_changes() -> None:
    for day in (date(2026, 3, 8), date(2026, 11, 1)):
        start = datetime.combine(day, time(0), NEW_YORK)
        assert ROUND_THE_CLOCK_IN_NEW_YORK.add(start, DAY) == start.astimezone(UTC) + DAY
        assert ROUND_THE_CLOCK_IN_NEW_YORK.is_open(start + 2 * HOUR)


def test_a_shift_loses_the_hour_that_is_skipped_and_gains_the_one_that_comes_twice() -> None:
    early = Calendar(tz="America/New_York", week={"sun": ("01:00-04:00",)})
    for day, hours in ((date(2026, 3, 8), 2), (date(2026, 3, 15), 3), (date(2026, 11, 1), 4)):
        midnight = datetime.combine(day, time(0), NEW_YORK)
        assert early.elapsed(midnight, midnight + DAY) == hours * HOUR


def test_a_period_that_is_skipped_altogether_does_not_open() -> None:
    skipped = Calendar(tz="America/New_York", week={"sun": ("02:00-03:00",)})
    assert skipped.periods(date(2026, 3, 8)) == ()
    assert skipped.add(at(NEW_YORK, 2026, 3, 8, 0, 0), HOUR) == at(NEW_YORK, 2026, 3, 15, 3, 0)


def test_a_due_time_that_is_skipped_is_the_moment_of_the_jump() -> None:
    due = ROUND_THE_CLOCK_IN_NEW_YORK.due_by(at(NEW_YORK, 2026, 3, 7, 12, 0), time(2, 30), days=1)
    assert due == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 02:00 EST, which is 03:00 EDT


def test_a_due_time_that_comes_twice_is_its_first_coming() -> None:
    due = ROUND_THE_CLOCK_IN_NEW_YORK.due_by(at(NEW_YORK, 2026, 10, 31, 12, 0), time(1, 30), days=1)
    assert due == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 EDT


def test_a_day_that_a_time_zone_skipped_has_no_periods() -> None:
    samoa = Calendar(tz="Pacific/Apia", week={"mon-sun": ("09:00-17:00",)})
    assert samoa.periods(date(2011, 12, 30)) == ()
    assert not samoa.is_business_day(date(2011, 12, 30))
    assert samoa.add(datetime(2011, 12, 30, 3, 0, tzinfo=UTC), HOUR) == datetime(2011, 12, 30, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (shanghai(2026, 2, 12, 17, 59), shanghai(2026, 2, 13, 10, 0)),  # Thursday before the cutoff
        (shanghai(2026, 2, 12, 18, 0), shanghai(2026, 2, 13, 10, 0)),  # at the cutoff is not after it
        (shanghai(2026, 2, 12, 18, 1), shanghai(2026, 2, 14, 10, 0)),  # after it: as if on Friday
        (shanghai(2026, 2, 15, 9, 0), shanghai(2026, 2, 18, 10, 0)),  # Sunday counts as Monday; Tuesday is a holiday
        (shanghai(2026, 2, 16, 9, 0), shanghai(2026, 2, 18, 10, 0)),
        (shanghai(2026, 2, 17, 9, 0), shanghai(2026, 2, 19, 10, 0)),  # the holiday counts as Wednesday
        (shanghai(2026, 2, 14, 23, 0), shanghai(2026, 2, 18, 10, 0)),  # Saturday after the cutoff: as if on Monday
    ],
)
def test_due_by_counts_business_days_from_the_one_that_the_opening_falls_on(opened: datetime, due: datetime) -> None:
    assert DEPOT.due_by(opened, time(10, 0), days=1, cutoff=time(18, 0)) == due


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (shanghai(2026, 2, 13, 17, 30), shanghai(2026, 2, 14, 9, 30)),  # Friday evening goes on on a Saturday
        (shanghai(2026, 2, 14, 17, 30), shanghai(2026, 2, 24, 9, 30)),  # and that one over nine days off
        (shanghai(2026, 2, 21, 10, 0), shanghai(2026, 2, 24, 10, 0)),  # a Saturday as any other
        (shanghai(2026, 2, 28, 11, 30), shanghai(2026, 2, 28, 14, 0)),
    ],
)
def test_days_that_are_worked_in_exchange_count(opened: datetime, due: datetime) -> None:
    assert SHIFTED.add(opened, HOUR) == due
    assert SHIFTED.is_business_day(due.date())


def test_due_by_on_the_same_day_may_lie_before_the_opening() -> None:
    opened = shanghai(2026, 2, 12, 15, 0)
    assert DEPOT.due_by(opened, time(10, 0)) == shanghai(2026, 2, 12, 10, 0)


def test_due_by_outside_working_periods_is_still_that_time_of_day() -> None:
    assert DEPOT.due_by(shanghai(2026, 2, 12, 9, 0), time(23, 30), days=1) == shanghai(2026, 2, 13, 23, 30)


@given(calendars, starts, durations)
def test_what_is_added_has_elapsed(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    assert calendar.elapsed(start, calendar.add(start, duration)) == duration


@given(calendars, starts, durations, durations)
def test_more_business_time_is_never_due_earlier(
    calendar: Calendar, start: datetime, a: timedelta, b: timedelta
) -> None:
    shorter, longer = sorted((a, b))
    assert start <= calendar.add(start, shorter) <= calendar.add(start, longer)


@given(calendars, starts, starts, durations)
def test_who_starts_later_is_never_due_earlier(
    calendar: Calendar, a: datetime, b: datetime, duration: timedelta
) -> None:
    earlier, later = sorted((a, b))
    assert calendar.add(earlier, duration) <= calendar.add(later, duration)


@given(calendars, starts, durations, durations)
def test_adding_twice_is_adding_the_sum(calendar: Calendar, start: datetime, a: timedelta, b: timedelta) -> None:
    assert calendar.add(calendar.add(start, a), b) == calendar.add(start, a + b)


@given(calendars, starts, starts, starts)
def test_elapsed_time_adds_up(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)
    assert calendar.elapsed(a, b) == -calendar.elapsed(b, a)


@settings(max_examples=20)
@given(calendars, starts, st.integers(0, 60 * 24))
def test_elapsed_time_is_the_sum_of_the_open_minutes(calendar: Calendar, start: datetime, minutes: int) -> None:
    counted = sum(calendar.is_open(start + minute * MINUTE) for minute in range(minutes))
    assert calendar.elapsed(start, start + minutes * MINUTE) == counted * MINUTE


@given(calendars, st.dates(date(2025, 12, 20), date(2026, 12, 31)))
def test_periods_are_in_order_and_never_overlap(calendar: Calendar, day: date) -> None:
    periods = [*calendar.periods(day), *calendar.periods(day + DAY)]
    assert all(opens < closes for opens, closes in periods)
    assert all(closes <= opens for (_, closes), (opens, _) in pairwise(periods))


@given(calendars, starts, starts, st.times(), st.integers(0, 5))
def test_a_later_opening_is_never_due_earlier(
    calendar: Calendar, a: datetime, b: datetime, by: time, days: int
) -> None:
    earlier, later = sorted((a, b))
    assert calendar.due_by(earlier, by, days, time(18)) <= calendar.due_by(later, by, days, time(18))


@given(calendars, starts, st.times(), st.integers(0, 5))
def test_a_due_time_falls_on_a_business_day(calendar: Calendar, opened: datetime, by: time, days: int) -> None:
    due = calendar.due_by(opened, by.replace(microsecond=0), days)
    assert calendar.is_business_day(due.astimezone(calendar.zone).date())


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        DEPOT.add(datetime(2026, 2, 12, 9, 0), HOUR)  # noqa: DTZ001  that is the point


def test_business_time_is_not_taken_away() -> None:
    with pytest.raises(ValueError, match="not taken away"):
        DEPOT.add(shanghai(2026, 2, 12, 9, 0), -HOUR)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tz": "Mars/Olympus"}, "no time zone"),
        ({"tz": "../etc/passwd"}, "no time zone"),
        ({"week": {}}, "at least 1"),
        ({"week": {"mon": []}}, "nobody ever works"),
        ({"week": {"monday": ["08:00-12:00"]}}, "no weekday"),
        ({"week": {"mon-fri": ["08:00-12:00"], "fri": ["09:00-10:00"]}}, "fri comes twice"),
        ({"week": {"mon": ["08:00-12:00", "11:00-13:00"]}}, "overlap"),
        ({"week": {"mon": ["13:00-14:00", "08:00-12:00"]}}, "overlap or are out of order"),
        ({"week": {"mon": ["22:00-02:00"]}}, "does not start before it ends"),
        ({"week": {"mon": ["08:00-12:60"]}}, "does not start before it ends"),
        ({"week": {"mon": ["8-12"]}}, "no period"),
        ({"holidays": ["2026-02-30"]}, "date"),
        ({"worked": {"2026-02-14": "monday"}}, "'mon', 'tue'"),
        ({"worked": {"2026-02-14": "sat"}}, "nobody works on a sat in this week"),
        ({"worked": {"2026-02-17": "mon"}, "holidays": ["2026-02-17"]}, "a holiday and worked as well"),
        ({"open": True}, "Extra inputs"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Calendar.model_validate({"tz": "Asia/Shanghai", "week": {"mon-fri": ["08:00-12:00"]}, **change})


def test_weekday_ranges_may_go_over_the_weekend() -> None:
    assert [NIGHT.is_business_day(date(2026, 3, day)) for day in range(2, 9)] == [
        True,
        False,
        False,
        False,
        False,
        True,
        True,
    ]

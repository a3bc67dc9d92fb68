from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from amends.learn.core.period import Days, days_of

NEW_YORK = ZoneInfo("America/New_York")


def test_local_midnights_bound_whole_days() -> None:
    since, until = datetime(2013, 1, 7, 5, tzinfo=UTC), datetime(2013, 1, 10, 5, tzinfo=UTC)
    assert days_of(since, until, NEW_YORK) == Days(first=date(2013, 1, 7), end=date(2013, 1, 10))


def test_a_day_that_is_only_touched_counts_whole() -> None:
    since, until = datetime(2013, 1, 7, 4, tzinfo=UTC), datetime(2013, 1, 10, 6, tzinfo=UTC)
    assert days_of(since, until, NEW_YORK) == Days(first=date(2013, 1, 6), end=date(2013, 1, 11))


def test_an_open_side_has_no_bound() -> None:
    assert days_of(None, None, NEW_YORK).where() == {}
    assert days_of(datetime(2013, 1, 7, 5, tzinfo=UTC), None, NEW_YORK).where() == {"day__gte": date(2013, 1, 7)}


def test_the_first_moment_after_a_period_takes_no_day_with_it() -> None:
    noon = datetime(2013, 1, 7, 17, tzinfo=UTC)
    assert days_of(noon, noon, NEW_YORK) == Days(first=date(2013, 1, 7), end=date(2013, 1, 7))


def test_days_are_bounded_by_local_midnights_also_where_the_clock_is_put_forward() -> None:
    days = Days(first=date(2013, 3, 10), end=date(2013, 3, 11))
    assert days.moments(NEW_YORK) == (datetime(2013, 3, 10, 5, tzinfo=UTC), datetime(2013, 3, 11, 4, tzinfo=UTC))
    assert Days().moments(NEW_YORK) == (None, None)

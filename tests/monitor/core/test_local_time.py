"""Times as people's tables have them."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.local_time import time_of
from amends.monitor.core.signal import Unusable

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NINE = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)  # five past nine in Shanghai


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-02T09:05:00+08:00", "2026-03-02T01:05Z", "2026-03-02 09:05", "2026-03-02 09:05:00.000"),
        *("2026/3/2 9:05", "2026.3.2 9:05", "2026年3月2日 9时5分", "2026年3月2日 9:05", "20260302T090500"),
        *("20260302T0105Z", "2026-03-01T19:05-06"),
        *("3/2/2026 9:05 AM", "03-02-2026 09:05", "2026-03-02 09:05 a.m."),
    ],
)
def test_many_spellings_are_one_moment(text: str) -> None:
    assert time_of(text, SHANGHAI, "month_first") == NINE


def test_a_date_alone_is_its_midnight() -> None:
    assert time_of("2026-03-02", SHANGHAI, "month_first") == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_the_order_says_which_is_the_day() -> None:
    assert time_of("4/3/2026", ZoneInfo("UTC"), "month_first") == datetime(2026, 4, 3, tzinfo=UTC)
    assert time_of("4/3/2026", ZoneInfo("UTC"), "day_first") == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-08 02:30", "no such time"),
        ("2026-11-01 01:30", "came twice"),
        ("soon", "cannot be read"),
        ("2026-02-30", "cannot be read"),
        ("13:00", "cannot be read"),
        ("2026-03-02 13:00 PM", "cannot be read"),
        ("2026-03-02 25:00", "cannot be read"),
        ("1772442000", "cannot be read"),
        ("0001-01-01T00:00:00+10:00", "cannot be read"),
    ],
)
def test_what_names_no_moment_or_two_is_refused(text: str, words: str) -> None:
    with pytest.raises(Unusable, match=words) as refused:
        time_of(text, NEW_YORK, "month_first")
    assert refused.value.said.zh


def test_an_offset_tells_the_hour_that_came_twice_apart() -> None:
    first, second = (time_of(f"2026-11-01 01:30 {offset}", NEW_YORK, "month_first") for offset in ("-04:00", "-05:00"))
    assert (second - first).total_seconds() == 3600


@given(st.integers(1, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_what_is_written_is_read_back(moment: datetime) -> None:
    local = moment.astimezone(NEW_YORK)
    assert time_of(local.isoformat(), SHANGHAI, "day_first") == local


@given(st.text(max_size=40))
def test_whatever_stands_there_it_is_a_moment_or_refused(text: str) -> None:
    with suppress(Unusable):
        assert time_of(text, NEW_YORK, "day_first").tzinfo is UTC

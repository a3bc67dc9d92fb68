"""Times and spans as each language writes them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from amends.web.console import times

AT = datetime(2013, 1, 2, 19, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_new_york() -> Iterator[None]:
    with timezone.override(ZoneInfo("America/New_York")):
        yield


@pytest.mark.parametrize(
    ("language", "full", "short"),
    [("en", "2 January 2013, 14:05", "2 Jan 14:05"), ("zh-hans", "2013年1月2日 14:05", "1月2日 14:05")],
)
def test_a_moment_is_shown_in_the_deployments_zone_and_the_readers_form(language: str, full: str, short: str) -> None:
    with translation.override(language):
        assert times.moment(AT) == full
        assert times.moment_short(AT) == short


@pytest.mark.parametrize(
    ("length", "en", "zh"),
    [
        (timedelta(seconds=59), "less than a minute", "不到1分钟"),
        (timedelta(minutes=5), "5 min", "5分钟"),
        (timedelta(hours=2, minutes=5), "2 h 5 min", "2小时5分钟"),
        (timedelta(hours=2), "2 h", "2小时"),
        (timedelta(days=3, hours=4, minutes=50), "3 d 4 h", "3天4小时"),
        (timedelta(days=1, minutes=7), "1 d", "1天"),
    ],
)
def test_a_span_is_said_by_its_two_largest_units(length: timedelta, en: str, zh: str) -> None:
    with translation.override("en"):
        assert times.span(length) == en
    with translation.override("zh-hans"):
        assert times.span(length) == zh


def test_deadlines_say_what_is_left_or_by_how_much_they_were_missed() -> None:
    hour = timedelta(hours=1)
    with translation.override("en"):
        assert times.until_due(AT + hour, AT) == "1 h left"
        assert times.until_due(AT - hour, AT) == "1 h overdue"
        assert times.from_now(AT + hour, AT) == "in 1 h"
        assert times.from_now(AT - hour, AT) == "1 h ago"
        assert times.from_now(AT - timedelta(seconds=9), AT) == "just now"
    with translation.override("zh-hans"):
        assert times.until_due(AT - hour, AT) == "逾期1小时"
        assert times.from_now(AT + hour, AT) == "1小时后"

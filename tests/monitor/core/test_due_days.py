"""Due by a local time of day: the spans of a day say for every instant what the calendar says."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from amends.kernel.business_time import Calendar
from amends.monitor.core.due_days import spans_of
from amends.monitor.core.standard import DueBy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]
# around the changes of the clocks, and in between
DAYS = st.sampled_from(
    [(2026, 3, 8), (2026, 3, 29), (2026, 4, 5), (2026, 10, 4), (2026, 10, 25), (2026, 11, 1), (2026, 7, 1)]
)
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0)) | st.sampled_from(
    [time(0), time(1, 30), time(2, 30), time(23, 59)]
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES),
    DAYS,
    st.integers(-2, 2),
    CLOCKS,
    st.none() | CLOCKS,
    st.integers(0, 2),
    st.lists(st.integers(0, 86_399_999_999), max_size=8),
)
def test_every_instant_of_a_day_is_due_when_the_calendar_says(  # noqa: PLR0917  Hypothesis gives them by place
    tz: str,
    date: tuple[int, int, int],
    shift: int,
    by: time,
    cutoff: time | None,
    days: int,
    instants: list[int],
) -> None:
    calendar = Calendar(tz=tz, week={"mon-sat": ("08:00-18:00",)}, holidays=())
    start = datetime(*date, tzinfo=UTC) + timedelta(days=shift)
    day = (start - EPOCH).days
    spans = spans_of(day, DueBy(by=by, days=days, calendar="c", cutoff=cutoff), calendar)
    assert spans[0].start == (start - EPOCH) // TICK
    assert spans[-1].end == spans[0].start + 86_400_000_000
    assert all(one.end == following.start for one, following in pairwise(spans))
    borders = [border - spans[0].start + nudge for s in spans for border in (s.start,) for nudge in (-1, 0, 1)]
    for offset in [*instants, *(b for b in borders if 0 <= b < 86_400_000_000)]:
        opened = start + offset * TICK
        (span,) = (s for s in spans if s.start <= (opened - EPOCH) // TICK < s.end)
        assert span.due == (calendar.due_by(opened, by, days, cutoff) - EPOCH) // TICK


def test_an_opening_right_at_the_cutoff_still_counts_for_the_day() -> None:
    calendar = Calendar(tz="UTC", week={"mon-sun": ("00:00-24:00",)})
    spans = spans_of(0, DueBy(by=time(10), days=1, calendar="c", cutoff=time(18, 7)), calendar)
    at_cutoff = 18 * 3_600_000_000 + 7 * 60_000_000
    assert [(s.end, s.due // 3_600_000_000) for s in spans] == [(at_cutoff + 1, 34), (86_400_000_000, 58)]


def test_beyond_the_last_date_there_is_no_due_time() -> None:
    calendar = Calendar(tz="UTC", week={"mon": ("08:00-18:00",)})
    last = (datetime(9999, 12, 30, tzinfo=UTC) - EPOCH).days
    assert spans_of(last, DueBy(by=time(10), days=9, calendar="c"), calendar) == []

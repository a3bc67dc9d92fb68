"""However findings are cut into batches, the same one is the first beyond the limit."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.flood import Count, count_on

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
TIMES = st.lists(st.integers(0, 300), max_size=40).map(sorted)


@given(TIMES, st.integers(1, 6), st.integers(0, 40))
def test_the_cut_makes_no_difference(seconds: list[int], limit: int, cut: int) -> None:
    times = [START + timedelta(seconds=one) for one in seconds]
    whole = count_on(Count(), times, limit=limit)
    first = count_on(Count(), times[:cut], limit=limit)
    second = count_on(first.count, times[cut:], limit=limit)
    beyond = first.beyond if first.beyond is not None else None if second.beyond is None else second.beyond + cut
    assert (whole.count, whole.beyond) == (second.count, beyond if cut <= len(times) else whole.beyond)


@given(TIMES, st.integers(1, 6))
def test_none_is_beyond_where_no_minute_has_more_than_the_limit(seconds: list[int], limit: int) -> None:
    times = [START + timedelta(seconds=one) for one in seconds]
    per_minute = [sum(1 for other in seconds if other // 60 == one // 60) for one in seconds]
    counted = count_on(Count(), times, limit=limit)
    assert (counted.beyond is None) == (max(per_minute, default=0) <= limit)
    assert counted.most == max(per_minute, default=0)

"""How well a standard is kept, period by period: what is judged, and by which limits."""

from datetime import UTC, datetime, timedelta

from amends.monitor.core.kept_rate import Period, counts, shares

DAYS = [Period(start=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=n), kept=0, broken=20) for n in range(27)]
TODAY = DAYS[-1].start + timedelta(days=1)


def test_a_part_of_a_day_is_neither_judged_nor_does_it_move_the_limits() -> None:
    points = counts([*DAYS, Period(start=TODAY, kept=0, broken=2, whole=False)])
    assert (points[-1].value, points[-1].limits, points[-1].beyond) == (2, None, "")
    assert points[:-1] == counts(DAYS)
    assert counts([*DAYS, Period(start=TODAY, kept=0, broken=2)])[-1].beyond == "below"


def test_the_share_of_a_part_of_a_day_is_judged_by_what_was_promised_in_it() -> None:
    days = [Period(start=day.start, kept=80, broken=20) for day in DAYS]
    for broken, beyond in ((2, ""), (9, "below")):
        part = Period(start=TODAY, kept=10 - broken, broken=broken, whole=False)
        assert shares([*days, part])[-1].beyond == beyond

"""The clocks of sources are measured once for each signal, over two hours in which they were heard."""

from datetime import UTC, datetime, timedelta

import pytest

from amends.monitor.core.signal import Ahead, SignalIn
from amends.monitor.models import MonitorProgress, Signal, SourceClock
from amends.monitor.selectors import clocks_ahead, clocks_for
from amends.monitor.services import accept_signals, measure_clocks, note_ahead
from amends.people.models import Staff
from amends.people.services import create_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, 10, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def feeder(db: None) -> Staff:
    return create_staff(email="f@every.test", name="Fu", role="manager", unit=None, now=NOW, acting_user=None)


def tell(source: str, *delays: float, at: datetime = NOW) -> None:
    """Signals that arrive now, so many seconds after they happened; the monitor has read them."""
    count = Signal.objects.count()
    signals = [
        SignalIn(id=f"{count + n}", source=source, type="t", subject="S", time=at - delay * SECOND)
        for n, delay in enumerate(delays)
    ]
    accept_signals(signals, now=at)
    last = Signal.objects.order_by("-id").values_list("id", flat=True)[0]
    MonitorProgress.objects.update_or_create(stream="s", defaults={"position": "1", "updated_at": at, "read_to": last})


def verdicts(feeder: Staff, now: datetime = NOW) -> dict[str, tuple[str, float]]:
    rows = clocks_for(feeder, lateness=timedelta(minutes=10), now=now)
    return {row.source: (skew.verdict, skew.by.total_seconds()) for row, _heard, skew in rows}


def test_sources_are_told_apart_and_each_signal_is_measured_once(feeder: Staff) -> None:
    tell("good", 1, 2, 90)
    tell("ahead", -40, 3)
    tell("slow", *[700 + n for n in range(30)])
    measure_clocks(now=NOW)
    measure_clocks(now=NOW)
    assert SourceClock.objects.get(source="good").signals == 3
    assert verdicts(feeder) == {"good": ("good", 0), "ahead": ("ahead", 40), "slow": ("behind", 700)}
    assert clocks_ahead(most=10) == [("ahead", timedelta(seconds=40))]


def test_what_was_refused_shows_how_far_a_clock_is_ahead(feeder: Staff) -> None:
    tell("gate", 1)
    measure_clocks(now=NOW)
    note_ahead([Ahead("gate", timedelta(minutes=m), NOW) for m in (6, 9, 7)], now=NOW)
    assert SourceClock.objects.get().refused == 3
    assert verdicts(feeder) == {"gate": ("ahead", 540)}


def test_a_clock_that_was_set_is_warned_of_no_more_after_two_hours(feeder: Staff) -> None:
    tell("gate", -60)
    measure_clocks(now=NOW)
    for hours, verdict in ((1, "ahead"), (2, "good")):
        later = NOW + hours * HOUR
        tell("gate", 1, at=later)
        measure_clocks(now=later)
        assert verdicts(feeder, later)["gate"][0] == verdict
    assert verdicts(feeder, NOW + timedelta(days=3))["gate"][0] == "unknown"


def test_whoever_makes_up_a_source_for_each_signal_fills_no_table(
    feeder: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.monitor.services.clocks.MOST_SOURCES", 5)
    for number in range(20):
        tell(f"s{number}", 1, at=NOW + number * SECOND)
    measure_clocks(now=NOW + HOUR)
    note_ahead([Ahead(f"a{n}", HOUR, NOW) for n in range(20)], now=NOW)
    tell("last", 1, at=NOW + HOUR)
    measure_clocks(now=NOW + HOUR)
    assert SourceClock.objects.count() == 5


def test_signals_that_no_monitor_has_read_are_not_measured_yet(feeder: Staff) -> None:
    tell("gate", 1)
    MonitorProgress.objects.update(read_to=0)
    measure_clocks(now=NOW)
    assert not SourceClock.objects.exists()

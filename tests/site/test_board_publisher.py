"""What the monitor tells the board: only while somebody watches, only what changed; and it counts each promise once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Board, BoardCount, BoardPromise, KeptCount, MonitorProgress
from amends.monitor.services import accept_signals, want_board
from amends.people.services import plant_units
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.site.ring import Watch

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Open = Callable[[], Watch]


@pytest.fixture
def version() -> BlueprintVersion:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    plant_units([("AAA", None, "Alpha", "甲站")])
    return publish_blueprint(load_shipped("airline"), name="airline", now=NOON, acting_user="test")


@pytest.fixture
def watch(version: BlueprintVersion, tmp_path: Path) -> Open:
    return lambda: Watch(tmp_path, version)


def flight(type_: str, subject: str, at: datetime, **data: str) -> None:
    signal = SignalIn(
        id=f"{subject}#{type_}", source="ops", type=f"flight.{type_}", subject=subject, time=at, unit="AAA", data=data
    )
    assert accept_signals([signal], now=at).accepted == 1


def scheduled(subject: str, *, departs: datetime, at: datetime = NOON) -> None:
    due = {"depart_due": departs.isoformat(), "arrive_due": (departs + 2 * HOUR).isoformat()}
    flight("scheduled", subject, at, **due)


def shown() -> set[tuple[str, str]]:
    return set(BoardPromise.objects.values_list("subject", "standard"))


def test_nothing_is_published_while_nobody_watches(watch: Open) -> None:
    scheduled("F1", departs=NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON)
        monitor.tick(now=NOON)
        assert not Board.objects.exists()
        assert shown() == set()
        want_board(now=NOON)
        monitor.tick(now=NOON + timedelta(seconds=1))
        assert shown() == {("F1", "depart-on-time"), ("F1", "arrive-on-time")}
        monitor.tick(now=NOON + 10 * MINUTE)  # whoever watched has gone
        assert Board.objects.get().version == 1


def publishing(monitor: Watch, at: datetime) -> int:
    """The board's version after a tick in which somebody watches."""
    want_board(now=at)
    monitor._board._not_before = 0.0  # as if the share of the monitor's time that it may take were not used up
    monitor.tick(now=at)
    return Board.objects.get().version


def test_it_changes_with_signals_and_with_time_and_otherwise_not_at_all(watch: Open) -> None:
    scheduled("F1", departs=NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON)
        assert publishing(monitor, NOON) == 1
        assert publishing(monitor, NOON + MINUTE) == 1, "nothing came, and nothing became due"
        at_risk = NOON + HOUR
        assert publishing(monitor, at_risk) == 2, "now it is at risk"
        assert BoardCount.objects.get(standard="depart-on-time").at_risk == 1
        scheduled("F2", departs=NOON + 3 * HOUR, at=at_risk)
        flight("departed", "F1", at_risk)
        monitor.turn(now=at_risk)
        assert publishing(monitor, at_risk + MINUTE) == 3
    assert shown() == {
        ("F1", "arrive-on-time"), ("F2", "depart-on-time"), ("F2", "arrive-on-time"),
    }  # fmt: skip
    assert BoardCount.objects.get(standard="depart-on-time").at_risk == 0


def test_what_another_process_left_on_the_board_is_replaced(watch: Open) -> None:
    BoardPromise.objects.create(
        standard="depart-on-time", seq=99, subject="old", unit="AAA", opened_at=NOON, due=NOON + HOUR
    )
    scheduled("F1", departs=NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON)
        publishing(monitor, NOON)
    assert shown() == {("F1", "depart-on-time"), ("F1", "arrive-on-time")}


def kept() -> dict[tuple[str, int], tuple[int, int]]:
    return {(one.standard, one.hour.hour): (one.kept, one.broken) for one in KeptCount.objects.all()}


def test_promises_kept_are_counted_though_nothing_is_found_about_them(watch: Open) -> None:
    for number in range(3):
        scheduled(f"F{number}", departs=NOON + HOUR)
    for number in range(2):
        flight("departed", f"F{number}", NOON + HOUR)
    flight("cancelled", "F9", NOON + 2 * HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON + 2 * HOUR)
        monitor.tick(now=NOON + 2 * HOUR + 30 * MINUTE)
    assert kept() == {("depart-on-time", 13): (2, 1), ("not-cancelled", 14): (0, 1)}
    assert KeptCount.objects.values_list("unit", flat=True).distinct().get() == "AAA"


def test_they_are_counted_once_although_the_folder_is_lost_and_all_is_judged_anew(watch: Open, tmp_path: Path) -> None:
    scheduled("F1", departs=NOON + HOUR)
    flight("departed", "F1", NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + 2 * HOUR)
    assert kept() == {("depart-on-time", 13): (1, 0)}
    for file in tmp_path.iterdir():
        file.unlink()
    with watch() as monitor:
        monitor.turn(now=NOON + 2 * HOUR)
        monitor.tick(now=NOON + 2 * HOUR)
    assert kept() == {("depart-on-time", 13): (1, 0)}


def test_a_step_that_was_not_delivered_is_counted_once_when_it_is(watch: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled("F1", departs=NOON + HOUR)
    flight("departed", "F1", NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
        monkeypatch.setattr(MonitorProgress, "save", _killed)
        with pytest.raises(KeyboardInterrupt):
            monitor.tick(now=NOON + 2 * HOUR)
        monkeypatch.undo()
    assert kept() == {}
    with watch() as monitor:
        monitor.turn(now=NOON + 2 * HOUR)
        monitor.turn(now=NOON + 2 * HOUR)
    assert kept() == {("depart-on-time", 13): (1, 0)}


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt

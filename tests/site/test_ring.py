"""The live monitor: what was accepted is judged once, whatever becomes of its state, the clock or the database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.history import History
from amends.kernel.text import Localised
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Excursion, Failure, Incident, MonitorProgress, SetAside
from amends.monitor.recorded import root_of
from amends.monitor.selectors import judged_to
from amends.monitor.services import accept_signals, record_rates
from amends.monitor.services.recording import tidy_history
from amends.people.services import plant_units
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.recover.models import Case
from amends.site.ring import MonitorBusy, Watch
from tests.workers import do_jobs

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
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


def cancelled(number: int, at: datetime) -> None:
    signal = SignalIn(
        id=f"{number}",
        source="ops",
        type="flight.cancelled",
        subject=f"F{number}",
        time=at,
        customer=f"C{number}",
        unit="AAA",
        data={"cancelled": True},
    )
    assert accept_signals([signal], now=at).accepted == 1


def failed() -> set[str]:
    return set(Failure.objects.values_list("subject", flat=True))


def test_a_signal_becomes_a_failure_and_a_case_once_its_time_is_certain(watch: Open, tmp_path: Path) -> None:
    cancelled(1, NOON)
    with watch() as monitor:
        monitor.turn(now=NOON)
        assert failed() == set(), "another signal may still come before it"
        monitor.tick(now=NOON + HOUR)
    assert failed() == {"F1"}
    do_jobs(tmp_path)
    assert Case.objects.get().customer.reference == "C1"


def test_a_signal_ahead_of_time_is_set_aside_and_moves_no_watermark(watch: Open) -> None:
    cancelled(1, NOON + timedelta(days=400))
    with watch() as monitor:
        monitor.turn(now=NOON)
        cancelled(2, NOON)
        monitor.turn(now=NOON)
        monitor.tick(now=NOON + HOUR)
    assert failed() == {"F2"}
    assert SetAside.objects.get().signal_id == "1"


def test_a_signal_that_comes_too_late_is_on_record_with_its_reason(watch: Open) -> None:
    with watch() as monitor:
        monitor.tick(now=NOON + HOUR)
        cancelled(1, NOON)
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + 2 * HOUR)
    assert failed() == set()
    assert "late" in SetAside.objects.get().reason
    assert MonitorProgress.objects.get().late == 1


def test_the_monitor_goes_on_after_its_folder_is_lost(watch: Open, tmp_path: Path) -> None:
    cancelled(1, NOON)
    with watch() as monitor:
        monitor.turn(now=NOON)
        monitor.tick(now=NOON + HOUR)
    for file in tmp_path.iterdir():
        file.unlink()
    cancelled(2, NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + 2 * HOUR)
    assert failed() == {"F1", "F2"}
    do_jobs(tmp_path)
    assert Failure.objects.count() == Case.objects.count() == 2


def test_a_database_from_before_makes_the_monitor_judge_anew(watch: Open, version: BlueprintVersion) -> None:
    """What `amends db restore` leaves: older rows, numbers that come again, and no progress of the monitor."""
    cancelled(1, NOON)
    with watch() as monitor:
        monitor.turn(now=NOON)
        monitor.tick(now=NOON + HOUR)
    MonitorProgress.objects.all().delete()
    cancelled(2, NOON + HOUR)
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + 2 * HOUR)
    assert failed() == {"F1", "F2"}


def test_findings_that_were_not_delivered_are_delivered_at_the_next_start(
    watch: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the monitor's commit and the database's."""
    cancelled(1, NOON)
    with watch() as monitor:
        monitor.turn(now=NOON)
        monkeypatch.setattr("amends.site.ring.record_findings", _killed)
        with pytest.raises(KeyboardInterrupt):
            monitor.tick(now=NOON + HOUR)
    monkeypatch.undo()
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
    assert failed() == {"F1"}


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_only_one_process_watches_a_deployment(watch: Open) -> None:
    with watch(), pytest.raises(MonitorBusy, match="Another process"):
        watch()
    with watch() as again:
        assert again.is_current()


def test_another_version_in_force_is_noticed(watch: Open, tmp_path: Path) -> None:
    changed = load_shipped("airline").content() | {"version": "next"}
    from amends.kernel.blueprint import Blueprint

    with watch() as monitor:
        publish_blueprint(Blueprint.from_content(changed), name="airline", now=NOON, acting_user="test")
        assert not monitor.is_current()


def scheduled(number: int, due: datetime, *, at: datetime) -> None:
    signal = SignalIn(
        id=f"{number}-scheduled",
        source="ops",
        type="flight.scheduled",
        subject=f"F{number}",
        time=at,
        unit="AAA",
        data={"depart_due": due.isoformat(), "arrive_due": (due + 9 * HOUR).isoformat()},
    )
    assert accept_signals([signal], now=at).accepted == 1


def departed(number: int, at: datetime) -> None:
    signal = SignalIn(id=f"{number}-left", source="ops", type="flight.departed", subject=f"F{number}", time=at)
    assert accept_signals([signal], now=at).accepted == 1


def published(now: datetime, **changes: object) -> BlueprintVersion:
    """The next version: departures on other terms."""
    from amends.kernel.blueprint import Blueprint

    content = blueprint_of(version_in_force("airline").pk).content()
    first, *others = content["standards"]
    assert first["id"] == "depart-on-time"
    changed = Blueprint.from_content({**content, "standards": [{**first, **changes}, *others]})
    return publish_blueprint(changed, name="airline", now=now, acting_user="test")


def stages() -> dict[str, tuple[str, int]]:
    return {
        failure.subject: (failure.stage, failure.findings.count())
        for failure in Failure.objects.filter(standard="depart-on-time").prefetch_related("findings")
    }


NO_SLACK = {"due": {"at": "data.depart_due"}}


def test_a_unit_that_fell_silent_out_of_control_is_out_no_more_some_day(watch: Open, version: BlueprintVersion) -> None:
    out = {"standard": "station-punctual", "subject": "AAA", "unit": "AAA", "what": "out_of_control", "evidence": "{}"}
    record_rates([out | {"at": NOON, "due": NOON, "opened_at": NOON - HOUR}], version=version)
    with watch() as monitor:
        cancelled(1, NOON)
        monitor.turn(now=NOON)
        monitor.tick(now=NOON + timedelta(weeks=7))
        assert Excursion.objects.get().ended_at is None
        monitor.tick(now=NOON + timedelta(weeks=9))
    assert Excursion.objects.get().ended_at == NOON + timedelta(weeks=8)
    assert Incident.objects.get(key__startswith="rate/").state == "ended"


def test_a_new_version_neither_finds_again_nor_loses_anything(watch: Open, tmp_path: Path) -> None:
    """Three flights due at noon: late before the change, in the air since before it, and still waited for."""
    morning = NOON - 6 * HOUR
    for number in (1, 2, 3, 4):
        scheduled(number, NOON + (2 * HOUR if number == 4 else timedelta(0)), at=morning)
    departed(2, NOON + timedelta(minutes=10))
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + HOUR)
        departed(1, NOON + timedelta(minutes=55))  # not judged yet when the version changes
        before = stages()
    assert before == {"F1": ("breached", 2), "F2": ("averted", 1), "F3": ("breached", 2)}
    ids = set(Failure.objects.values_list("pk", flat=True))
    version = published(NOON + HOUR, **NO_SLACK)
    with Watch(tmp_path, version) as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + HOUR + timedelta(minutes=11))
        assert stages() == {**before, "F1": ("late", 3)}, "F2 was on time by what was promised then"
        assert set(Failure.objects.values_list("pk", flat=True)) == ids, "each keeps its failure"
        monitor.tick(now=NOON + 2 * HOUR + timedelta(minutes=11))
        assert stages()["F4"] == ("breached", 2), "by the new terms: not a minute late is granted"
        monitor.tick(now=NOON + 13 * HOUR)
    assert {subject: stage for subject, (stage, _) in stages().items()} == {
        "F1": "late",
        "F2": "averted",
        "F3": "never",
        "F4": "breached",
    }
    do_jobs(tmp_path)
    assert len(list(tmp_path.glob("*.duckdb"))) == 1, "the state of the version before is of no use any more"


def test_two_versions_in_a_row_find_nothing_of_before_the_first(watch: Open, tmp_path: Path) -> None:
    scheduled(1, NOON, at=NOON - 6 * HOUR)
    departed(1, NOON + timedelta(minutes=10))
    with watch() as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + HOUR)
    second = published(NOON + HOUR, **NO_SLACK)
    with Watch(tmp_path, second):
        pass  # killed before it judged anything
    third = published(NOON + HOUR, **NO_SLACK, warn="PT1M")
    with Watch(tmp_path, third) as monitor:
        monitor.turn(now=NOON + HOUR)
        monitor.tick(now=NOON + 9 * HOUR)
    assert stages() == {"F1": ("averted", 1)}


def test_a_new_version_knows_promises_whose_signals_are_history_alone(
    watch: Open, tmp_path: Path, settings: Any
) -> None:
    settings.HISTORY_PATH = tmp_path / "history"
    month = timedelta(days=30)
    scheduled(1, NOON + month, at=NOON)
    with watch() as monitor:
        monitor.turn(now=NOON)
    here = deployment()
    later = NOON + timedelta(days=20)
    policy = History(at_hand=timedelta(days=7))
    judged = judged_to(here, version_in_force("airline"))
    assert tidy_history(root=root_of(here), policy=policy, judged_to=judged, now=later).pruned == 1
    scheduled(2, NOON + month, at=later)
    version = published(later, **NO_SLACK)
    with Watch(tmp_path, version) as monitor:
        assert monitor.turn(now=later) == 2
        monitor.tick(now=NOON + month + HOUR)
    assert stages() == {"F1": ("breached", 2), "F2": ("breached", 2)}

"""Signals become history: each once, whatever is killed, broken or full; and rows go only once they are there."""

import errno
import json
import resource
import signal
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from multiprocessing import Pipe
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection

from amends.kernel.blueprint.history import History
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import HistoryFile, HistoryProgress, Signal
from amends.monitor.recorded import days_recorded, history_now, history_progress
from amends.monitor.services import accept_signals
from amends.monitor.services import recording as service
from amends.monitor.services.recording import (
    Busy,
    compact_history,
    land_all,
    land_signals,
    prune_signals,
    retire_history,
    signals_anew,
    signals_of,
    sweep_history,
    tidy_history,
)
from tests.monitor.services.history_writer import write
from tests.workers import forked

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EVERY = 10**9


def accept(*numbers: int, at: datetime = NOON, apart: timedelta = timedelta(seconds=1)) -> None:
    accept_signals(
        [
            SignalIn(
                id=f"{number}",
                source="ops",
                type="flight.departed",
                subject=f"F{number}",
                time=at + number * apart,
                unit="AAA",
                data={"n": number, "zh": "航班"},
            )
            for number in numbers
        ],
        now=at,
    )


def on_disk(root: Path) -> Counter[str]:
    """What a reader of the folder finds, of the files on the list."""
    listed = HistoryFile.objects.filter(fault="").values_list("path", flat=True)
    return Counter(name for path in listed for name in pq.read_table(root / path, partitioning=None)["id"].to_pylist())


def files(root: Path) -> set[str]:
    return {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}


def of_day(day: date, root: Path) -> list[str]:
    return signals_of(day, day, root=root, now=NOON, arrived_to=EVERY)["id"].to_pylist()


def test_what_is_accepted_lands_once_in_the_partition_of_its_day(tmp_path: Path) -> None:
    accept(1, 2, 3)
    accept(4, at=NOON - 3 * DAY)
    assert land_all(root=tmp_path, now=NOON) == 4
    assert land_all(root=tmp_path, now=NOON) == 0
    assert days_recorded(NOON - 9 * DAY, NOON) == [(date(2026, 2, 27), 1), (date(2026, 3, 2), 3)]
    assert {path.split("/")[0] for path in files(tmp_path)} == {"date=2026-02-27", "date=2026-03-02"}
    signals = signals_of(NOON.date(), NOON.date(), root=tmp_path, now=NOON, arrived_to=EVERY)
    assert signals["id"].to_pylist() == ["1", "2", "3"]
    assert json.loads(signals["data"][0].as_py()) == {"n": 1, "zh": "航班"}
    assert signals["time"][0].as_py() == NOON + timedelta(seconds=1)


def test_steps_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    accept(*range(10))
    assert [land_signals(root=tmp_path, now=NOON, limit=4) for _ in range(4)] == [4, 4, 2, 0]
    assert on_disk(tmp_path) == Counter(str(number) for number in range(10))


def test_a_file_whose_commit_never_came_is_an_orphan_and_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after kill -9 between the file and the commit: the file is there, the list knows nothing of it."""
    accept(1, 2)
    history_progress()
    monkeypatch.setattr(service, "remove", lambda *_: None)  # whoever is killed tidies nothing up
    monkeypatch.setattr(HistoryProgress, "save", _killed)
    with pytest.raises(KeyboardInterrupt):
        land_all(root=tmp_path, now=NOON)
    monkeypatch.undo()
    (tmp_path / "date=2026-03-02" / ".half.parquet.tmp").write_bytes(b"PAR1")
    assert len(files(tmp_path)) == 2
    assert HistoryFile.objects.count() == 0
    assert land_all(root=tmp_path, now=NOON) == 2
    assert sweep_history(root=tmp_path) == 2
    assert on_disk(tmp_path) == Counter(["1", "2"])
    assert files(tmp_path) == set(HistoryFile.objects.values_list("path", flat=True))


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_kill_at_random_moments_loses_nothing_and_writes_nothing_twice(tmp_path: Path) -> None:
    number = 0
    for turn in range(6):
        accept(*range(number, number + 40), apart=timedelta(minutes=97))
        number += 40
        heard, said = Pipe(duplex=False)
        with heard, said:
            writer = forked(write, tmp_path, said)
            for _ in range(2 + 3 * turn):  # it is in the middle of something, each time a little later
                assert heard.poll(60)
                heard.recv()
            writer.kill()
            writer.join()
    for _ in range(100):  # the database takes a moment to notice
        try:
            land_all(root=tmp_path, now=NOON + 7 * DAY)
            compact_history(root=tmp_path, now=NOON + 30 * DAY)
            sweep_history(root=tmp_path)
            break
        except Busy:
            connection.cursor().execute("select pg_sleep(0.1)")
    assert on_disk(tmp_path) == Counter(str(one) for one in range(number))
    assert files(tmp_path) == set(HistoryFile.objects.values_list("path", flat=True))
    assert HistoryFile.objects.count() == len(set(HistoryFile.objects.values_list("day", flat=True)))


def test_the_small_files_of_a_day_go_into_one(tmp_path: Path) -> None:
    for number in range(5):
        accept(number)
        land_all(root=tmp_path, now=NOON)
    assert compact_history(root=tmp_path, now=NOON) == 0, "the day is not over, and five files are few"
    assert compact_history(root=tmp_path, now=NOON + DAY) == 5
    (file,) = HistoryFile.objects.all()
    assert (file.signals, files(tmp_path)) == (5, {file.path})
    assert of_day(NOON.date(), tmp_path) == ["0", "1", "2", "3", "4"]
    accept(9)  # late, to a day that was put together
    land_all(root=tmp_path, now=NOON + DAY)
    assert compact_history(root=tmp_path, now=NOON + DAY) == 2
    assert on_disk(tmp_path) == Counter("012349")


def test_a_day_with_too_many_signals_has_several_files(tmp_path: Path) -> None:
    for number in range(6):
        accept(number)
        land_all(root=tmp_path, now=NOON)
    compact_history(root=tmp_path, now=NOON + DAY, most=4)
    assert sorted(HistoryFile.objects.values_list("signals", flat=True)) == [2, 4]
    assert compact_history(root=tmp_path, now=NOON + DAY, most=4) == 0
    assert of_day(NOON.date(), tmp_path) == [str(number) for number in range(6)]


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone", "other"])
def test_a_broken_file_is_set_aside_and_what_is_at_hand_is_written_anew(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    accept(*range(50))
    accept(60, at=NOON + DAY)
    land_all(root=tmp_path, now=NOON)
    broken = HistoryFile.objects.get(day=NOON.date())
    _harm(tmp_path / broken.path, harm)
    Signal.objects.filter(signal_id__in=["3", "7"]).delete()
    assert of_day(NOON.date(), tmp_path) == [str(n) for n in range(50) if n not in {3, 7}]
    assert of_day((NOON + DAY).date(), tmp_path) == ["60"]
    broken.refresh_from_db()
    assert broken.fault
    assert "2 are lost" in caplog.text
    assert (history_now().set_aside, history_now().lost, history_now().signals) == (1, 2, 49)
    assert (tmp_path / "_set_aside" / broken.path).exists() == (harm != "gone")
    assert sweep_history(root=tmp_path) == 0
    assert compact_history(root=tmp_path, now=NOON + 9 * DAY) == 0


def _harm(file: Path, harm: str) -> None:
    data = bytearray(file.read_bytes())
    match harm:
        case "cut":
            file.write_bytes(data[: len(data) // 2])
        case "flipped":
            data[300] ^= 0xFF  # among the values: only a checksum tells
            file.write_bytes(data)
        case "gone":
            file.unlink()
        case _:
            pq.write_table(pq.read_table(file, partitioning=None).slice(1), file)


def test_a_broken_file_without_rows_is_set_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    accept(1)
    land_all(root=tmp_path, now=NOON)
    accept(2)
    land_all(root=tmp_path, now=NOON)
    Signal.objects.filter(signal_id="1").delete()
    broken = HistoryFile.objects.order_by("first")[0]
    (tmp_path / broken.path).write_bytes(b"no parquet at all")
    assert compact_history(root=tmp_path, now=NOON + DAY) == 0
    assert of_day(NOON.date(), tmp_path) == ["2"]
    assert history_now().lost == 1


def test_a_full_disk_leaves_nothing_half_done_and_says_so(tmp_path: Path) -> None:
    accept(*range(500))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
    try:
        with pytest.raises(OSError, match="large") as full:
            land_all(root=tmp_path, now=NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert full.value.errno == errno.EFBIG
    assert files(tmp_path) == set()
    assert (history_now().files, history_now().trouble, history_now().waiting) == (0, "EFBIG", True)
    assert land_all(root=tmp_path, now=NOON + DAY) == 500
    assert (history_now().signals, history_now().trouble, history_now().waiting) == (500, "", False)


def test_only_one_process_works_on_the_history(tmp_path: Path) -> None:
    accept(1)
    land_all(root=tmp_path, now=NOON)
    accept(2)
    other = connection.get_new_connection(connection.get_connection_params())
    try:
        other.execute("begin")
        other.execute("select from monitor_historyprogress for update")
        with pytest.raises(Busy):
            land_all(root=tmp_path, now=NOON)
    finally:
        other.close()
    assert land_all(root=tmp_path, now=NOON) == 1


def test_rows_go_only_once_they_are_history_judged_and_old_enough(tmp_path: Path) -> None:
    accept(1, 2)
    accept(3, at=NOON + 5 * DAY)
    last = Signal.objects.get(signal_id="2").pk
    keep = {"root": tmp_path, "at_hand": 10 * DAY}
    later = NOON + 12 * DAY
    assert prune_signals(**keep, judged_to=EVERY, now=later) == 0, "not history yet"
    land_all(root=tmp_path, now=NOON)
    assert prune_signals(**keep, judged_to=last - 1, now=later) == 0, "not judged yet"
    assert prune_signals(**keep, judged_to=EVERY, now=NOON + 9 * DAY) == 0, "not old yet"
    assert prune_signals(root=tmp_path, at_hand=None, judged_to=EVERY, now=later) == 0, "kept for ever"
    assert prune_signals(**keep, judged_to=last, now=later) == 2
    assert list(Signal.objects.values_list("signal_id", flat=True)) == ["3"]
    assert of_day(NOON.date(), tmp_path) == ["1", "2"]
    assert prune_signals(**keep, judged_to=last, now=later) == 0


def test_rows_whose_file_is_broken_stay(tmp_path: Path) -> None:
    accept(1, 2)
    land_all(root=tmp_path, now=NOON)
    (tmp_path / HistoryFile.objects.get().path).write_bytes(b"")
    assert prune_signals(root=tmp_path, at_hand=DAY, judged_to=EVERY, now=NOON + 9 * DAY) == 0
    assert Signal.objects.count() == 2
    assert prune_signals(root=tmp_path, at_hand=DAY, judged_to=EVERY, now=NOON + 9 * DAY) == 2, "it was written anew"
    assert of_day(NOON.date(), tmp_path) == ["1", "2"]


def test_what_is_judged_anew_comes_in_the_order_of_arrival_from_both(tmp_path: Path) -> None:
    for number in range(12):
        accept(number, at=NOON + (number % 3) * DAY)
        land_all(root=tmp_path, now=NOON)
    compact_history(root=tmp_path, now=NOON + 30 * DAY)
    prune_signals(root=tmp_path, at_hand=9 * DAY, judged_to=EVERY, now=NOON + 10 * DAY)
    assert Signal.objects.count() == 8, "one of three days is old enough"
    position, came = 0, []
    while True:
        rows, position = signals_anew(position, root=tmp_path, now=NOON, limit=5)
        if not rows:
            break
        assert len(rows) <= 5
        came += [row["id"] for row in rows]
    assert came == [str(number) for number in range(10)], "what came after the last that was pruned is at hand"
    assert position == HistoryProgress.objects.get().pruned_to


def test_days_go_when_the_policy_says(tmp_path: Path) -> None:
    accept(1)
    accept(2, at=NOON + 5 * DAY)
    land_all(root=tmp_path, now=NOON)
    assert retire_history(root=tmp_path, keep=None, now=NOON + 999 * DAY) == 0
    assert retire_history(root=tmp_path, keep=3 * DAY, now=NOON + 5 * DAY) == 1
    assert files(tmp_path) == set(HistoryFile.objects.values_list("path", flat=True))
    assert not (tmp_path / "date=2026-03-02").exists()
    assert days_recorded(NOON - DAY, NOON + 9 * DAY) == [((NOON + 5 * DAY).date(), 1)]


def test_one_round_does_all_of_it(tmp_path: Path) -> None:
    accept(1)
    accept(2, at=NOON + 5 * DAY)
    policy = History(at_hand=timedelta(days=7), keep=timedelta(days=9))
    done = tidy_history(root=tmp_path, policy=policy, judged_to=EVERY, now=NOON + 8 * DAY)
    assert (done.landed, done.pruned, done.retired, done.swept) == (2, 1, 0, 0)
    done = tidy_history(root=tmp_path, policy=policy, judged_to=EVERY, now=NOON + 12 * DAY)
    assert (done.landed, done.pruned, done.retired) == (0, 0, 1)

"""A monitor that is closed and opened again at every step finds what one does that never stops, however often its log
is cleared out, and whether or not parts of a step go on beside each other."""

from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.monitor.core.standard import Standards
from amends.monitor.engines import duckdb as engine
from amends.monitor.engines import log_parts
from amends.monitor.engines.duckdb import Monitor
from tests.monitor.tables import test_law_found_once as promises
from tests.monitor.tables import test_law_of_detectors as detectors

MOVED = detectors.STANDARDS.model_copy(update={"standards": detectors.STANDARDS.promises})
STREAMS: dict[str, tuple[Standards, Any, Any]] = {
    "promises": (promises.STANDARDS, promises.long_stream, promises.table),
    "moved": (MOVED, detectors.long_stream, detectors.table),
}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_parts, "PART", 12)
    monkeypatch.setattr(log_parts, "TIMES", 1)
    monkeypatch.setattr(engine, "_ROWS_FOR_TWO", 1)


def judged(
    path: Path | None, standards: Standards, batches: list[pa.Table], *, reopened: bool
) -> tuple[list[dict[str, Any]], int]:
    found: list[dict[str, Any]] = []
    compact_from, threads = (0, 2) if reopened else (1_000_000, 1)
    monitor = Monitor.open(path, standards, threads=threads, compact_from=compact_from)
    try:
        for batch in batches:
            found += monitor.step(batch).to_pylist()
            if reopened:
                monitor.close()
                monitor = Monitor.open(path, standards, threads=threads, compact_from=compact_from)
        before = monitor.step_number
        still_open = monitor.finish()
        return found + monitor.findings_since(before).to_pylist(), still_open
    finally:
        monitor.close()


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_closed_and_opened_again_it_finds_the_same(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int
) -> None:
    standards, stream, table = STREAMS[name]
    signals = stream(seed)
    cuts = sorted(Random(seed).sample(range(1, len(signals)), 6))
    ends = zip([0, *cuts], [*cuts, len(signals)], strict=True)
    batches = [table(signals[begin:end]) for begin, end in ends]
    state = tmp_path_factory.mktemp("state") / "monitor.duckdb"
    assert judged(state, standards, batches, reopened=True) == judged(None, standards, batches, reopened=False)


def test_the_log_in_the_file_does_not_grow_with_the_stream(tmp_path: Path) -> None:
    signals = promises.long_stream(3)
    state = tmp_path / "monitor.duckdb"
    for part in range(0, len(signals), 30):
        with Monitor.open(state, promises.STANDARDS, threads=1, compact_from=0) as monitor:
            monitor.step(promises.table(signals[part : part + 30]))
            still = monitor.promises_open()
    with duckdb.connect(str(state)) as connection:
        logged = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        many = sum(
            connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            for name in logged
            if name.startswith("openings_")
        )
        numbers = [int(name.removeprefix("closings_")) for name in logged if name.startswith("closings_")]
    assert min(numbers) > 1  # the first parts are gone
    assert len(numbers) < max(numbers)
    assert many <= 2 * still + 3 * log_parts.PART


def test_steps_however_small_are_few_to_do_again_after_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_CHECKPOINT_EVERY", 4)
    state, commits = tmp_path / "monitor.duckdb", tmp_path / "monitor.duckdb.wal"
    signals, sizes = promises.long_stream(7), []
    with Monitor.open(state, promises.STANDARDS, threads=1) as monitor:
        for start in range(0, 60, 10):
            monitor.step(promises.table(signals[start : start + 10]))
            sizes.append(commits.stat().st_size if commits.exists() else 0)
    assert sizes[3] < sizes[0] < sizes[2]
    assert 0 < sizes[5] < sizes[2]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_step_that_fails_leaves_what_was_followed_as_it_was(tmp_path: Path, threads: int) -> None:
    signals = promises.long_stream(5)
    batches = [promises.table(signals[start : start + 50]) for start in range(0, len(signals), 50)]
    for path in (None, tmp_path / "monitor.duckdb"):
        with Monitor.open(path, promises.STANDARDS, threads=threads, compact_from=0) as monitor:
            found = []
            for batch in batches:
                with pytest.raises(TypeError):
                    monitor.step(batch, position=object())  # type: ignore[arg-type]  # fails when kept, at the very end
                found += monitor.step(batch).to_pylist()
            before = monitor.step_number
            monitor.finish()
            found += monitor.findings_since(before).to_pylist()
        assert promises.found_as_rows(found) == promises.oracle(signals)[0]

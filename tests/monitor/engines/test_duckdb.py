"""The running monitor: what is committed survives, and time alone breaks promises."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor

STANDARDS = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT10M",
        "standards": [
            {
                "id": "answered",
                "opens": {"type": "asked"},
                "closes": {"type": "answered"},
                "due": {"after": "PT1H"},
                "warn": "PT15M",
                "gives_up": "P1D",
            },
            {"id": "not-refused", "forbids": {"type": "refused"}},
        ],
    }
)
NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def signals(*rows: tuple[str, str, int], start: int = 0) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"id": str(start + n), "source": "desk", "type": kind, "subject": subject, "time": at(minutes)}
            for n, (kind, subject, minutes) in enumerate(rows)
        ]
    )


def whats(found: pa.Table) -> list[tuple[str, str]]:
    return [(row["subject"], row["what"]) for row in found.to_pylist()]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "monitor.duckdb"


def test_a_finding_comes_once_its_time_is_before_the_watermark() -> None:
    with Monitor.open(None, STANDARDS) as monitor:
        assert whats(monitor.step(signals(("asked", "a", 0), ("other", "x", 55)))) == []
        assert monitor.watermark == at(45)  # at risk exactly then, so not yet
        assert whats(monitor.step(signals(("other", "x", 56), start=2))) == [("a", "at_risk")]
        assert monitor.promises_open() == 1


def test_time_alone_breaks_a_promise() -> None:
    with Monitor.open(None, STANDARDS) as monitor:
        monitor.step(signals(("asked", "a", 0)))
        assert whats(monitor.tick(at(30))) == []
        assert whats(monitor.tick(at(71))) == [("a", "at_risk"), ("a", "breached")]
        assert whats(monitor.tick(at(71))) == []
        # what time has passed is settled: an answer from before it comes too late to count
        monitor.step(signals(("answered", "a", 50), start=1))
        assert monitor.counts.late == 1
        assert whats(monitor.step(signals(("answered", "a", 90), ("other", "x", 120), start=2))) == [("a", "late")]
        assert monitor.promises_open() == 0


def test_the_opening_names_its_source() -> None:
    with Monitor.open(None, STANDARDS) as monitor:
        monitor.step(signals(("asked", "a", 0)))
        (first, _) = monitor.tick(at(100)).to_pylist()
        assert (first["opening_source"], first["opening_id"]) == ("desk", "0")


def test_after_reopening_the_monitor_goes_on_where_it_was(state: Path) -> None:
    with Monitor.open(state, STANDARDS) as monitor:
        monitor.step(signals(("asked", "a", 0), ("refused", "b", 1), ("other", "x", 60)), position="page 7")
        before = monitor.step_number
    with Monitor.open(state, STANDARDS) as monitor:
        assert (monitor.position, monitor.step_number, monitor.counts.signals) == ("page 7", before, 3)
        assert whats(monitor.findings_since(0)) == [("b", "violated"), ("a", "at_risk")]
        assert whats(monitor.findings_since(before)) == []
        # a signal that came before is a duplicate still
        monitor.step(signals(("other", "x", 60), start=2), position="page 8")
        assert monitor.counts.duplicates == 1
        assert whats(monitor.tick(at(90))) == [("a", "breached")]


@pytest.mark.parametrize("other", ["number = number - 1", "hash = hash + 1"])
def test_a_file_of_another_form_or_of_an_engine_that_hashes_otherwise_is_begun_anew(state: Path, other: str) -> None:
    with Monitor.open(state, STANDARDS) as monitor:
        monitor.step(signals(("asked", "a", 0)), position=1)
    with duckdb.connect(str(state)) as connection:
        connection.execute(f"UPDATE form SET {other}")
    with Monitor.open(state, STANDARDS) as monitor:
        assert (monitor.position, monitor.counts.signals, monitor.promises_open()) == (None, 0, 0)
        monitor.step(signals(("asked", "a", 0)), position=1)
    with Monitor.open(state, STANDARDS) as monitor:
        assert (monitor.position, monitor.counts.signals, monitor.promises_open()) == (1, 1, 1)


def test_a_step_that_fails_leaves_nothing_behind(state: Path) -> None:
    with Monitor.open(state, STANDARDS) as monitor:
        monitor.step(signals(("asked", "a", 0)), position=1)
        with pytest.raises(TypeError):
            monitor.step(signals(("asked", "b", 1), start=1), position=object())  # type: ignore[arg-type]  # fails when kept
        assert (monitor.position, monitor.counts.signals, monitor.promises_open()) == (1, 1, 1)
        monitor.step(signals(("asked", "b", 1), start=1), position=2)
        assert (monitor.position, monitor.counts.signals, monitor.promises_open()) == (2, 2, 2)


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from test_duckdb import *
monitor = Monitor.open(Path(sys.argv[1]), STANDARDS)
for n in range(monitor.position or 0, 6):
    monitor.step(signals((("asked", "refused")[n % 2], f"s{n}", 20 * n), start=n), position=n + 1)
    if (n + 1) % 2 == 0:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_after_kill_9_every_finding_is_there_once(state: Path) -> None:
    for _ in range(3):
        run = subprocess.run(
            [sys.executable, "-c", KILLED, str(state), str(Path(__file__).parent)], env=os.environ, check=False
        )
        assert run.returncode == -signal.SIGKILL
    with Monitor.open(state, STANDARDS) as monitor:
        assert monitor.position == 6
        killed = monitor.findings_since(0)
    with Monitor.open(None, STANDARDS) as monitor:
        for n in range(6):
            monitor.step(signals((("asked", "refused")[n % 2], f"s{n}", 20 * n), start=n))
        assert killed == monitor.findings_since(0)
    # s0 at risk and breached, s2 at risk, s1 and s3 refused; the watermark stands at 90 minutes
    assert len(killed) == 5


def test_compaction_changes_nothing() -> None:
    asked = [("asked", f"s{n % 7}", 7 * n) for n in range(60)]
    answered = [("answered", f"s{n % 7}", 7 * n + 100 * (n % 3)) for n in range(0, 60, 2)]
    rows = sorted(asked + answered, key=lambda row: row[2])
    found: list[Any] = []
    for compact_from in (0, 1_000_000):
        with Monitor.open(None, STANDARDS, compact_from=compact_from) as monitor:
            for start in range(0, len(rows), 10):
                monitor.step(signals(*rows[start : start + 10], start=start))
            found.append((monitor.finish(), monitor.findings_since(0)))
    assert found[0] == found[1]
    assert len(found[0][1]) > 20


def test_what_was_handed_over_can_be_forgotten(state: Path) -> None:
    with Monitor.open(state, STANDARDS) as monitor:
        monitor.step(signals(("refused", "a", 0), ("other", "x", 60)))
        monitor.step(signals(("refused", "b", 0), ("refused", "c", 60), ("other", "x", 120), start=2))
        monitor.forget_before(monitor.step_number)
        assert whats(monitor.findings_since(0)) == [("c", "violated")]
        assert monitor.set_aside_since(0).num_rows == 1


def test_signals_without_a_needed_column_are_refused() -> None:
    with Monitor.open(None, STANDARDS) as monitor, pytest.raises(ValueError, match="signals without time"):
        monitor.step(signals(("asked", "a", 0)).drop_columns(["time"]))


EVERYTHING = Standards.model_validate(
    {
        "version": 1,
        "standards": [
            {"id": "promise", "opens": {"type": "x"}, "closes": {"type": "x"}, "due": {"after": "PT1M"}},
            {
                "id": "moved",
                "opens": {"type": "x"},
                "closes": {"type": "y"},
                "due": {"after": "P9D"},
                "cancels": {"type": "x"},
            },
            {"id": "none", "forbids": {"type": "x"}},
            {"id": "steps", "steps": [{"type": "x", "step": "1"}, {"type": "x", "step": "2"}]},
            {"id": "silence", "hears": {"types": "any"}, "silent_for": "PT1M"},
            {"id": "lapse", "lapses": {"type": "x"}},
            {"id": "again", "repeats": {"type": "x"}, "by": "subject", "times": 2, "within": "P1D"},
            {"id": "failed", "repeats": {"failures": "any"}, "by": "subject", "times": 2, "within": "P1D"},
        ],
    }
)


def test_standards_that_match_everything_do_not_slow_it_quadratically() -> None:
    def spent(number: int) -> float:
        rows = pa.table(
            {
                "id": [str(n) for n in range(number)],
                "type": ["x"] * number,
                "subject": ["one"] * number,  # the worst case: all about one subject and one customer
                "customer": ["one"] * number,
                "time": pa.array([NINE + timedelta(seconds=n) for n in range(number)], pa.timestamp("us", "UTC")),
            }
        )
        with Monitor.open(None, EVERYTHING, threads=1) as monitor:
            began = process_time()
            for start in range(0, number, number // 2):
                monitor.step(rows.slice(start, number // 2))
            monitor.finish()
            took = process_time() - began
            assert monitor.findings_since(0).num_rows > number
        return took

    spent(1_000)  # what is compiled once
    few, many = spent(1_000), spent(8_000)
    assert many < 8 * 4 * few, f"{few:.2f} s, and 8 times as many signals {many:.2f} s"

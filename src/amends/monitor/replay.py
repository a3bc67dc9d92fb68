"""Replay: all signals of some files through the monitor, and what it found as two Parquet files. Needs no database."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from amends.monitor.core.standard import Standards
from amends.monitor.engines.aside import LATE
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.engines.state import Counts
from amends.monitor.sources.files import SignalFile, read_signals, signal_files
from amends.monitor.tables.registry import whats_of

if TYPE_CHECKING:  # Spark is loaded only where it is asked for
    from amends.monitor.engines.spark.monitor import SparkMonitor

_AT_ONCE = 1_000_000  # rows taken at a time when nothing else is asked for
_COLUMNS = ("standard", "subject", "what", "at", "due", "opened_at", "opening_id", "customer", "unit")


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A row that was set aside because it could not be used as a signal."""

    file: str
    row: int | None  # as `set_aside.parquet` has it; of some broken lines it is not known
    reason: str


@dataclass(frozen=True, kw_only=True)
class Replayed:
    counts: Counts
    first_unreadable: Unreadable | None
    findings: dict[str, dict[str, int]]  # by standard and what
    promises_open: int
    seconds: float


def replay(
    events: Sequence[str],
    standards: Standards,
    out: Path,
    *,
    batch_rows: int | None = None,
    until: datetime | None = None,
    engine: str = "duckdb",
    progress: Callable[[int], None] = lambda _: None,
) -> Replayed:
    """Judge the signals of the files; writes findings.parquet and set_aside.parquet into `out`.

    Raises SourceError for files that cannot be used. With `batch_rows` every so many signals are a step of their
    own, else the findings are looked for once, at the end.
    """
    started = time.perf_counter()
    files = signal_files(events)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".replay-", dir=out) as folder:
        work = Path(folder)
        (work / "unpacked").mkdir()
        run = _on_spark if engine == "spark" else _on_duckdb
        judged = run(files, standards, work, batch_rows=batch_rows, until=until, progress=progress)
        findings, aside = judged.findings, judged.set_aside
        pq.write_table(findings.select(list(_COLUMNS)), work / "findings.parquet", compression="zstd")
        pq.write_table(aside, work / "set_aside.parquet", compression="zstd")
        for name in ("findings.parquet", "set_aside.parquet"):
            os.replace(work / name, out / name)  # noqa: PTH105  atomic, and it says so
    by_kind = {standard.id: dict.fromkeys(whats_of(standard), 0) for standard in standards.standards}
    for standard, what, number in _counted(findings):
        by_kind[standard][what] = number
    return Replayed(
        counts=judged.counts,
        first_unreadable=_first_unreadable(aside),
        findings=by_kind,
        promises_open=judged.promises_open,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, kw_only=True)
class _Judged:
    findings: pa.Table
    set_aside: pa.Table
    counts: Counts
    promises_open: int


def _on_duckdb(
    files: Sequence[SignalFile],
    standards: Standards,
    work: Path,
    *,
    batch_rows: int | None,
    until: datetime | None,
    progress: Callable[[int], None],
) -> _Judged:
    with Monitor.open(None, standards, until=until, spill=work / "spill") as monitor:
        for signals in read_signals(files, rows=batch_rows or _AT_ONCE, unpacked=work / "unpacked"):
            monitor.step(signals, emit=batch_rows is not None)
            progress(monitor.counts.signals)
        return _at_the_end(monitor, until)


def _on_spark(
    files: Sequence[SignalFile],
    standards: Standards,
    work: Path,
    *,
    batch_rows: int | None,
    until: datetime | None,
    progress: Callable[[int], None],
) -> _Judged:
    from amends.monitor.engines.spark.monitor import SparkMonitor
    from amends.monitor.engines.spark.session import session
    from amends.monitor.sources.on_spark import PLACES, arrived_from

    with SparkMonitor(session(), standards, work / "state", until=until) as monitor:
        if batch_rows is None:  # the workers read, a file a task
            arrived = arrived_from(monitor.session, [file.path for file in files], first=monitor.next_place)
            monitor.step_table(arrived, PLACES * len(files), emit=False)
            progress(monitor.counts.signals)
        else:
            for signals in read_signals(files, rows=batch_rows, unpacked=work / "unpacked"):
                monitor.step(signals)
                progress(monitor.counts.signals)
        return _at_the_end(monitor, until)


def _at_the_end(monitor: "Monitor | SparkMonitor", until: datetime | None) -> _Judged:
    promises_open = monitor.finish(until)
    return _Judged(
        findings=monitor.findings_since(0),
        set_aside=monitor.set_aside_since(0),
        counts=monitor.counts,
        promises_open=promises_open,
    )


def _first_unreadable(aside: pa.Table) -> Unreadable | None:
    unreadable = aside.filter(pc.invert(pc.starts_with(aside["reason"], LATE)))
    for row in unreadable.slice(0, 1).select(["file", "row", "reason"]).to_pylist():
        return Unreadable(**row)
    return None


def _counted(findings: pa.Table) -> Iterator[tuple[str, str, int]]:
    grouped = findings.group_by(["standard", "what"]).aggregate([([], "count_all")])
    return zip(*(grouped[name].to_pylist() for name in ("standard", "what", "count_all")), strict=True)

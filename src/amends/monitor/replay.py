"""Replay: all signals of some files through the monitor, and what it found as two Parquet files. Needs no database."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from amends.monitor.core.standard import Standards
from amends.monitor.engines.aside import LATE
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.engines.state import Counts
from amends.monitor.sources.ahead import ahead
from amends.monitor.sources.files import SignalFile, read_signals, signal_files
from amends.monitor.tables.registry import whats_of

_AT_ONCE = 500_000  # rows of a step when nothing else is asked for
_FEW_VALUES = ["standard", "what", "unit"]  # of other columns a dictionary would be as long as the column
_SOUGHT_BY = ["standard", "what", "at"]
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
    own, else half a million are: more are no quicker; on Spark all are.
    """
    started = time.perf_counter()
    files = signal_files(events)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".replay-", dir=out) as folder:
        work = Path(folder)
        (work / "unpacked").mkdir()
        run = _on_spark if engine == "spark" else _on_duckdb
        with _Writing(work) as written:
            counts, promises_open = run(
                files, standards, work, written, batch_rows=batch_rows, until=until, progress=progress
            )
        for name in written.files:
            os.replace(work / name, out / name)  # noqa: PTH105  atomic, and it says so
    return Replayed(
        counts=counts,
        first_unreadable=written.first_unreadable,
        findings={
            standard.id: {what: written.found[standard.id, what] for what in whats_of(standard)}
            for standard in standards.standards
        },
        promises_open=promises_open,
        seconds=time.perf_counter() - started,
    )


class _Writing:
    """The two files of a replay while it goes on: so memory does not grow with what was found."""

    files = ("findings.parquet", "set_aside.parquet")

    def __init__(self, work: Path) -> None:
        self.found: Counter[tuple[str, str]] = Counter()  # by standard and what
        self.first_unreadable: Unreadable | None = None
        self._work = work
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def add(self, findings: pa.Table, set_aside: pa.Table) -> None:
        """What comes after all that was added before, in the order of the files."""
        grouped = findings.group_by(["standard", "what"]).aggregate([([], "count_all")])
        for standard, what, number in zip(*(grouped[name].to_pylist() for name in grouped.column_names), strict=True):
            self.found[standard, what] += number
        if self.first_unreadable is None:
            self.first_unreadable = _first_unreadable(set_aside)
        for name, table in zip(self.files, (findings.select(list(_COLUMNS)), set_aside), strict=True):
            if name not in self._writers:
                self._writers[name] = pq.ParquetWriter(
                    self._work / name,
                    table.schema,
                    compression="zstd",
                    use_dictionary=_FEW_VALUES,
                    write_statistics=_SOUGHT_BY,
                )
            if table.num_rows:
                self._writers[name].write_table(table)


def _on_duckdb(
    files: Sequence[SignalFile],
    standards: Standards,
    work: Path,
    written: _Writing,
    *,
    batch_rows: int | None,
    until: datetime | None,
    progress: Callable[[int], None],
) -> tuple[Counts, int]:
    with Monitor.open(None, standards, until=until, spill=work / "spill", threads=1) as monitor:
        for signals in ahead(read_signals(files, rows=batch_rows or _AT_ONCE, unpacked=work / "unpacked")):
            before = monitor.step_number
            written.add(monitor.step(signals), monitor.set_aside_since(before))
            monitor.forget_before(monitor.step_number + 1)
            progress(monitor.counts.signals)
        before = monitor.step_number
        promises_open = monitor.finish(until)
        written.add(monitor.findings_since(before), monitor.set_aside_since(before))
        return monitor.counts, promises_open


def _on_spark(
    files: Sequence[SignalFile],
    standards: Standards,
    work: Path,
    written: _Writing,
    *,
    batch_rows: int | None,
    until: datetime | None,
    progress: Callable[[int], None],
) -> tuple[Counts, int]:
    from amends.monitor.engines.spark.monitor import SparkMonitor
    from amends.monitor.engines.spark.session import session
    from amends.monitor.sources.on_spark import PLACES, arrived_from

    with SparkMonitor(session(), standards, work / "state", until=until) as monitor:
        if batch_rows is None:  # the workers read, a file a task
            arrived = arrived_from(monitor.session, [file.path for file in files], first=monitor.next_place)
            monitor.step_table(arrived, PLACES * len(files), emit=False)
            progress(monitor.counts.signals)
        else:
            for signals in ahead(read_signals(files, rows=batch_rows, unpacked=work / "unpacked")):
                monitor.step(signals)
                progress(monitor.counts.signals)
        promises_open = monitor.finish(until)
        written.add(monitor.findings_since(0), monitor.set_aside_since(0))
        return monitor.counts, promises_open


def _first_unreadable(aside: pa.Table) -> Unreadable | None:
    unreadable = aside.filter(pc.invert(pc.starts_with(aside["reason"], LATE)))
    for row in unreadable.slice(0, 1).select(["file", "row", "reason"]).to_pylist():
        return Unreadable(**row)
    return None

"""Signals a second through the monitor: all at once, and in durable steps of 50,000; beside them a plain Python loop,
and pandas and Polars written by hand for these standards alone.

Each way runs in a process of its own, so that its peak memory is its own. With fewer `--days` the same signals leave
more promises open at a time; the first line says how many.
"""

import argparse
import gc
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.replay import replay
from amends.monitor.sources.ahead import ahead
from amends.monitor.sources.files import read_signals, signal_files
from benchmarks import by_hand, parcels
from benchmarks._memory import peak
from benchmarks.plain_loop import PlainLoop

STEP = 50_000
THREADS = 2  # of the durable steps: as many as the service takes
PLAIN = "plain Python loop"
Found = Counter[tuple[str, str]]


@dataclass
class Run:
    """What one way took and found."""

    found: Found
    seconds: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0  # MB
    steps: list[float] = field(default_factory=list)  # seconds each


def main(argv: list[str]) -> None:
    """Print the figures and the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks replay", description=__doc__)
    parser.add_argument("--signals", type=int, default=2_000_000)
    parser.add_argument("--days", type=int, default=60, help="that the signals are spread over")
    parser.add_argument("--runs", type=int, default=2, help="the best of so many")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="beside the plain loop")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    wanted, runs = (100_000, 1) if asked.quick else (asked.signals, asked.runs)
    standards = Standards.model_validate(parcels.STANDARDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = folder / "parcels.parquet"
        count = parcels.write(events, wanted, days=asked.days)
        print(
            f"{count:,} signals over {asked.days} days, {len(standards.standards)} standards, up to "
            f"{parcels.most_open(events):,} promises open; the best of {runs}",
            flush=True,
        )
        best = {
            way: min((_alone(run, events, standards, folder) for _ in range(runs)), key=lambda one: one.cpu)
            for way, run in WAYS.items()
            if way in (PLAIN, *asked.ways)
        }
    plain = best[PLAIN]
    for way, run in best.items():
        assert run.found == plain.found, f"{way} found something else than the plain loop"
        print(
            f"{way:<18} {count / run.seconds:>9,.0f} signals/s  {count / run.cpu:>9,.0f} per CPU second  "
            f"{plain.seconds / run.seconds:5.2f} times the loop, {plain.cpu / run.cpu:5.2f} per CPU second  "
            f"peak {run.peak:>6,.0f} MB"
        )
        if run.steps:
            took = sorted(run.steps)
            middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
            print(
                f"{'':<18} {len(took)} steps: p50 {middle * 1000:,.0f} ms, p99 {late * 1000:,.0f} ms, "
                f"at most {took[-1] * 1000:,.0f} ms"
            )
    print(f"findings {plain.found.total():,}")


def _alone(run: Callable[[Path, Standards, Path], Run], events: Path, standards: Standards, folder: Path) -> Run:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_timed, run, events, standards, folder).result()


def _timed(way: Callable[[Path, Standards, Path], Run], events: Path, standards: Standards, folder: Path) -> Run:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    run = way(events, standards, folder)
    run.seconds, run.cpu = time.perf_counter() - wall, time.process_time() - cpu
    run.peak = peak()
    return run


def _plain(events: Path, standards: Standards, _folder: Path) -> Run:
    loop = PlainLoop(standards)
    names = ["source", "id", "type", "subject", "time", "data"]
    for batch in pq.ParquetFile(events).iter_batches(STEP, columns=names):
        columns = [batch.column(name) for name in names]
        columns[4] = columns[4].cast("int64")
        loop.take(zip(*(column.to_pylist() for column in columns), strict=True))
    loop.finish()
    return Run(found=loop.found)


def _pandas(events: Path, standards: Standards, _folder: Path) -> Run:
    return Run(found=by_hand.with_pandas(events, standards))


def _polars(events: Path, standards: Standards, _folder: Path) -> Run:
    return Run(found=by_hand.with_polars(events, standards))


def _at_once(events: Path, standards: Standards, folder: Path) -> Run:
    done = replay([str(events)], standards, folder / "out")
    found = Counter({(standard, what): n for standard, whats in done.findings.items() for what, n in whats.items()})
    return Run(found=+found)


def _steps(events: Path, standards: Standards, folder: Path) -> Run:
    run = Run(found=Counter())
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        Monitor.open(Path(name) / "state", standards, threads=THREADS) as monitor,
    ):

        def note(table: pa.Table) -> None:
            run.found.update(zip(table["standard"].to_pylist(), table["what"].to_pylist(), strict=True))

        read = ahead(read_signals(signal_files([str(events)]), rows=STEP, unpacked=Path(name)))
        for number, signals in enumerate(read):
            began = time.perf_counter()
            found = monitor.step(signals, position=number)
            run.steps.append(time.perf_counter() - began)
            note(found)
            monitor.forget_before(monitor.step_number + 1)
        monitor.finish()
        note(monitor.findings_since(monitor.step_number - 1))
    return run


WAYS: dict[str, Callable[[Path, Standards, Path], Run]] = {
    PLAIN: _plain,
    "pandas by hand": _pandas,
    "Polars by hand": _polars,
    "all at once": _at_once,
    "durable steps": _steps,
}

"""Signals a second through the monitor: all at once, in durable steps of 50,000, and beside a plain Python loop."""

import argparse
import gc
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.replay import replay
from amends.monitor.sources.files import read_signals, signal_files
from benchmarks import parcels
from benchmarks.plain_loop import PlainLoop

STEP = 50_000
Found = Counter[tuple[str, str]]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks replay", description=__doc__)
    parser.add_argument("--signals", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=2, help="the best of so many")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    wanted, runs = (100_000, 1) if asked.quick else (asked.signals, asked.runs)
    standards = Standards.model_validate(parcels.STANDARDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = folder / "parcels.parquet"
        count = parcels.write(events, wanted)
        print(f"{count:,} signals, {len(standards.standards)} standards; the best of {runs}", flush=True)
        ways: dict[str, Callable[[], Found]] = {
            "plain Python loop": lambda: _plain(events, standards),
            "all at once": lambda: _at_once(events, standards, folder),
            "durable steps": lambda: _steps(events, standards, folder),
        }
        figures = {
            way: min((_timed(run) for _ in range(runs)), key=lambda figures: figures[0]) for way, run in ways.items()
        }
    plain = figures["plain Python loop"]
    for way, (seconds, cpu, found) in figures.items():
        assert found == plain[2], f"{way} found something else than the plain loop"
        print(
            f"{way:<18} {count / seconds:>9,.0f} signals/s  {count / cpu:>9,.0f} per CPU second  "
            f"{plain[0] / seconds:5.2f} times the loop, {plain[1] / cpu:5.2f} per CPU second"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"findings {plain[2].total():,}; peak memory {peak:,.0f} MB")


def _timed(run: Callable[[], Found]) -> tuple[float, float, Found]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    return time.perf_counter() - wall, time.process_time() - cpu, found


def _plain(events: Path, standards: Standards) -> Found:
    loop = PlainLoop(standards)
    names = ["source", "id", "type", "subject", "time", "data"]
    for batch in pq.ParquetFile(events).iter_batches(STEP, columns=names):
        columns = [batch.column(name) for name in names]
        columns[4] = columns[4].cast("int64")
        loop.take(zip(*(column.to_pylist() for column in columns), strict=True))
    loop.finish()
    return loop.found


def _at_once(events: Path, standards: Standards, folder: Path) -> Found:
    done = replay([str(events)], standards, folder / "out")
    return +Counter({(standard, what): n for standard, whats in done.findings.items() for what, n in whats.items()})


def _steps(events: Path, standards: Standards, folder: Path) -> Found:
    found: Found = Counter()
    with tempfile.TemporaryDirectory(dir=folder) as name, Monitor.open(Path(name) / "state", standards) as monitor:

        def note(step: int) -> None:
            table = monitor.findings_since(step)
            found.update(zip(table["standard"].to_pylist(), table["what"].to_pylist(), strict=True))

        for number, signals in enumerate(read_signals(signal_files([str(events)]), rows=STEP, unpacked=Path(name))):
            monitor.step(signals, position=number)
            note(monitor.step_number - 1)
        last = monitor.step_number
        monitor.finish()
        note(last)
    return found

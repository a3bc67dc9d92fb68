"""A back-test of real flights over more and more months: how long it takes, and how much memory it needs at most.

The draft lets a flight leave half an hour after its time instead of a quarter; beside it stand the standards in force.
Each span is tried in a process of its own, in the steps of the service.
"""

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from amends.kernel.blueprint import load_shipped
from amends.monitor.backtest import JudgedBy, Trial
from amends.monitor.core.drafts import judged_apart, judged_beside
from amends.monitor.core.standard import Standards
from amends.monitor.core.trial_cost import prices_of
from amends.monitor.sources.flights import signals
from benchmarks._memory import peak

ZONE = ZoneInfo("America/New_York")
STEP = 250_000  # signals, as services/backtests.py
CHANGED = "depart-on-time"
SIGNALS = "signals.parquet"


def main(argv: list[str]) -> None:
    """Print a line for each span."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks backtest", description=__doc__)
    parser.add_argument("--months", default="1,3,6,12", help="of 2013, with commas between")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    for months in [1] if asked.quick else map(int, asked.months.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            _alone(_write, months, Path(folder))
            print(_alone(_tried, months, Path(folder)), flush=True)


def _alone(what: Callable[[int, Path], str], months: int, folder: Path) -> str:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(what, months, folder).result()


def _write(months: int, folder: Path) -> str:
    place = folder / SIGNALS
    pq.write_table(signals(_day(0), (_day(months) - _day(0)).days), place)
    return str(place)


def _tried(months: int, folder: Path) -> str:
    since, until = (dt.datetime.combine(_day(month), dt.time(), ZONE) for month in (0, months))
    in_force, draft, judged_by = _standards()
    before = peak()
    began = time.perf_counter()
    with Trial(folder / "trial", in_force=in_force, draft=draft, until=until, judged_by=judged_by) as trial:
        for number, batch in enumerate(pq.ParquetFile(folder / SIGNALS).iter_batches(STEP)):
            trial.step(pa.Table.from_batches([batch]), f"{number:03}")
        count, result = trial.signals, trial.finish(since=since)
    took = time.perf_counter() - began
    (found,) = (one for one in result["quality"] if one["standard"] == CHANGED)
    right = ", ".join(
        f"{rates['rates']['hits']:,} of {rates['rates']['alarms']:,}" for rates in found["sides"].values()
    )
    return (
        f"{months:>2} months  {count:>9,} signals  {took:>5.1f} s  {peak():>5,.0f} MB at most ({before:,.0f} before)  "
        f"warnings that were right, in force and draft: {right}"
    )


def _standards() -> tuple[Standards, Standards, JudgedBy]:
    pack = load_shipped("airline")
    told: dict[str, Any] = pack.standards_file()
    standards = Standards.model_validate(told)
    changed = [
        one | {"due": one["due"] | {"plus": "PT30M"}} if one["id"] == CHANGED else one for one in told["standards"]
    ]
    before, after = judged_apart(standards, Standards.model_validate(told | {"standards": changed}))
    apart = before.model_copy(update={"standards": (*before.standards, *after.standards)})
    beside = judged_beside(standards, apart, hearing=frozenset())
    prices = prices_of(pack.economics) if pack.economics is not None else None
    return before, after, JudgedBy(beside=beside, prices=prices, currency=pack.currency)


def _day(month: int) -> dt.date:
    return dt.date(2013 + month // 12, month % 12 + 1, 1)

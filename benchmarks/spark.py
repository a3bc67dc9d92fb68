"""What a signal costs on Spark, with one worker and with two, and on one machine's engine: it must not grow with their
number. More signals are the same carrier for longer. A worker is a process with one core; all are on this machine.

A step costs something whatever is in it, so the cost that must stay the same is that of each further signal. It is told
in plain loops as well: the loop takes its signals right before and right after, as a machine is quicker at some times.
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from amends.monitor.core.standard import Standards
from amends.monitor.replay import replay
from benchmarks import parcels
from benchmarks._memory import peak
from benchmarks.plain_loop import PlainLoop

A_DAY = 1_000_000 // 6  # signals
ROWS = 250_000  # of a file: a worker reads one at a time


def main(argv: list[str]) -> None:
    """Print seconds and cost for each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks spark", description=__doc__)
    parser.add_argument("--signals", default="100000,1000000,10000000", help="how many on Spark, with commas between")
    parser.add_argument("--alone", default="100000,1000000,10000000,100000000", help="how many on DuckDB")
    parser.add_argument("--workers", default="1,2", help="how many, with commas between")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    pace = _Pace()
    ways = [(f"Spark, {n} worker{'s' * (n > 1)}", n, asked.signals) for n in map(int, asked.workers.split(","))]
    for way, workers, sizes in [("DuckDB", 0, asked.alone), *ways]:
        before: tuple[int, float, float] | None = None
        for signals in [20_000] if asked.quick else map(int, sizes.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                count = _written(Path(folder) / "signals", signals)
                loop = pace()
                # a first replay of few signals: what a process has to load for any is not what a signal costs
                first, seconds, found, memory = _alone(workers, Path(folder))
                loops = seconds / ((loop + pace()) / 2)
            print(
                f"{way:<16} {count:>11,} signals {seconds:>8.1f} s  {seconds / count * 1e6:>8.1f} s a million, "
                f"{loops / count:>6.2f} loops  {found:>10,} findings  {memory:.1f} GB at most  "
                f"(before it {first:.1f} s for a few signals)",
                flush=True,
            )
            if before is not None:
                further = count - before[0]
                print(
                    f"{'':<16} {further:>11,} further {seconds - before[1]:>8.1f} s  "
                    f"{(seconds - before[1]) / further * 1e6:>8.1f} s a million, "
                    f"{(loops - before[2]) / further:>6.2f} loops",
                    flush=True,
                )
            before = count, seconds, loops


class _Pace:
    """How long the plain loop takes for a signal, now."""

    def __init__(self) -> None:
        self._standards = Standards.model_validate(parcels.STANDARDS)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "some.parquet"
            parcels.write(place, 200_000, days=1)
            table = pq.read_table(place, columns=["source", "id", "type", "subject", "time", "data"])
        self._columns = [table["time"].cast("int64") if name == "time" else table[name] for name in table.column_names]

    def __call__(self) -> float:
        began = time.perf_counter()
        loop = PlainLoop(self._standards)
        loop.take(zip(*(column.to_pylist() for column in self._columns), strict=True))
        loop.finish()
        return (time.perf_counter() - began) / len(self._columns[0])


def _written(folder: Path, signals: int) -> int:
    folder.mkdir()
    whole = folder.with_name("whole.parquet")
    count = parcels.write(whole, signals, days=max(1, round(signals / A_DAY)))
    for number, batch in enumerate(pq.ParquetFile(whole).iter_batches(ROWS)):
        with pq.ParquetWriter(folder / f"{number:05}.parquet", batch.schema) as file:
            file.write_batch(batch)
    whole.unlink()
    parcels.write(folder.with_name("few.parquet"), 1_000)
    return count


def _alone(workers: int, folder: Path) -> tuple[float, float, int, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_timed, workers, folder).result()


def _timed(workers: int, folder: Path) -> tuple[float, float, int, float]:
    """Seconds for few and for all, the number of findings, and the most memory in GB, on Spark that of the driver's
    Python alone.
    """
    spark = _cluster_of(workers, folder) if workers else None
    standards = Standards.model_validate(parcels.STANDARDS)
    took, found = [], 0
    for events in ("few.parquet", "signals"):
        began = time.perf_counter()
        done = replay([str(folder / events)], standards, folder / "out", engine="spark" if workers else "duckdb")
        took.append(time.perf_counter() - began)
        found = sum(sum(whats.values()) for whats in done.findings.values())
    if spark is not None:
        spark.stop()  # its workers would look for what lies in the folder when that is gone
    return took[0], took[1], found, peak() / 1024


def _cluster_of(workers: int, folder: Path) -> Any:
    """The session of this process on so many workers, whose files lie in the folder."""
    import pyspark

    from amends.monitor.engines.spark.session import session

    home = folder / "spark"
    home.mkdir()
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    os.environ |= {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(pyspark.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    )
    return session(f"local-cluster[{workers},1,2048]")

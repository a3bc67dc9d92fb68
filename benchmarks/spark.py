"""What a signal costs on Spark, with one worker and with two, and on one machine's engine: it must not grow with their
number. More signals are the same carrier for longer. A worker is a process with one core; all are on this machine.
"""

import argparse
import os
import resource
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
    ways = [(f"Spark, {n} worker{'s' * (n > 1)}", n, asked.signals) for n in map(int, asked.workers.split(","))]
    for way, workers, sizes in [("DuckDB", 0, asked.alone), *ways]:
        for signals in [20_000] if asked.quick else map(int, sizes.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                count = _written(Path(folder) / "signals", signals)
                # a first replay of few signals: what a process has to load for any is not what a signal costs
                first, seconds, found, memory = _alone(workers, Path(folder))
            print(
                f"{way:<16} {count:>11,} signals {seconds:>8.1f} s  {seconds / count * 1e6:>8.1f} s a million  "
                f"{found:>10,} findings  {memory:.1f} GB at most  (before it {first:.1f} s for a few signals)",
                flush=True,
            )


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
    return took[0], took[1], found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


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

"""A stream in two batches, and a driver of its own that takes them, to be killed."""

import signal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from amends.monitor.core.standard import Standards
from amends.monitor.engines.intake import readable
from amends.monitor.engines.spark.monitor import SparkMonitor
from amends.monitor.engines.spark.session import session
from amends.monitor.engines.spark.state import Progress, StateFolder
from tests.monitor.tables import test_law_found_once as promises


def signals_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return readable(connection, pa.Table.from_pylist(rows, schema=schema))


SMALL = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT30M",
        "standards": [
            {"id": "after", "opens": {"type": "open"}, "closes": {"type": "both"}, "due": {"after": "PT10M"}},
            {"id": "never", "forbids": {"type": "close", "where": "data.carrier = 'BA'"}},
        ],
    }
)
LONG = signals_of(promises.long_stream(11), promises.SCHEMA)
FIRST, SECOND = (LONG.slice(*part) for part in ((0, 150), (150, 150)))


def stop_before_commit(place: str) -> None:
    """A driver with a Spark of its own, that has written the rows of its second step, and never commits them."""
    folder, commit = Path(place), StateFolder.commit

    def commit_once(state: StateFolder, progress: Progress) -> Progress:
        if progress.step == 2:
            (folder / "written").touch()
            signal.pause()
        return commit(state, progress)

    StateFolder.commit = commit_once  # type: ignore[method-assign]  # in this process, which is about to be killed
    with SparkMonitor(session("local[1]"), SMALL, folder) as monitor:
        monitor.step(FIRST, position=1)
        monitor.step(SECOND, position=2)

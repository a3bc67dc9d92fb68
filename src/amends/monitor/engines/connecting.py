"""DuckDB as the monitor uses it."""

from pathlib import Path
from typing import Any

import duckdb


def connect(path: Path | None = None, *, threads: int = 1, **config: Any) -> duckdb.DuckDBPyConnection:
    """A file, or memory without one, that shows and returns times in UTC."""
    connection = duckdb.connect(":memory:" if path is None else str(path), config={"threads": threads} | config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # a process without a script of its own has it on
    return connection


def another(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """One more for the same file or memory, to be asked while that one is busy."""
    more = connection.cursor()
    more.execute("SET TimeZone = 'UTC'")
    return more

"""The other kinds of standard on DuckDB: one log each, to which a batch adds, and one query over it."""

from typing import Any

import duckdb

from amends.monitor.engines.statements import DetectorStatements


class DetectorLog:
    """The log of one detector; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: str, statements: DetectorStatements) -> None:
        self._con = connection
        self._table = table
        self._sql = statements

    @property
    def echoes(self) -> bool:
        """Whether it looks at what the others found, so that it must be run after them."""
        return self._sql.echoes is not None

    def take(self) -> int:
        """Log what was taken of the batch; how many rows were added."""
        return self._number(f"INSERT INTO {self._table} {self._sql.entries}")

    def hear_of_findings(self) -> int:
        """Log what the others found in the step that runs, as the table `found` has it; how many rows were added."""
        return self._number(f"INSERT INTO {self._table} {self._sql.echoes}")

    def find(self, *, step: int, since: int, before: int) -> None:
        """Put the findings with since <= at < before on record."""
        self._con.execute(
            f"INSERT INTO findings SELECT {step}, * FROM ({self._sql.findings})", {"since": since, "before": before}
        )

    def compact(self, *, before: int) -> None:
        """Clear out what is settled; changes no finding."""
        self._con.execute(f"CREATE OR REPLACE TABLE {self._table} AS {self._sql.unsettled}", {"before": before})

    def size(self) -> int:
        return self._number(f"SELECT count(*) FROM {self._table}")

    def _number(self, sql: str, parameters: dict[str, Any] | None = None) -> int:
        row = self._con.execute(sql, parameters).fetchone()
        assert row is not None  # noqa: S101  an aggregate and an insertion have a row
        return int(row[0])

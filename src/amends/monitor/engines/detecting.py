"""The other kinds of standard on DuckDB: one log each, to which a batch adds, and one query over it."""

from collections.abc import Iterable, Sequence

import duckdb

from amends.monitor.core.standard import Declared
from amends.monitor.engines.asking import Questions
from amends.monitor.engines.found import Found
from amends.monitor.engines.statements import DetectorStatements


class DetectorLog:
    """The log of one detector; it works in the transaction of the step that runs."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        questions: Questions,
        table: str,
        standards: Sequence[Declared],
        statements: DetectorStatements,
    ) -> None:
        self._con = connection
        self._table = table
        self._sql = statements
        self._questions = questions
        types = [standard.types() for standard in standards]
        self._types = None if None in types else frozenset().union(*(one for one in types if one is not None))
        self._rows = 0  # known once `size` was asked for

    def looks_at(self, types: Iterable[str]) -> bool:
        """Whether signals of any of these types can add to the log."""
        return self._types is None or not self._types.isdisjoint(types)

    @property
    def echoes(self) -> bool:
        """Whether it looks at what the others found, so that it must be run after them."""
        return self._sql.is_echo

    def take(self) -> int:
        """Log what was taken of the batch; how many rows were added."""
        return self._grown_by(f"INSERT INTO {self._table} {self._sql.entries}")

    def hear_of_findings(self) -> int:
        """Log what the others found in the step that runs, as the table `found` has it; how many rows were added."""
        return self._grown_by(f"INSERT INTO {self._table} {self._sql.echoes}")

    def find(self, found: Found, *, since: int, before: int) -> None:
        """Add the findings with since <= at < before."""
        if self._rows:
            span = {"since": since, "before": before}
            found.add(self._con.execute(self._sql.findings, span).to_arrow_table())

    def compact(self, *, before: int) -> None:
        """Clear out what is settled; changes no finding."""
        if not self._rows:
            return
        self._con.execute(f"CREATE OR REPLACE TABLE {self._table} AS {self._sql.unsettled}", {"before": before})

    def size(self) -> int:
        """The rows of the log, counted."""
        self._rows = _number(self._con.execute(f"SELECT count(*) FROM {self._table}"))
        return self._rows

    def _grown_by(self, insertion: str) -> int:
        rows = _number(self._questions.ask(insertion))
        self._rows += rows
        return rows


def _number(answer: duckdb.DuckDBPyConnection) -> int:
    row = answer.fetchone()
    assert row is not None  # noqa: S101  an aggregate and an insertion have a row
    return int(row[0])

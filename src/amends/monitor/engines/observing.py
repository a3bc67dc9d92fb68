"""What a monitor keeps of single signals for back-tests, beside what it finds; see `quality` and `thresholds`."""

import duckdb

from amends.monitor.core.kinds import Limit, Repeat, Voice
from amends.monitor.core.standard import Standards
from amends.monitor.engines.statements import Statements


class Observations:
    """The tables `measured`, `heard` and `counted`; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, standards: Standards, statements: Statements) -> None:
        self._con = connection
        self._sql = statements
        self._measures = bool(standards.of_kind(Limit) or standards.of_kind(Voice))
        self._counts = bool(standards.of_kind(Repeat))

    def take(self, step: int) -> None:
        """Keep what the batch measures, which news it has and who bought, one by one."""
        if self._measures:
            self._con.execute(f"INSERT INTO measured SELECT {step}, * FROM ({self._sql.limits.measured})")
        if (silence := self._sql.detectors.get("silence")) is not None:
            self._hear(step, f'SELECT standard, subject, "at", ends FROM ({silence.entries})')
        if (lapses := self._sql.detectors.get("lapses")) is not None:
            self._hear(step, f"SELECT standard, 'customer/' || customer, \"at\", false FROM ({lapses.entries})")

    def _hear(self, step: int, news: str) -> None:
        self._con.execute(f"INSERT INTO heard SELECT {step}, * FROM ({news})")

    def count(self, step: int, *, since: int, before: int) -> None:
        """Keep how often what is counted had come, whenever one more came in the span."""
        if self._counts:
            self._con.execute(
                f"INSERT INTO counted SELECT {step}, * FROM ({self._sql.repeats.counted})",
                {"since": since, "before": before},
            )

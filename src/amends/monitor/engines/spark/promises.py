"""Promises on Spark: what was promised and what closes it, by the statements that `engines.promises` has, too."""

from typing import Any

from amends.monitor.core.due_days import spans_of
from amends.monitor.core.standard import Standards
from amends.monitor.engines.aside import reasons_without_due
from amends.monitor.engines.spark.tables import SparkTables
from amends.monitor.tables import promises
from amends.monitor.tables.moments import BEGINNING
from amends.monitor.tables.moves import movable

_UNCLEAR = "SELECT seq, standard, false AS moves FROM new_openings WHERE due IS NULL"
_UNCLEAR_MOVES = " UNION ALL SELECT seq, standard, true FROM new_moves WHERE due IS NULL AND NOT cancels"


class SparkPromises:
    """The promises of one state."""

    def __init__(self, tables: SparkTables, standards: Standards, statements: Any) -> None:
        self._tables = tables
        self._standards = standards
        self._sql = statements
        self._days: list[dict[str, Any]] = []
        self._show_days()

    def log(self) -> Any:
        """Log what the signals taken say; gives those whose due time cannot be told: their places, and why not."""
        tables = self._tables
        self._know_days()
        tables.keep("new_openings", tables.run(self._sql.openings))
        logs = {
            "openings": tables.run("SELECT * FROM new_openings WHERE due IS NOT NULL"),
            "closings": tables.run(self._sql.closings).select(*promises.CLOSINGS),
        }
        unclear = _UNCLEAR
        if self._sql.can_move:
            tables.keep("new_moves", tables.run(self._sql.moves))
            logs["moves"] = tables.run("SELECT * FROM new_moves WHERE due IS NOT NULL OR cancels")
            unclear += _UNCLEAR_MOVES
        tables.add(logs)
        reasons = {"standard": "string", "moves": "boolean", "reason": "string"}
        tables.view("reasons", tables.rows(reasons_without_due(self._standards), reasons))
        return tables.run(
            f"SELECT seq, array_join(array_sort(collect_list(reason)), '; ') AS reason "
            f"FROM ({unclear}) JOIN reasons USING (standard, moves) GROUP BY seq"
        )

    def find(self, span: dict[str, int], *, everything: bool, counting: bool) -> Any:
        """The findings of a span of time; what it looked at stays known for the step."""
        if everything or span["since"] == BEGINNING:
            self.follow_all()
        else:
            touched = self._sql.touched_or_kept if counting else self._sql.touched
            self._tables.keep("candidates", self._tables.run(touched, **span))
            self._follow(self._sql.followed_candidates if counting else self._sql.troubled_candidates)
        return self._tables.run(self._sql.findings, **span)

    def follow_all(self) -> None:
        """Look at each promise that is not settled."""
        self._follow(self._sql.followed)

    def still_open(self, before: int) -> int:
        """Of the promises followed last: neither kept, as far as known, nor given up."""
        return int(self._tables.run(self._sql.still_open, before=before).count())

    def unsettled(self, before: int) -> dict[str, Any]:
        """What of the logs can still matter from that instant on."""
        self.follow_all()
        fresh = {
            "openings": self._tables.run(self._sql.unsettled, before=before),
            "closings": self._tables.run("SELECT * FROM closings WHERE closed >= :before", before=before),
        }
        if self._sql.can_move:
            fresh["moves"] = self._tables.run(
                "SELECT m.* FROM moves m WHERE m.at >= :before OR EXISTS "
                "(SELECT 1 FROM openings o WHERE o.standard = m.standard AND o.subject = m.subject)",
                before=before,
            )
        return fresh

    def _know_days(self) -> None:
        by_calendar = promises.by_calendar(self._standards)
        if not by_calendar:
            return
        for row in self._tables.run(self._sql.days_wanted).collect():
            due = by_calendar[row.standard][1]
            self._days += [
                {"standard": row.standard, "day": row.day, "start": span.start, "end": span.end, "due": span.due}
                for span in spans_of(row.day, due, self._standards.calendar(due.calendar))
            ]
        self._show_days()

    def _show_days(self) -> None:
        self._tables.view("due_days", self._tables.rows(self._days, promises.DUE_DAYS))

    def _follow(self, statement: str) -> None:
        tables = self._tables
        tables.keep("followed", tables.run(statement))
        if tables.run("SELECT 1 FROM followed WHERE unclear LIMIT 1").count():
            columns = ", ".join(f"`{name}`" for name in promises.OPENINGS)
            tables.view("unclear", tables.run(f"SELECT {columns} FROM followed WHERE unclear"))
            searched = tables.run(self._sql.searched)
            tables.keep("followed", tables.run("SELECT * FROM followed WHERE NOT unclear").unionByName(searched))
        if self._sql.can_move:
            tables.keep("moved", tables.run(self._sql.moved))
            ids = ", ".join("'" + one.id.replace("'", "\\'") + "'" for one in movable(self._standards))
            tables.view("followed", tables.run(f"SELECT * FROM followed WHERE standard NOT IN ({ids})"))

"""Promises on DuckDB: the log of openings and closings, and the few statements that follow a promise to its end."""

from collections.abc import Collection
from typing import Any

import duckdb
import pyarrow as pa

from amends.monitor.core.due_days import spans_of
from amends.monitor.core.standard import Standards
from amends.monitor.engines.aside import set_aside_without_due
from amends.monitor.engines.statements import PromiseStatements
from amends.monitor.tables import promises
from amends.monitor.tables.moments import BEGINNING
from amends.monitor.tables.moves import movable


class PromiseLog:
    """The promises of one monitor; it works in the transaction of the step that runs."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, standards: Standards, statements: PromiseStatements
    ) -> None:
        self._con = connection
        self._standards = standards
        self._sql = statements
        self._by_calendar = promises.by_calendar(standards)
        self._types_that_move = {
            pattern.type
            for promise in movable(standards)
            for pattern in (promise.revises, promise.cancels)
            if pattern is not None
        }
        self._none_moved = False  # whether the table `moved` is there and empty
        self._movable = ", ".join(f"'{promise.id.replace(chr(39), chr(39) * 2)}'" for promise in movable(standards))

    def take(self, types: Collection[str], *, first: int, step: int) -> tuple[int, int]:
        """Log what was taken of the batch, which has signals of these types.

        Returns:
            the rows added, and the number of openings' signals whose due time cannot be told.
        """
        if not self._standards.promises:
            return 0, 0
        if self._by_calendar:
            self._fill_due_days()
        grown = self._number(f"INSERT INTO openings {self._sql.openings}")
        grown += self._number(f"INSERT INTO closings {self._sql.closings}")
        if not self._types_that_move.isdisjoint(types):
            grown += self._number(f"INSERT INTO moves {self._sql.moves}")
        return grown, set_aside_without_due(self._con, step, first=first, standards=self._standards)

    def find(self, *, step: int, since: int, before: int, everything: bool, counting: bool) -> None:
        """Put the findings with since <= at < before on record; `counting` says whether `count` or `observe` is asked next."""
        if not self._standards.promises:
            return
        span = {"since": since, "before": before}
        if everything or since == BEGINNING:
            self._follow(self._sql.followed)
        else:
            touched = self._sql.touched_or_kept if counting else self._sql.touched
            self._con.execute(f"CREATE OR REPLACE TEMP TABLE candidates AS {touched}", span)
            self._follow(self._sql.followed_candidates if counting else self._sql.troubled_candidates)
        self._con.execute(f"INSERT INTO findings SELECT {step}, * FROM ({self._sql.findings})", span)

    def count(self, *, step: int, since: int, before: int) -> None:
        """Put on record what was kept and broken in the span whose findings were found last, by whatever standard."""
        found = f"SELECT * FROM findings WHERE step = {step}"
        self._con.execute(f"INSERT INTO kept WITH found AS ({found}) SELECT {step}, * FROM ({self._sql.failed})")
        if self._standards.promises:
            span = {"since": since, "before": before}
            self._con.execute(f"INSERT INTO kept SELECT {step}, * FROM ({self._sql.settled})", span)

    def observe(self, *, step: int, since: int, before: int) -> None:
        """Put on record one by one what was settled in the span whose findings were found last."""
        if self._standards.promises:
            span = {"since": since, "before": before}
            self._con.execute(f"INSERT INTO outcomes SELECT {step}, * FROM ({self._sql.outcomes})", span)

    def still_due(self, *, now: int, since: int) -> tuple[pa.Table, pa.Table]:
        """The open promises that are due soonest, and how many are open; see `tables.still_due`."""
        self.follow_all()
        soonest = self._con.execute(self._sql.soonest, {"since": since, "before": now}).to_arrow_table()
        return soonest, self._con.execute(self._sql.still_due, {"before": now}).to_arrow_table()

    def follow_all(self) -> None:
        """Follow every promise, so that `still_open` counts all."""
        self._follow(self._sql.followed)

    @property
    def told(self) -> str:
        """Of the promises followed last: a row for each due time, and from when to when it was in force."""
        columns = "seq, standard, subject, unit, customer, source, id, opened, due, closed"
        told = f"SELECT {columns}, opened AS begins, NULL::BIGINT AS ended FROM followed"
        if not self._sql.can_move:
            return told
        return f"""
            {told} WHERE standard NOT IN ({self._movable}) UNION ALL
            SELECT {columns}, coalesce(lag(cancelled) OVER (PARTITION BY seq, standard
                ORDER BY cancelled NULLS LAST, due), opened) AS begins, cancelled AS ended FROM moved
        """

    def still_open(self, *, before: int) -> int:
        """Of the promises followed last: neither kept, as far as known, nor given up before `before`."""
        if not self._standards.promises:
            return 0
        return self._number(f"SELECT count(*) FROM ({self._sql.still_open})", {"before": before})

    def compact(self, *, before: int) -> None:
        """Clear out what is settled; changes no finding."""
        self.follow_all()
        span = {"before": before}
        self._con.execute(f"CREATE OR REPLACE TABLE openings AS {self._sql.unsettled}", span)
        self._con.execute("CREATE OR REPLACE TABLE closings AS SELECT * FROM closings WHERE closed >= $before", span)
        if self._sql.can_move:
            self._con.execute(
                """
                CREATE OR REPLACE TABLE moves AS SELECT * FROM moves WHERE "at" >= $before
                    OR (standard, subject) IN (SELECT (standard, subject) FROM openings)
                """,
                span,
            )

    def size(self) -> int:
        """The rows of the log, counted anew: at the beginning, and whenever something may have been taken back."""
        self._none_moved = False
        return self._number(
            "SELECT (SELECT count(*) FROM openings) + (SELECT count(*) FROM closings) + (SELECT count(*) FROM moves)"
        )

    def _follow(self, promises_of: str) -> None:
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE followed AS {promises_of}")
        if self._number("SELECT count(*) FROM followed WHERE unclear"):
            columns = ", ".join(promises.OPENINGS)
            self._con.execute(f"CREATE OR REPLACE TEMP TABLE unclear AS SELECT {columns} FROM followed WHERE unclear")
            self._con.execute("DELETE FROM followed WHERE unclear")
            self._con.execute(f"INSERT INTO followed {self._sql.searched}")
        if self._sql.can_move:
            some = self._number(f"SELECT count(*) FROM followed WHERE standard IN ({self._movable})")
            if some or not self._none_moved:
                self._con.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {self._sql.moved}")
                self._con.execute(f"DELETE FROM followed WHERE standard IN ({self._movable})")
            self._none_moved = not some

    def _fill_due_days(self) -> None:
        wanted = self._con.execute(self._sql.days_wanted).fetchall()
        if not wanted:
            return
        rows = []
        for standard, day in wanted:
            _, due = self._by_calendar[standard]
            rows += [
                (standard, day, span.start, span.end, span.due)
                for span in spans_of(day, due, self._standards.calendar(due.calendar))
            ]
        columns = zip(*rows, strict=True) if rows else ([] for _ in promises.DUE_DAYS)
        table = pa.table(
            [pa.array(list(c), t) for c, t in zip(columns, _arrow_types(promises.DUE_DAYS), strict=True)],
            names=list(promises.DUE_DAYS),
        )
        self._con.register("more_days", table)
        self._con.execute("INSERT INTO due_days SELECT * FROM more_days")
        self._con.unregister("more_days")

    def _number(self, sql: str, parameters: dict[str, Any] | None = None) -> int:
        row = self._con.execute(sql, parameters).fetchone()
        assert row is not None  # noqa: S101  an aggregate and an insertion have a row
        return int(row[0])


def _arrow_types(columns: dict[str, str]) -> list[pa.DataType]:
    return [pa.string() if kind == "string" else pa.int64() for kind in columns.values()]

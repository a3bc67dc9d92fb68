"""The log of promises in the monitor's file, in parts.

Openings and closings are only ever added, to the youngest part, those of a batch as one piece. Of the oldest part, once
the log is long, what is not settled is written again into the youngest one, and the part is dropped: so no step does
the work of many.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from amends.monitor.engines.pieces import PIECES, add_piece, packed, pieces
from amends.monitor.engines.state import arrow_schema
from amends.monitor.tables.moments import BEGINNING
from amends.monitor.tables.promises import CLOSINGS, OPENINGS

PART: Final = 100_000  # openings
TIMES: Final = 3  # the log is long when it has so many times the openings that are not settled
_LOGS: Final = {
    log: arrow_schema({name: kind for name, kind in columns.items() if name != "key"})
    for log, columns in (("openings", OPENINGS), ("closings", CLOSINGS))
}


@dataclass(kw_only=True)
class _Part:
    number: int
    since: int  # the watermark at its beginning: no closing before it matters for its openings
    openings: int = 0
    last: int = BEGINNING  # of the times of its closings


class LogParts:
    """The parts of one file; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._con = connection
        self._parts: list[_Part] = []

    def read(self) -> None:
        """Look again at what is there."""
        rows = self._con.execute('SELECT number, since, openings, "last" FROM parts ORDER BY number').fetchall()
        self._parts = [_Part(number=n, since=since, openings=many, last=last) for n, since, many, last in rows]

    @property
    def numbers(self) -> list[int]:
        return [part.number for part in self._parts]

    def youngest(self, *, given: int) -> int:
        """The part that takes what comes next; `given` is the watermark."""
        if not self._parts or self._parts[-1].openings >= PART:
            part = _Part(number=self._parts[-1].number + 1 if self._parts else 1, since=given)
            self._parts.append(part)
            for log in _LOGS:
                self._make(log, part.number)
            self._con.execute("INSERT INTO parts VALUES ($number, $since, 0, $last)", _without(part, "openings"))
        return self._parts[-1].number

    def rows(self, number: int) -> tuple[pa.Table, pa.Table]:
        """The openings and the closings of that part."""
        openings, closings = (
            pa.concat_tables(
                [schema.empty_table(), *(rows.cast(schema) for rows in pieces(self._con, f"{log}_{number}"))]
            )
            for log, schema in _LOGS.items()
        )
        return openings, closings

    def add_openings(self, openings: pa.Table) -> None:
        """Add to the youngest part."""
        self._add("openings", openings)
        self._parts[-1].openings += openings.num_rows
        self._note(self._parts[-1])

    def add_closings(self, closings: pa.Table) -> None:
        """Add to the youngest part."""
        self._add("closings", closings)
        self._parts[-1].last = max(self._parts[-1].last, int(closings["closed"].to_numpy().max()))
        self._note(self._parts[-1])

    def _add(self, log: str, rows: pa.Table) -> None:
        add_piece(self._con, f"{log}_{self._parts[-1].number}", 0, packed(rows.select(_LOGS[log].names)))

    def forget(self, openings: pa.Table, numbers: Collection[int]) -> None:
        """Take these openings, which lie in those parts, out; the log alone does not show them to be settled."""
        which = openings.select(["seq", "standard"])
        for part in self._parts:
            if part.number in numbers:
                logged, _ = self.rows(part.number)
                left = logged.join(which, which.column_names, join_type="left anti", use_threads=False)
                self._make("openings", part.number)
                add_piece(self._con, f"openings_{part.number}", 0, packed(left))
                part.openings = left.num_rows
                self._note(part)

    def oldest_to_clear(self, *, unsettled: int, least: int) -> int | None:
        """The part to clear out now, if the log is long; a log of up to `least` openings never is."""
        many = sum(part.openings for part in self._parts)
        if len(self._parts) < 2 or many <= max(least, TIMES * unsettled):
            return None
        return next((part.number for part in self._parts[:-1] if part.openings), None)

    def cleared(self, number: int) -> None:
        """Forget the openings of that part, and the closings that no part needs any more."""
        part = next(one for one in self._parts if one.number == number)
        self._make("openings", number)
        part.openings = 0
        self._note(part)
        needed = min(one.since for one in self._parts if one.openings or one is self._parts[-1])
        for old in [one for one in self._parts[:-1] if not one.openings and one.last < needed]:
            for log in _LOGS:
                self._con.execute(f"DROP TABLE {log}_{old.number}")
            self._con.execute("DELETE FROM parts WHERE number = $number", {"number": old.number})
            self._parts.remove(old)

    def _make(self, log: str, number: int) -> None:
        """Have that log of that part empty."""
        self._con.execute(f"CREATE OR REPLACE TABLE {log}_{number} ({PIECES})")

    def _note(self, part: _Part) -> None:
        self._con.execute(
            'UPDATE parts SET openings = $openings, "last" = $last WHERE number = $number', _without(part, "since")
        )


def _without(part: _Part, name: str) -> dict[str, int]:
    return {key: value for key, value in vars(part).items() if key != name}

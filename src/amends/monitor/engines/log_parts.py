"""The log of promises in the monitor's file, in parts.

Openings and closings are only ever added, to the youngest part. Of the oldest part, once the log is long, what is not
settled is written again into the youngest one, and the part is dropped: so no step does the work of many.
"""

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from amends.monitor.engines.state import column_types
from amends.monitor.tables.moments import BEGINNING
from amends.monitor.tables.promises import CLOSINGS, OPENINGS

PART: Final = 100_000  # openings
TIMES: Final = 3  # the log is long when it has so many times the openings that are not settled
OPENED: Final = {name: kind for name, kind in OPENINGS.items() if name != "key"}
CLOSED: Final = {name: kind for name, kind in CLOSINGS.items() if name != "key"}


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
            for name, columns in (("openings", OPENED), ("closings", CLOSED)):
                self._con.execute(f"CREATE TABLE {name}_{part.number} ({column_types(columns)})")
            self._con.execute("INSERT INTO parts VALUES ($number, $since, 0, $last)", _without(part, "openings"))
        return self._parts[-1].number

    def add(self, openings: pa.Table | None, closings: pa.Table | None) -> None:
        """Add to the youngest part."""
        part = self._parts[-1]
        for name, columns, rows in (("openings", OPENED, openings), ("closings", CLOSED, closings)):
            if rows is not None and rows.num_rows:
                self._con.register("more", rows.select(list(columns)))
                self._con.execute(f"INSERT INTO {name}_{part.number} SELECT * FROM more")
                self._con.unregister("more")
        if openings is not None:
            part.openings += openings.num_rows
        if closings is not None and closings.num_rows:
            part.last = max(part.last, int(closings["closed"].to_numpy().max()))
        self._note(part)

    def forget(self, openings: pa.Table) -> None:
        """Take these openings out, which the log alone does not show to be settled."""
        self._con.register("gone", openings)
        for part in self._parts:
            row = self._con.execute(
                f"""
                DELETE FROM openings_{part.number} o
                WHERE EXISTS (FROM gone WHERE gone.seq = o.seq AND gone.standard = o.standard)
                """
            ).fetchone()
            part.openings -= 0 if row is None else int(row[0])
            self._note(part)
        self._con.unregister("gone")

    def oldest_to_clear(self, *, unsettled: int, least: int) -> int | None:
        """The part to clear out now, if the log is long; a log of up to `least` openings never is."""
        many = sum(part.openings for part in self._parts)
        if len(self._parts) < 2 or many <= max(least, TIMES * unsettled):
            return None
        return next((part.number for part in self._parts[:-1] if part.openings), None)

    def cleared(self, number: int) -> None:
        """Forget the openings of that part, and the closings that no part needs any more."""
        part = next(one for one in self._parts if one.number == number)
        self._con.execute(f"TRUNCATE openings_{number}")
        part.openings = 0
        self._note(part)
        needed = min(one.since for one in self._parts if one.openings or one is self._parts[-1])
        for old in [one for one in self._parts[:-1] if not one.openings and one.last < needed]:
            for name in ("openings", "closings"):
                self._con.execute(f"DROP TABLE {name}_{old.number}")
            self._con.execute("DELETE FROM parts WHERE number = $number", {"number": old.number})
            self._parts.remove(old)

    def _note(self, part: _Part) -> None:
        self._con.execute(
            'UPDATE parts SET openings = $openings, "last" = $last WHERE number = $number', _without(part, "since")
        )


def _without(part: _Part, name: str) -> dict[str, int]:
    return {key: value for key, value in vars(part).items() if key != name}

"""What becomes of each signal on arrival, told of a whole batch by arrays: what `tables.arrivals` says, for DuckDB."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.engines.state import arrow_schema
from amends.monitor.engines.statements import TOLD
from amends.monitor.tables.arrivals import DUPLICATE, LATE, TAKEN, UNREADABLE
from amends.monitor.tables.moments import BEGINNING

FATES: Final = (TAKEN, LATE, DUPLICATE, UNREADABLE)
_IDENT: Final = "xor(hash(source), hash(id))"  # a quick stand-in for source and id
_MUCH: Final = ("seq", "type", "subject", "at", "data", "fate")  # asked for again and again: the engine has a copy
_RUNS: Final = 12  # sorted arrays of such stand-ins that are looked into

Whole = npt.NDArray[np.int64]
Key = npt.NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A batch that was told apart; the engine has it as the table `told`."""

    table: pa.Table  # as `statements.TOLD`
    counts: dict[str, int]  # by fate
    types: frozenset[str]
    high: int | None  # the largest time in it; None: none can be read


class Arrivals:
    """Tells late signals and duplicates from others; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, lateness: int, until: int) -> None:
        """`lateness` in microseconds; what is later than `until` (microseconds) is left out."""
        self._con = connection
        self._lateness = lateness
        self._until = until
        self._seen: list[Key] = []  # the stand-ins in the table `seen`, sorted
        self._rows = self._kept = 0  # of `seen`: now, and after it was cleared last
        others = ", ".join(f'a."{name}"' for name in TOLD if name not in _MUCH)
        connection.register("told_all", arrow_schema(TOLD).empty_table())
        connection.execute(f"CREATE TEMP TABLE told_much AS SELECT {_names(_MUCH)} FROM told_all")
        connection.execute(f"CREATE TEMP VIEW told AS SELECT m.*, {others} FROM told_much m POSITIONAL JOIN told_all a")

    def read(self) -> None:
        """Look again at what the table `seen` has."""
        idents = self._con.execute("SELECT ident FROM seen").fetchnumpy()["ident"].astype(np.uint64)
        self._seen = [np.sort(idents)] if len(idents) else []
        self._rows = self._kept = len(idents)

    def tell_apart(self, arrived: pa.Table, *, high: int) -> Told:
        """Make the table `told` of what arrived: with its fate, and the watermark in force for what was not taken.

        `high` is the largest time that arrived before, in microseconds.
        """
        at = np.asarray(arrived["at"].fill_null(BEGINNING).to_numpy(), dtype=np.int64)
        if at.max(initial=BEGINNING) > self._until:
            arrived, at = arrived.filter(pa.array(at <= self._until)), at[at <= self._until]
        readable = np.flatnonzero(np.asarray(arrived["fault"].is_null()))
        fate = np.full(len(at), FATES.index(UNREADABLE), dtype=np.int8)
        times = at[readable]
        highest = np.maximum.accumulate(np.append(high, times))
        watermark = highest[:-1] - self._lateness
        of_readable = np.where(times < watermark, FATES.index(LATE), FATES.index(TAKEN)).astype(np.int8)
        of_readable[self._again(arrived, readable, times, watermark)] = FATES.index(DUPLICATE)
        fate[readable] = of_readable
        in_force = np.full(len(at), BEGINNING, dtype=np.int64)
        in_force[readable] = watermark
        told = arrived.append_column("watermark", pa.array(in_force, mask=fate == FATES.index(TAKEN)))
        told = told.append_column("fate", pa.DictionaryArray.from_arrays(pa.array(fate), pa.array(FATES)))
        self._con.register("told_all", told)
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE told_much AS SELECT {_names(_MUCH)} FROM told_all")
        return Told(
            table=told,
            counts=dict(zip(FATES, np.bincount(fate, minlength=len(FATES)).tolist(), strict=True)),
            types=frozenset(pc.unique(told["type"]).to_pylist()),
            high=int(highest[-1]) if len(times) else None,
        )

    def _again(self, arrived: pa.Table, rows: npt.NDArray[np.intp], times: Whole, watermark: Whole) -> list[int]:
        """Which of these rows came before: of the few whose stand-in did, those whose source and id did."""
        self._con.register("arrived", arrived)
        idents = self._con.execute(f"SELECT {_IDENT} AS ident FROM arrived").fetchnumpy()["ident"].astype(np.uint64)
        self._con.unregister("arrived")
        idents = idents[rows]
        order = np.argsort(idents)
        known, repeated = np.zeros((2, len(idents)), dtype=bool)
        known[order] = self._is_known(idents[order])
        repeated[order] = _repeated(idents[order])
        suspects = np.flatnonzero(known | repeated)
        if not len(suspects):
            return []
        last: dict[tuple[str, str], int] = {}
        if known.any():
            for source, name, at in self._known(idents[known]):
                last[source, name] = max(at, last.get((source, name), at))
        few = arrived.select(["source", "id"]).take(rows[suspects]).to_pydict()
        again = []
        for place, source, name in zip(suspects.tolist(), few["source"], few["id"], strict=True):
            at, oldest, before = int(times[place]), int(watermark[place]), last.get((source, name))
            if before is not None and at >= oldest and before >= oldest:
                again.append(place)
            last[source, name] = at if before is None else max(at, before)
        return again

    def _is_known(self, idents: Key) -> npt.NDArray[np.bool_]:
        """Which of these, which are sorted, came in a batch before."""
        known = np.zeros(len(idents), dtype=bool)
        for run in self._seen:
            known |= run[np.minimum(np.searchsorted(run, idents), len(run) - 1)] == idents
        return known

    def _known(self, idents: Key) -> Iterator[tuple[str, str, int]]:
        self._con.register("suspects", pa.table({"ident": idents}))
        found = self._con.execute('SELECT source, id, "at" FROM seen SEMI JOIN suspects USING (ident)').fetchall()
        self._con.unregister("suspects")
        yield from found

    def remember(self, *, high: int) -> None:
        """Keep the ids of what arrived, as far back as the watermark: older ones are late when they come again."""
        span: dict[str, Any] = {"oldest": high - self._lateness}
        where = f"fate IN ('{TAKEN}', '{DUPLICATE}') AND \"at\" >= $oldest"
        new = self._con.execute(f"SELECT {_IDENT} AS ident FROM told WHERE {where}", span).fetchnumpy()["ident"]
        if not len(new):
            return
        self._con.execute(f'INSERT INTO seen SELECT {_IDENT}, source, id, "at" FROM told WHERE {where}', span)
        self._rows += len(new)
        if self._rows > 2 * self._kept + 10_000:
            self._con.execute('CREATE OR REPLACE TABLE seen AS SELECT * FROM seen WHERE "at" >= $oldest', span)
            self.read()
            return
        self._seen = [*self._seen, np.sort(new.astype(np.uint64))]
        if len(self._seen) > _RUNS:
            self._seen = [np.sort(np.concatenate(self._seen))]


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _repeated(idents: Key) -> npt.NDArray[np.bool_]:
    """Which of these, which are sorted, are there more than once."""
    same = idents[1:] == idents[:-1]
    return np.append(same, False) | np.append(False, same) if len(idents) else same

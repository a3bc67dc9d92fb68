"""What becomes of each signal on arrival, told of a whole batch by arrays: what `tables.arrivals` says, for DuckDB."""

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.engines.asking import Questions, Shown
from amends.monitor.engines.seen import KEYS, Came, SeenLog
from amends.monitor.engines.sorted_keys import Key, order_of, repeated
from amends.monitor.engines.state import arrow_schema
from amends.monitor.engines.statements import ARRIVED
from amends.monitor.engines.statements import TAKEN as OF_TAKEN
from amends.monitor.tables.arrivals import DUPLICATE, LATE, TAKEN, UNREADABLE
from amends.monitor.tables.moments import BEGINNING

FATES: Final = (TAKEN, LATE, DUPLICATE, UNREADABLE)
_TOLD: Final = (
    arrow_schema(OF_TAKEN | {"watermark": "int64"})
    .append(pa.field("fate", pa.dictionary(pa.int8(), pa.string())))
    .append(pa.field("is_taken", pa.bool_()))
)

_KEYS: Final = f"SELECT {KEYS}, hash(type) AS kind FROM arrived"

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A batch as it arrived, without what is left out, and the keys of each signal."""

    table: pa.Table  # with `kind`, the key of the type
    came: Came

    @property
    def readable(self) -> npt.NDArray[np.intp]:
        """The rows that can be read."""
        return np.flatnonzero(np.asarray(self.table["fault"].is_null()))


@dataclass(frozen=True, kw_only=True)
class Told:
    """A batch that was told apart; the engine has it as the table `told`, and what was taken of it as `taken`."""

    table: pa.Table
    counts: dict[str, int]  # by fate
    types: frozenset[str]
    came: Came  # the taken and the duplicates
    high: int  # the largest time so far

    def took(self, seq: Whole) -> npt.NDArray[np.bool_]:
        """Which of these signals of it were taken, by their places in the order of arrival."""
        taken = np.asarray(self.table["is_taken"])
        return taken[np.searchsorted(self.table["seq"].to_numpy(), seq)]


class Arrivals:
    """Tells late signals and duplicates from others; it works in the transaction of the step that runs."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, questions: Questions, *, lateness: int, until: int, on_disk: bool
    ) -> None:
        """`lateness` in microseconds; what is later than `until` (microseconds) is left out. `on_disk`: what was seen
        is known still when the file is opened again.
        """
        self._questions = questions
        self._lateness = lateness
        self._until = until
        self.seen = SeenLog(connection, on_disk=on_disk)
        self._arrived = Shown(connection, "arrived", arrow_schema(ARRIVED))
        self._told = Shown(connection, "told", _TOLD)
        connection.execute(taken_from("told", where="is_taken"))

    def keyed(self, arrived: pa.Table) -> Arrived:
        """What arrived, with its keys."""
        at = np.asarray(arrived["at"].fill_null(BEGINNING).to_numpy(), dtype=np.int64)
        if at.max(initial=BEGINNING) > self._until:
            arrived, at = arrived.filter(pa.array(at <= self._until)), at[at <= self._until]
        ident, mark, kind = self._keys(arrived)
        return Arrived(table=arrived.append_column("kind", pa.array(kind)), came=Came(ident=ident, mark=mark, at=at))

    def tell_apart(self, arrived: Arrived, *, high: int) -> Told:
        """Make the table `told` of what arrived: with its fate, and the watermark in force for what was not taken.

        `high` is the largest time that arrived before, in microseconds.
        """
        came, readable = arrived.came, arrived.readable
        at = came.at
        fate = np.full(len(at), FATES.index(UNREADABLE), dtype=np.int8)
        highest = np.maximum.accumulate(np.append(high, at[readable]))
        watermark = highest[:-1] - self._lateness
        of_readable = np.where(at[readable] < watermark, FATES.index(LATE), FATES.index(TAKEN)).astype(np.int8)
        of_readable[self._again(came.take(readable), watermark)] = FATES.index(DUPLICATE)
        fate[readable] = of_readable
        is_taken = fate == FATES.index(TAKEN)
        in_force = np.full(len(at), BEGINNING, dtype=np.int64)
        in_force[readable] = watermark
        told = (
            arrived.table.append_column("watermark", pa.array(in_force, mask=is_taken))
            .append_column("fate", pa.DictionaryArray.from_arrays(pa.array(fate), pa.array(FATES)))
            .append_column("is_taken", pa.array(is_taken))
        )
        self._told.show(told)
        return Told(
            table=told,
            counts=dict(zip(FATES, np.bincount(fate, minlength=len(FATES)).tolist(), strict=True)),
            types=frozenset(pc.unique(told["type"]).to_pylist()),
            came=came.take(is_taken | (fate == FATES.index(DUPLICATE))),
            high=int(highest[-1]),
        )

    def _keys(self, arrived: pa.Table) -> tuple[Key, Key, Key]:
        """Of source and id twice, and of the type."""
        self._arrived.show(arrived)
        keys = self._questions.ask(_KEYS).fetchnumpy()
        ident, mark, kind = (np.asarray(keys[name], dtype=np.uint64) for name in ("ident", "mark", "kind"))
        return ident, mark, kind

    def _again(self, came: Came, watermark: Whole) -> list[int]:
        """Which of these came before: of the few whose ident did, those whose mark did with it."""
        order = order_of(came.ident)
        idents = came.ident[order]
        known = self.seen.has(idents)
        suspects = np.sort(order[known | repeated(idents)])
        last: dict[tuple[int, int], int] = {}
        for ident, mark, at in self.seen.of(idents[known]):
            last[ident, mark] = max(at, last.get((ident, mark), at))
        again = []
        few = came.take(suspects)
        columns = (suspects, few.ident, few.mark, few.at, watermark[suspects])
        for place, ident, mark, at, oldest in zip(*(column.tolist() for column in columns), strict=True):
            before = last.get((ident, mark))
            if before is not None and at >= oldest and before >= oldest:
                again.append(place)
            last[ident, mark] = at if before is None else max(at, before)
        return again

    def remember(self, came: Came, *, high: int) -> None:
        """Keep what arrived, as far back as the watermark: what is older is late when it comes again."""
        self.seen.add(came, oldest=high - self._lateness)


def taken_from(table: str, *, where: str) -> str:
    """The statement that makes the view `taken` of those rows of a table.

    Statements look for the key of a type. Were it a column of Arrow's, Arrow would look for it, and take each row that
    it finds with all its columns: twice the time.
    """
    columns = ", ".join("xor(kind, 0) AS kind" if name == "kind" else f'"{name}"' for name in OF_TAKEN)
    return f"CREATE OR REPLACE TEMP VIEW taken AS SELECT {columns} FROM {table} WHERE {where}"

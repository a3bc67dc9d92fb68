"""What becomes of each signal on arrival, told of a whole batch by arrays: what `tables.arrivals` says, for DuckDB."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.engines.pieces import add_piece, forget_pieces, pieces
from amends.monitor.engines.sorted_keys import Key, each, rows_of
from amends.monitor.engines.state import arrow_schema
from amends.monitor.engines.statements import TOLD
from amends.monitor.tables.arrivals import DUPLICATE, LATE, TAKEN, UNREADABLE
from amends.monitor.tables.moments import BEGINNING

FATES: Final = (TAKEN, LATE, DUPLICATE, UNREADABLE)
# two hashes of source and id: equal are those with both equal; a character before, so that the second is another
_IDENTS: Final = "xor(hash(source), hash(id)) AS ident, xor(hash('-' || source), hash('+' || id)) AS mark"
_MUCH: Final = ("seq", "type", "subject", "at", "data", "fate")  # asked for again and again: the engine has a copy
_RUNS: Final = 12  # sorted arrays that are looked into

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Signals that came, sorted by `ident`."""

    ident: Key
    mark: Key
    at: Whole

    @classmethod
    def of(cls, ident: Key, mark: Key, at: Whole) -> Self:
        order = np.argsort(ident)
        return cls(ident=ident[order], mark=mark[order], at=at[order])

    @classmethod
    def joined(cls, several: "Sequence[Seen]") -> Self:
        return cls.of(*(np.concatenate([getattr(one, name) for one in several]) for name in ("ident", "mark", "at")))

    def __len__(self) -> int:
        return len(self.at)

    def since(self, oldest: int) -> "Seen":
        recent = self.at >= oldest
        return Seen(ident=self.ident[recent], mark=self.mark[recent], at=self.at[recent])

    def has(self, idents: Key) -> npt.NDArray[np.bool_]:
        """Of which of these, which are sorted, there is one."""
        found = np.searchsorted(self.ident, idents)
        return self.ident[np.minimum(found, len(self) - 1)] == idents if len(self) else np.zeros(len(idents), np.bool_)

    def with_one_of(self, idents: Key) -> Iterator[tuple[int, int, int]]:
        """The ident, mark and time of those with one of these idents, which are sorted and differ from each other."""
        rows = rows_of(self.ident, idents)
        yield from zip(*(column[rows].tolist() for column in (self.ident, self.mark, self.at)), strict=True)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A batch that was told apart; the engine has it as the table `told`."""

    table: pa.Table  # as `statements.TOLD`
    counts: dict[str, int]  # by fate
    types: frozenset[str]
    seen: Seen  # the taken and the duplicates
    high: int | None  # the largest time in it; None: none can be read


class Arrivals:
    """Tells late signals and duplicates from others; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, lateness: int, until: int, on_disk: bool) -> None:
        """`lateness` in microseconds; what is later than `until` (microseconds) is left out. `on_disk`: what was seen
        is known still when the file is opened again.
        """
        self._con = connection
        self._lateness = lateness
        self._until = until
        self._on_disk = on_disk
        self._runs: list[Seen] = []
        self._kept = 0  # of what was seen, after it was cleared last
        self._before: tuple[list[Seen], int] = [], 0
        others = ", ".join(f'a."{name}"' for name in TOLD if name not in _MUCH)
        connection.register("told_all", arrow_schema(TOLD).empty_table())
        connection.execute(f"CREATE TEMP TABLE told_much AS SELECT {_names(_MUCH)} FROM told_all")
        connection.execute(f"CREATE TEMP VIEW told AS SELECT m.*, {others} FROM told_much m POSITIONAL JOIN told_all a")

    def read(self) -> None:
        """Look at what the file has, which was opened just now."""
        self._runs = [
            Seen.of(*(np.asarray(piece[name].to_numpy()) for name in ("ident", "mark", "at")))
            for piece in pieces(self._con, "seen")
        ]
        self._kept = sum(map(len, self._runs))

    def begin(self) -> None:
        """From here on what changes can be taken back."""
        self._before = [*self._runs], self._kept

    def take_back(self) -> None:
        """As it was at `begin`."""
        self._runs, self._kept = [*self._before[0]], self._before[1]

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
        came = self._idents(arrived)
        of_readable[self._again(came[0][readable], came[1][readable], times, watermark)] = FATES.index(DUPLICATE)
        fate[readable] = of_readable
        in_force = np.full(len(at), BEGINNING, dtype=np.int64)
        in_force[readable] = watermark
        told = arrived.append_column("watermark", pa.array(in_force, mask=fate == FATES.index(TAKEN)))
        told = told.append_column("fate", pa.DictionaryArray.from_arrays(pa.array(fate), pa.array(FATES)))
        self._con.register("told_all", told)
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE told_much AS SELECT {_names(_MUCH)} FROM told_all")
        count = np.isin(fate, (FATES.index(TAKEN), FATES.index(DUPLICATE)))
        return Told(
            seen=Seen.of(came[0][count], came[1][count], at[count]),
            table=told,
            counts=dict(zip(FATES, np.bincount(fate, minlength=len(FATES)).tolist(), strict=True)),
            types=frozenset(pc.unique(told["type"]).to_pylist()),
            high=int(highest[-1]) if len(times) else None,
        )

    def _idents(self, arrived: pa.Table) -> tuple[Key, Key]:
        self._con.register("arrived", arrived)
        columns = self._con.execute(f"SELECT {_IDENTS} FROM arrived").fetchnumpy()
        self._con.unregister("arrived")
        return columns["ident"].astype(np.uint64), columns["mark"].astype(np.uint64)

    def _again(self, idents: Key, marks: Key, times: Whole, watermark: Whole) -> list[int]:
        """Which of these came before: of the few whose ident did, those whose mark did with it."""
        order = np.argsort(idents)
        known, repeated = np.zeros((2, len(idents)), dtype=bool)
        known[order] = np.logical_or.reduce(
            [np.zeros(len(idents), bool), *(run.has(idents[order]) for run in self._runs)]
        )
        repeated[order] = _repeated(idents[order])
        suspects = np.flatnonzero(known | repeated)
        last: dict[tuple[int, int], int] = {}
        for run in self._runs:
            for ident, mark, at in run.with_one_of(each(np.sort(idents[known]))):
                last[ident, mark] = max(at, last.get((ident, mark), at))
        again = []
        few = zip(*(column[suspects].tolist() for column in (idents, marks, times, watermark)), strict=True)
        for place, (ident, mark, at, oldest) in zip(suspects.tolist(), few, strict=True):
            before = last.get((ident, mark))
            if before is not None and at >= oldest and before >= oldest:
                again.append(place)
            last[ident, mark] = at if before is None else max(at, before)
        return again

    def remember(self, seen: Seen, *, high: int) -> None:
        """Keep what arrived, as far back as the watermark: what is older is late when it comes again."""
        oldest = high - self._lateness
        if not len(seen) or not len(new := seen.since(oldest)):
            return
        self._runs = [*self._runs, new]
        if sum(map(len, self._runs)) > 2 * self._kept + 10_000:
            self._runs = [new := Seen.joined(self._runs).since(oldest)]
            self._kept = len(new)
            if self._on_disk:
                forget_pieces(self._con, "seen", before=1)  # all
        elif len(self._runs) > _RUNS:
            self._runs = [Seen.joined(self._runs)]
        if self._on_disk:
            add_piece(self._con, "seen", 0, pa.table(vars(new)))


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _repeated(idents: Key) -> npt.NDArray[np.bool_]:
    """Which of these, which are sorted, are there more than once."""
    same = idents[1:] == idents[:-1]
    return np.append(same, False) | np.append(False, same) if len(idents) else same

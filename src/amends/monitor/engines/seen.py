"""The signals that came before, as far back as the watermark: what a duplicate is told by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from amends.monitor.engines.pieces import add_piece, forget_pieces, packed, pieces
from amends.monitor.engines.sorted_keys import Key, each, has, order_of, rows_of

KEYS: Final = "xor(hash(source), hash(id)) AS ident, hash('-' || id) AS mark"
"""Two hashes of source and id: equal are those with both equal. A letter before, so that the second is another one."""
_RUNS: Final = 12  # that are looked into
_FEW: Final = 10_000  # that are never worth clearing out

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Came:
    """Signals that came: `ident` and `mark` stand for source and id, `at` is in microseconds."""

    ident: Key
    mark: Key
    at: Whole

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Came":
        return Came(ident=self.ident[rows], mark=self.mark[rows], at=self.at[rows])

    def in_order(self) -> "Came":
        """Sorted by ident."""
        return self.take(order_of(self.ident))

    @classmethod
    def joined(cls, parts: "Sequence[Came]") -> Self:
        ident, mark, at = (np.concatenate([vars(part)[name] for part in parts]) for name in ("ident", "mark", "at"))
        return cls(ident=ident, mark=mark, at=at)


class SeenLog:
    """What one monitor has seen; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, on_disk: bool) -> None:
        """`on_disk`: it is known still when the file is opened again."""
        self._con = connection
        self._on_disk = on_disk
        self._runs: list[Came] = []  # each in order
        self._kept = 0  # after it was cleared last
        self._before: tuple[list[Came], int] = [], 0

    def read(self) -> None:
        """Look at what the file has, which was opened just now."""
        found = [
            Came(**{name: np.asarray(piece[name].to_numpy()) for name in ("ident", "mark", "at")})
            for piece in pieces(self._con, "seen")
        ]
        self._runs = [Came.joined(found).in_order()] if found else []
        self._kept = sum(map(len, self._runs))

    def begin(self) -> None:
        """From here on what changes can be taken back."""
        self._before = [*self._runs], self._kept

    def take_back(self) -> None:
        """As it was at `begin`, after the engine has taken back what was in its tables."""
        self._runs, self._kept = [*self._before[0]], self._before[1]

    def has(self, idents: Key) -> npt.NDArray[np.bool_]:
        """Of which of these, which are sorted, one came."""
        found = np.zeros(len(idents), dtype=bool)
        for run in self._runs:
            found |= has(run.ident, idents)
        return found

    def of(self, idents: Key) -> Iterator[tuple[int, int, int]]:
        """The ident, mark and time of those that came with one of these idents, which are sorted."""
        for run in self._runs:
            few = run.take(rows_of(run.ident, each(idents)))
            yield from zip(few.ident.tolist(), few.mark.tolist(), few.at.tolist(), strict=True)

    def add(self, came: Came, *, oldest: int) -> None:
        """Keep what came, from that instant on."""
        if not len(came) or not (recent := came.at >= oldest).any():
            return
        new = came.take(recent).in_order()
        self._runs = [*self._runs, new]
        if sum(map(len, self._runs)) > 2 * self._kept + _FEW:
            everything = Came.joined(self._runs)
            new = everything.take(everything.at >= oldest).in_order()
            self._runs, self._kept = [new], len(new)
            if self._on_disk:
                forget_pieces(self._con, "seen", before=1)  # all that there is
        elif len(self._runs) > _RUNS:
            self._runs = [Came.joined(self._runs).in_order()]
        if self._on_disk:
            add_piece(self._con, "seen", 0, packed(pa.table(vars(new))))

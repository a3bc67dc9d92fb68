"""Boosted trees as plain arrays, and how they speak: a chance, and which columns moved it how far.

Whoever trained them, these arrays are all that is kept: numbers that can be read, checked and drawn, and that can do
nothing but add up. `from_lists` refuses what is no forest, so a row that was tampered with is an error and no program.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from amends.monitor.core.prediction.columns import Floats, Matrix
from amends.monitor.core.prediction.record import Whole

LEAF: Final = -1
AT_ONCE: Final = 50_000  # rows


class NoForest(ValueError):
    """What was kept is no forest."""


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Trees, one after another. A row goes left where its value is at most the threshold."""

    start: float  # log-odds before any tree
    roots: Whole
    column: Whole  # which one a node asks about; LEAF: none
    threshold: Floats
    gaps_left: NDArray[np.bool_]  # whether a value that cannot be told goes left
    left: Whole
    right: Whole
    value: Floats  # log-odds that a leaf adds; of a node the mean of what lies below it

    def margins(self, rows: Matrix) -> Floats:
        """Log-odds for each row."""
        return np.concatenate([np.zeros(0), *(self._margins(part) for part in _parts(rows))])

    def _margins(self, rows: Matrix) -> Floats:
        total = np.full(len(rows), self.start)
        for root in self.roots:
            total += self.value[self._leaves(rows, int(root))]
        return total

    def _leaves(self, rows: Matrix, root: int) -> Whole:
        at = np.full(len(rows), root, dtype=np.int64)
        walking = np.flatnonzero(self.column[at] != LEAF)
        while len(walking):
            at[walking] = self._step(rows, walking, at[walking])
            walking = walking[self.column[at[walking]] != LEAF]
        return at

    def _step(self, rows: Matrix, which: Whole, at: Whole) -> Whole:
        asked = rows[which, self.column[at]]
        left = np.where(np.isnan(asked), self.gaps_left[at], asked <= self.threshold[at])
        return np.where(left, self.left[at], self.right[at])

    def shares(self, rows: Matrix) -> Floats:
        """How far each column moved each row's log-odds from the mean: on the way down each step counts for its column.

        With `resting`, they add up to the margin (Saabas 2014).
        """
        shares = np.zeros(rows.shape)
        for root in self.roots:
            at = np.full(len(rows), int(root), dtype=np.int64)
            walking = np.flatnonzero(self.column[at] != LEAF)
            while len(walking):
                before = at[walking]
                after = self._step(rows, walking, before)
                np.add.at(shares, (walking, self.column[before]), self.value[after] - self.value[before])
                at[walking] = after
                walking = walking[self.column[after] != LEAF]
        return shares

    @property
    def resting(self) -> float:
        """The log-odds of the mean row of the training."""
        return float(self.start + self.value[self.roots].sum())

    def to_lists(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "start": self.start,
            **{name: getattr(self, name).tolist() for name in ("roots", "column", "left", "right")},
            "gaps_left": self.gaps_left.astype(int).tolist(),
            **{name: getattr(self, name).tolist() for name in ("threshold", "value")},
        }

    @classmethod
    def from_lists(cls, kept: dict[str, Any], *, columns: int) -> "Forest":
        """What `to_lists` gave.

        Args:
            kept: lists of numbers.
            columns: how many columns there are to ask about.

        Raises:
            NoForest: a list is missing or of another length, names a column or a node that there is not, or leads in
                a circle.
        """
        try:
            whole = {name: np.array(kept[name], dtype=np.int64) for name in ("roots", "column", "left", "right")}
            forest = cls(
                start=float(kept["start"]),
                roots=whole["roots"],
                column=whole["column"],
                threshold=np.array(kept["threshold"], dtype=np.float64),
                gaps_left=np.array(kept["gaps_left"], dtype=bool),
                left=whole["left"],
                right=whole["right"],
                value=np.array(kept["value"], dtype=np.float64),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NoForest(f"what was kept is no forest: {error}") from None
        forest.check(columns)
        return forest

    def check(self, columns: int) -> None:
        """Raise NoForest unless every way down ends at a leaf."""
        size = len(self.column)
        lists = (self.threshold, self.gaps_left, self.left, self.right, self.value)
        if any(one.shape != (size,) for one in lists):
            raise NoForest("the lists of a forest differ in length")
        inner = np.flatnonzero(self.column != LEAF)
        below = np.concatenate((self.left[inner], self.right[inner]))
        above = np.concatenate((inner, inner))
        sound = (
            np.all((self.roots >= 0) & (self.roots < size))
            and np.all((self.column[inner] >= 0) & (self.column[inner] < columns))
            and np.all((below > above) & (below < size))  # always further on: so no way leads in a circle
            and np.all(np.isfinite(self.value))
            and np.isfinite(self.start)
        )
        if not sound:
            raise NoForest("a forest names a column or a node that there is not, or leads in a circle")


def _parts(rows: Matrix) -> list[Matrix]:
    return [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]

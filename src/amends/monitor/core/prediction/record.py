"""The record of promises as arrays: who promised what, when it was due, and when it ended. Times in milliseconds.

A promise that was moved has a row for each due time that was in force, ended by the next. What happened at or after
a moment must not show in anything that is said as of that moment; `columns` keeps to that, `hidden_from` proves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

MINUTE: Final = 60_000  # milliseconds
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
NEVER: Final = 2**41 - 1  # later than every time here; a key and a time share one whole number


@dataclass(frozen=True, kw_only=True)
class Record:
    """Promises, a row each. Codes say which standard, unit, subject and resource; -1: not said."""

    standards: tuple[str, ...]  # what the codes stand for
    units: tuple[str, ...]
    resources: tuple[str, ...]  # attributes of the opening signal, such as data.tail
    standard: Whole
    unit: Whole
    subject: Whole
    resource: tuple[Whole, ...]  # for each of `resources`
    opened: Whole
    begins: Whole  # when this due time came in force: the opening, or the revision
    due: Whole
    closed: Whole  # NEVER: not as far as is known
    ended: Whole  # revised or called off
    doomed: Whole  # when a signal said that the subject fails anyhow, such as a cancellation

    def __len__(self) -> int:
        return len(self.due)

    @property
    def in_force(self) -> NDArray[np.bool_]:
        """Whether the due time was still in force when the promise was settled."""
        return self.ended > np.minimum(self.closed, self.due)

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Of those in force: whether it was not kept by its due time."""
        return self.closed > self.due

    @property
    def over(self) -> Whole:
        """When it was open no more."""
        return np.minimum(self.closed, self.ended)

    def open_at(self, rows: Whole, moments: Whole) -> NDArray[np.bool_]:
        """Whether a promise can be asked about at a moment: promised, not settled, not known to fail anyhow."""
        begun = self.begins[rows] < moments
        return begun & (moments < self.due[rows]) & (self.over[rows] >= moments) & (self.doomed[rows] >= moments)

    def taken(self, rows: Whole) -> "Record":
        """The record of these rows alone."""
        arrays: dict[str, Any] = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return replace(self, **arrays, resource=tuple(codes[rows] for codes in self.resource))


_ARRAYS: Final = ("standard", "unit", "subject", "opened", "begins", "due", "closed", "ended", "doomed")


def hidden_from(record: Record, moment: int) -> tuple[Record, Whole]:
    """The record as it could be known before a moment, and which of its rows are left: nothing of the future in it."""
    known = np.flatnonzero(record.begins < moment)
    past = record.taken(known)
    blind: dict[str, Any] = {
        name: np.where(getattr(past, name) < moment, getattr(past, name), NEVER)
        for name in ("closed", "ended", "doomed")
    }
    return replace(past, **blind), known


def coded(values: Sequence[str | None]) -> tuple[Whole, tuple[str, ...]]:
    """Codes for words in the order of the alphabet, and the words; no word is -1."""
    names = tuple(sorted({value for value in values if value is not None}))
    places = {name: place for place, name in enumerate(names)}
    return np.array([-1 if value is None else places[value] for value in values], dtype=np.int64), names

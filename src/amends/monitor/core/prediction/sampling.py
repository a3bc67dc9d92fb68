"""Which promises are asked about at which moments, for training and for judging: before they were due, while open."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from amends.monitor.core.prediction.judging import Flags
from amends.monitor.core.prediction.record import NEVER, Record, Whole

SHARES: Final = (1 / 72, 1 / 24, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1.0)
"""Of the horizon: of six hours 5, 15, 30, 45, 60, 90 minutes and 2, 3, 4, 6 hours before due."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Promises at moments, and what came of them."""

    rows: Whole
    moments: Whole
    broken: Flags

    def __len__(self) -> int:
        return len(self.rows)


def leads(horizon: timedelta) -> Whole:
    """How long before due a promise is looked at, in milliseconds."""
    length = horizon // timedelta(milliseconds=1)
    return np.array([round(length * share) for share in SHARES], dtype=np.int64)


def known_fates(record: Record, *, since: int, until: int) -> Whole:
    """The promises due from `since` on and before `until` that were settled with their due time in force."""
    due = (record.due >= since) & (record.due < until)
    return np.flatnonzero(due & record.in_force & (record.due < NEVER))


def once_each(record: Record, rows: Whole, *, horizon: timedelta, random: np.random.Generator) -> Samples:
    """Each promise at one moment chosen by chance, if it was open then; so no promise counts for more than another."""
    before = random.choice(leads(horizon), size=len(rows))
    return _samples(record, rows, record.due[rows] - before)


def every_lead(record: Record, rows: Whole, *, horizon: timedelta) -> Samples:
    """Each promise at every moment at which it was open."""
    before = leads(horizon)
    return _samples(
        record, np.repeat(rows, len(before)), np.repeat(record.due[rows], len(before)) - np.tile(before, len(rows))
    )


def _samples(record: Record, rows: Whole, moments: Whole) -> Samples:
    asked = record.open_at(rows, moments)
    return Samples(rows=rows[asked], moments=moments[asked], broken=record.broken[rows[asked]])

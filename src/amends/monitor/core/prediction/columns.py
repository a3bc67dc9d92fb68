"""What is known of a promise at a moment, as columns of numbers; every one from what happened strictly before it.

For each group that the promise belongs to (its standard, its unit, the unit at this hour, its subject, each resource)
the same questions are asked: how many were settled lately and what share was broken, how late they came, how many are
overdue now. An answer is two searches in sorted times, so a million promises take seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from amends.monitor.core.prediction.record import DAY, HOUR, MINUTE, NEVER, Record, Whole

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]

SPANS: Final[dict[str, int]] = {"2h": 2 * HOUR, "1d": DAY, "14d": 14 * DAY}  # looked back; the last of resources, too
LONGEST: Final = timedelta(days=14)  # of them: what is older changes no column
OVERDUE_FOR: Final = DAY  # what is overdue for longer is no sign of what goes on now
LATEST: Final = 360.0  # minutes; later than that counts as much
EARLIEST: Final = -120.0
_SHIFT: Final = NEVER + 1


def column_names(standards: Sequence[str], resources: Sequence[str]) -> tuple[str, ...]:
    """The columns, in their order; each is `group.span.what` or a single word.

    Args:
        standards: those that the model knows; each is a column.
        resources: attributes of opening signals.
    """
    names = ["lead", "length", "hour", "weekday", *(f"standard.{one}" for one in standards)]
    for group in groups(resources):
        names += [f"{group}.{span}.{what}" for span in SPANS for what in ("settled", "broken", "late")]
        names += [f"{group}.overdue", f"{group}.open"]
        if group == "subject" or group.startswith("data."):
            names += [f"{group}.last.late", f"{group}.last.ago"]
    return tuple(names)


def groups(resources: Sequence[str]) -> tuple[str, ...]:
    """What a promise belongs to."""
    return ("all", "unit", "unit_hour", "subject", *resources)


def columns_at(record: Record, rows: Whole, moments: Whole, *, zone: ZoneInfo, standards: Sequence[str]) -> Matrix:
    """The columns of these promises, each as of its moment; what cannot be told is NaN.

    Args:
        record: all that happened, before the moments and maybe after.
        rows: which promises are asked about.
        moments: as of when, for each.
        zone: whose hours and weekdays count.
        standards: those that are columns.
    """
    due = record.due[rows]
    hour, weekday = local_clock(due, zone)
    columns: list[NDArray[np.generic]] = [
        (due - moments) / MINUTE,
        (due - record.opened[rows]) / MINUTE,
        hour,
        weekday,
    ]
    ours = record.standard[rows]
    columns += [ours == (record.standards.index(one) if one in record.standards else -2) for one in standards]
    keys = _keys(record, zone)
    for group, key in keys.items():
        columns += _of_group(group, _History(record, key), key[rows], moments)
    return np.column_stack([column.astype(np.float32) for column in columns])


def local_clock(times: Whole, zone: ZoneInfo) -> tuple[Floats, Whole]:
    """Hour of the day, with its fraction, and weekday (Monday is 0) where the zone is; NaN and -1 past all dates."""
    if not len(times):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    hours = times // HOUR
    # what the clock shows is asked once an hour: zones change at whole quarters at most, far rarer than promises
    each, back = np.unique(hours, return_inverse=True)
    offsets = np.array([_offset(int(one), zone) for one in each], dtype=np.int64)[back]
    local = times + offsets
    return (local % DAY) / HOUR, (local // DAY + 3) % 7  # 1 January 1970 was a Thursday


def _offset(hours: int, zone: ZoneInfo) -> int:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    except OverflowError:
        return 0
    return (moment.astimezone(zone).utcoffset() or timedelta(0)) // timedelta(milliseconds=1)


def _keys(record: Record, zone: ZoneInfo) -> dict[str, Whole]:
    """For each group the number of the one that a promise belongs to; -1: of none.

    Units are compared by standard. A subject and a resource are one thing whatever was promised of it: an aircraft
    that landed late leaves late.
    """
    many = len(record.standards) + 1
    unit = np.where(record.unit < 0, -1, record.unit * many + record.standard)
    hour = local_clock(record.due, zone)[0].astype(np.int64)
    keys = {
        "all": record.standard,
        "unit": unit,
        "unit_hour": np.where(unit < 0, -1, unit * 24 + hour),
        "subject": record.subject,
    }
    return keys | dict(zip(record.resources, record.resource, strict=True))


@dataclass(frozen=True, kw_only=True)
class _Marks:
    """Moments of many keys in one sorted array, with sums of what came with them."""

    stamps: Whole
    times: Whole
    sums: Floats
    values: Floats

    @classmethod
    def of(cls, key: Whole, times: Whole, values: Floats | None = None) -> "_Marks":
        order = np.lexsort((times, key))
        sorted_values = np.ones(len(order)) if values is None else values[order]
        return cls(
            stamps=key[order] * _SHIFT + times[order],
            times=times[order],
            sums=np.concatenate(([0.0], np.cumsum(sorted_values))),
            values=sorted_values,
        )

    def until(self, key: Whole, moments: Whole) -> Whole:
        """How many marks of the key, and of all smaller keys, came strictly before the moment."""
        return np.searchsorted(self.stamps, key * _SHIFT + np.maximum(moments, 0), side="left")

    def sum(self, since: Whole, before: Whole) -> Floats:
        return self.sums[before] - self.sums[since]


class _History:
    """What happened in the groups of one kind."""

    def __init__(self, record: Record, key: Whole) -> None:
        self._record, self._key = record, key

    def _marks(self, wanted: NDArray[np.bool_], times: Whole, values: Floats | None = None) -> _Marks:
        wanted = wanted & (self._key >= 0) & (times < NEVER) & (times >= 0)
        return _Marks.of(self._key[wanted], times[wanted], None if values is None else values[wanted])

    @cached_property
    def settled(self) -> _Marks:
        """When it was known whether a promise was kept, and 1 where it was not."""
        one = self._record
        return self._marks(one.in_force, np.minimum(one.closed, one.due), one.broken.astype(np.float64))

    @cached_property
    def came(self) -> _Marks:
        """When what was promised came, and how many minutes late."""
        one = self._record
        late = np.clip((one.closed - one.due) / MINUTE, EARLIEST, LATEST)
        return self._marks(one.ended > one.closed, one.closed, late)

    @cached_property
    def fell_due(self) -> _Marks:
        return self._marks(self._record.over > self._record.due, self._record.due)

    @cached_property
    def not_overdue(self) -> _Marks:
        """When what was overdue was so no more, or had been for too long."""
        one = self._record
        return self._marks(one.over > one.due, np.minimum(one.over, one.due + OVERDUE_FOR))

    @cached_property
    def began(self) -> _Marks:
        return self._marks(np.ones(len(self._record), dtype=bool), self._record.begins)

    @cached_property
    def went(self) -> _Marks:
        """When an open one was open no more, or long overdue."""
        one = self._record
        return self._marks(np.ones(len(one), dtype=bool), np.minimum(one.over, one.due + OVERDUE_FOR))


def _of_group(group: str, history: _History, key: Whole, moments: Whole) -> list[NDArray[np.generic]]:
    none = key < 0
    key = np.maximum(key, 0)
    found: list[NDArray[np.generic]] = []
    settled, came = history.settled, history.came
    settled_to, came_to = settled.until(key, moments), came.until(key, moments)
    for span in SPANS.values():
        since = settled.until(key, moments - span)
        number = settled_to - since
        found += [np.where(none, np.nan, np.log1p(number)), _mean(settled.sum(since, settled_to), number, none)]
        since = came.until(key, moments - span)
        found.append(_mean(came.sum(since, came_to), came_to - since, none))
    beginning = np.zeros_like(moments)
    overdue = _since(history.fell_due, key, beginning, moments) - _since(history.not_overdue, key, beginning, moments)
    found.append(np.where(none, np.nan, overdue))
    still_open = _since(history.began, key, beginning, moments) - _since(history.went, key, beginning, moments)
    found.append(np.where(none, np.nan, np.log1p(np.maximum(still_open, 0))))
    if group == "subject" or group.startswith("data."):
        found += _last(came, key, came_to, moments, none)
    return found


def _since(marks: _Marks, key: Whole, since: Whole, before: Whole) -> Whole:
    return marks.until(key, before) - marks.until(key, since)


def _mean(total: Floats, number: Whole, none: NDArray[np.bool_]) -> Floats:
    return np.where(none | (number == 0), np.nan, total / np.maximum(number, 1))


def _last(marks: _Marks, key: Whole, before: Whole, moments: Whole, none: NDArray[np.bool_]) -> list[Floats]:
    """How late the last one of the group came, and how many minutes ago; of one not too long ago."""
    if not len(marks.stamps):
        nothing = np.full(len(key), np.nan)
        return [nothing, nothing]
    place = np.maximum(before - 1, 0)
    ago = (moments - marks.times[place]) / MINUTE
    there = ~none & (before > 0) & (marks.stamps[place] // _SHIFT == key) & (ago * MINUTE <= SPANS["1d"])
    return [np.where(there, marks.values[place], np.nan), np.where(there, ago, np.nan)]

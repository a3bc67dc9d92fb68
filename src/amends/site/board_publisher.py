"""What the monitor tells the live board: only while somebody watches, only what changed, and never for long."""

import time
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from amends.monitor.engines.duckdb import Monitor
from amends.monitor.services import board_is_wanted, publish_board

JUST: Final = timedelta(minutes=15)  # so long a broken promise stands on the board as broken just now
AT_MOST: Final = 0.2  # share of the monitor's time that may go into the board
SPEED_OVER: Final = 60.0  # seconds

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class BoardPublisher:
    """Knows what the board shows, so that it writes the differences alone. Another process begins anew."""

    def __init__(self, *, leaving_out: frozenset[str] = frozenset()) -> None:
        """
        Args:
            leaving_out: standards that never stand on the board: those between colleagues.
        """
        self._leaving_out = leaving_out
        self._promises: dict[tuple[str, int], dict[str, Any]] | None = None  # None: what stands there is not ours
        self._counts: dict[tuple[str, str], dict[str, Any]] = {}
        self._seen: Any = None  # what the monitor had counted at the last publication
        self._changes_at = _LAST  # time alone changes what stands there
        self._not_before = 0.0  # by the monotonic clock

    def keep_up(self, monitor: Monitor, *, now: datetime) -> bool:
        """Publish if it is wanted and something changed; whether it was.

        Args:
            monitor: whose promises they are.
            now: as of when.
        """
        began = time.monotonic()
        if began < self._not_before or not board_is_wanted(now=now):
            return False
        seen = monitor.counts
        if self._promises is not None and seen == self._seen and now < self._changes_at:
            return False
        promises, counts, changes_at = _read(monitor, now, self._leaving_out)
        before, counted = self._promises or {}, self._counts if self._promises is not None else {}
        anew = self._promises is None
        added = [row for key, row in promises.items() if before.get(key) != row]
        gone = [key for key in before if key not in promises]
        moved = [row for key, row in counts.items() if counted.get(key) != row]
        uncounted = [key for key in counted if key not in counts]
        if anew or added or gone or moved or uncounted:
            self._promises = None  # until it is written: after a failure it is written anew
            publish_board(added=added, gone=gone, counts=moved, uncounted=uncounted, anew=anew, now=now)
        self._promises, self._counts, self._seen, self._changes_at = promises, counts, seen, changes_at
        ended = time.monotonic()
        self._not_before = ended + (ended - began) * (1 / AT_MOST - 1)
        return True


class Speed:
    """Signals a second over the last minute."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def after(self, signals: int) -> float:
        """The speed, when so many have come in all."""
        now = time.monotonic()
        self._marks.append((now, signals))
        while len(self._marks) > 2 and self._marks[1][0] <= now - SPEED_OVER:
            self._marks.popleft()
        since, first = self._marks[0]
        return (signals - first) / max(now - since, 1.0)


def _read(
    monitor: Monitor, now: datetime, leaving_out: frozenset[str]
) -> tuple[dict[tuple[str, int], dict[str, Any]], dict[tuple[str, str], dict[str, Any]], datetime]:
    soonest, counts = monitor.still_due(now, since=now - JUST)
    promises = {}
    leaves = _LAST
    for row in soonest.to_pylist():
        if row["standard"] in leaving_out:
            continue
        due = _instant(row["due"])
        promises[row["standard"], row["seq"]] = {
            "standard": row["standard"],
            "seq": row["seq"],
            "subject": row["subject"],
            "unit": row["unit"] or "",
            "customer": row["customer"] or "",
            "opened_at": _instant(row["opened"]),
            "due": due,
            "warn_at": None if row["warn_at"] is None else _instant(row["warn_at"]),
        }
        leaves = min(leaves, due + JUST)
    counted = {}
    for row in counts.to_pylist():
        if row["standard"] in leaving_out:
            continue
        unit = row["unit"] or ""
        known = counted.setdefault(
            (row["standard"], unit), {"standard": row["standard"], "unit": unit, "open": 0, "at_risk": 0, "overdue": 0}
        )
        for name in ("open", "at_risk", "overdue"):
            known[name] += row[name]
        if row["next"] < 2**62:
            leaves = min(leaves, _instant(row["next"]))
    return promises, counted, leaves


def _instant(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return _LAST

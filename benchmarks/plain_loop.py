"""The same judgement as a plain Python loop over dictionaries and heaps: what one would write first."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from amends.monitor.core.standard import DueAfter, DueAt, Prohibition, Standards

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class PlainLoop:
    """Signals one by one; `found` counts the findings by standard and what. Knows no `where`."""

    def __init__(self, standards: Standards) -> None:
        self.standards, self.lateness = standards, standards.lateness // _TICK
        self.opens: dict[str, list[Any]] = defaultdict(list)
        self.closes: dict[str, list[str]] = defaultdict(list)
        self.forbids = {p.forbids.type: p.id for p in standards.of_kind(Prohibition)}
        for promise in standards.promises:
            self.opens[promise.opens.type].append(promise)
            self.closes[promise.closes.type].append(promise.id)
        self.found: Counter[tuple[str, str]] = Counter()
        self.seen: set[tuple[str, str]] = set()
        self.waiting: list[tuple[int, int, str, str, str, int, Any]] = []  # signals, in the order of time
        self.alarms: list[tuple[int, int, str, list[Any]]] = []  # time, number, what, promise
        self.open: dict[tuple[str, str], list[list[Any]]] = defaultdict(list)
        self.high, self.number = -(2**62), 0

    def take(self, rows: Iterable[tuple[str, str, str, str, int, str | None]]) -> None:
        for source, name, kind, subject, at, data in rows:
            if at < self.high - self.lateness or (source, name) in self.seen:
                continue
            self.seen.add((source, name))
            self.number += 1
            heapq.heappush(self.waiting, (at, self.number, kind, subject, name, at, data))
            self.high = max(self.high, at)
            while self.waiting and self.waiting[0][0] < self.high - self.lateness:
                self._settle(heapq.heappop(self.waiting))

    def finish(self) -> None:
        while self.waiting:
            self._settle(heapq.heappop(self.waiting))
        self._ring(self.high + 1)

    def _settle(self, signal: tuple[int, int, str, str, str, int, Any]) -> None:
        at, _, kind, subject, _, _, data = signal
        self._ring(at)
        for promise in self.opens.get(kind, ()):
            due = max(self._due(promise, at, data), at)
            entry = [
                promise.id,
                subject,
                due,
                None if promise.gives_up is None else due + promise.gives_up // _TICK,
                True,
            ]
            self.open[promise.id, subject].append(entry)
            self._alarm(due, "breached", entry)
            if promise.warn is not None:
                self._alarm(max(due - promise.warn // _TICK, at), "at_risk", entry)
            if entry[3] is not None:
                self._alarm(entry[3], "never", entry)
        for standard in self.closes.get(kind, ()):
            for entry in self.open.pop((standard, subject), ()):
                entry[4] = False
                if entry[2] < at and (entry[3] is None or at <= entry[3]):
                    self.found[standard, "late"] += 1
        if kind in self.forbids:
            self.found[self.forbids[kind], "violated"] += 1

    def _alarm(self, at: int, what: str, entry: list[Any]) -> None:
        self.number += 1
        heapq.heappush(self.alarms, (at, self.number, what, entry))

    def _ring(self, before: int) -> None:
        while self.alarms and self.alarms[0][0] < before:
            at, _, what, entry = heapq.heappop(self.alarms)
            if entry[4] and not (what == "at_risk" and at >= entry[2]):
                self.found[entry[0], what] += 1

    def _due(self, promise: Any, at: int, data: str | None) -> int:
        due = promise.due
        if isinstance(due, DueAfter):
            return at + due.after // _TICK
        if isinstance(due, DueAt):
            return (datetime.fromisoformat(orjson.loads(data or "{}")[due.field]) - _EPOCH + due.plus) // _TICK
        calendar = self.standards.calendar(due.calendar)
        return (calendar.due_by(_EPOCH + at * _TICK, due.by, due.days, due.cutoff) - _EPOCH) // _TICK

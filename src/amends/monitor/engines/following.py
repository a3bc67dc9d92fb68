"""The promises that are not settled yet, in memory: which of them a span of time concerns, and when each was closed.

What `tables.promises.touched`, `first_closed` and `searched` say of whole tables, kept up to date signal by signal: the
first closing of a promise is the smallest of all closing times from its opening on, in whatever order they came.

Promises lie in segments, each sorted by key. New ones are a small segment; segments of like size are merged, up to a
size that is merged in a moment. So a closing finds its promises by halving, and no step does the work of many.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from amends.monitor.engines.sorted_keys import Key, each, order_of, rows_of
from amends.monitor.tables.moments import END

Whole = npt.NDArray[np.int64]  # counts, or microseconds; END: never, or not known
Rows = npt.NDArray[np.intp] | npt.NDArray[np.bool_]  # which rows, or which are wanted

LARGEST: Final = 1 << 18  # rows of a segment that merging makes
TOLD: Final = ("subject", "source", "id", "customer", "unit")
"""What is told of the signal that opened a promise."""
_SPREAD: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03))  # odd, so that no two numbers meet


class _AlikeError(Exception):
    """Two subjects have the same key."""


@dataclass(frozen=True, kw_only=True)
class Subjects:
    """Of some promises or closings the standard and subject, as two hashes: equal are those with both equal.

    `key` is what is sorted and searched by. Where `mark` shows that two that differ share a key, all get other keys.
    """

    key: Key
    mark: Key
    level: int = 0  # how often keys were changed

    @classmethod
    def of(cls, standard: Whole, first: Key, second: Key) -> Self:
        """Of the numbers of standards and two hashes of the subjects that are independent of each other."""
        number = standard.astype(np.uint64)
        return cls(key=first + number * _SPREAD[0], mark=second + number * _SPREAD[1])

    @classmethod
    def joined(cls, parts: "Iterable[Subjects]") -> Self:
        """All of them; they have one level."""
        parts = list(parts)
        key, mark = (np.concatenate([getattr(part, name) for part in parts]) for name in ("key", "mark"))
        return cls(key=key, mark=mark, level=parts[0].level)

    def take(self, rows: Rows) -> "Subjects":
        return replace(self, key=self.key[rows], mark=self.mark[rows])

    def each(self) -> Key:
        """Every key once, of keys that are sorted."""
        return each(self.key)

    def at(self, level: int) -> "Subjects":
        """With the keys of that level."""
        return replace(self, key=self.key + np.uint64(level - self.level) * self.mark, level=level)


@dataclass(frozen=True, kw_only=True)
class Closings:
    """Closings, sorted by key and time."""

    subjects: Subjects
    time: Whole

    @classmethod
    def of(cls, subjects: Subjects, time: Whole) -> Self:
        order = order_of(subjects.key)
        subjects, time = subjects.take(order), time[order]
        same = subjects.key[1:] == subjects.key[:-1]
        if same.any():
            if (subjects.mark[1:][same] != subjects.mark[:-1][same]).any():
                raise _AlikeError
            several = np.flatnonzero(np.append(same, False) | np.append(False, same))
            time[several] = time[several][np.lexsort((time[several], subjects.key[several]))]
        return cls(subjects=subjects, time=time)

    def __len__(self) -> int:
        return len(self.time)

    def first(self, subjects: Subjects, since: Whole) -> Whole:
        """For each subject the first closing at or after a time; END: there is none."""
        found = np.full(len(since), END, dtype=np.int64)
        if not len(self):
            return found
        begin = np.searchsorted(self.subjects.key, subjects.key)
        rows = np.flatnonzero(self.subjects.key[np.minimum(begin, len(self) - 1)] == subjects.key)
        if (self.subjects.mark[begin[rows]] != subjects.mark[rows]).any():
            raise _AlikeError
        low, since = begin[rows], since[rows]
        high = np.searchsorted(self.subjects.key, subjects.key[rows], side="right")
        wanted = np.flatnonzero(self.time[low] < since)  # mostly the first closing is the one
        left, right = low[wanted] + 1, high[wanted]
        while len(halving := np.flatnonzero(left < right)):
            middle = (left[halving] + right[halving]) // 2
            before = self.time[middle] < since[wanted[halving]]
            left[halving] = np.where(before, middle + 1, left[halving])
            right[halving] = np.where(before, right[halving], middle)
        low[wanted] = left
        there = low < high
        found[rows[there]] = self.time[low[there]]
        return found


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Some promises, sorted by key."""

    subjects: Subjects
    standard: Whole  # its number
    seq: Whole
    part: Whole  # of the log in the file that has it
    opened: Whole
    due: Whole
    warn_at: Whole
    gives_up_at: Whole
    closed: Whole  # written over when a closing comes
    place: Whole  # row of `told`
    told: pa.Table  # of the opening signals: TOLD

    def __len__(self) -> int:
        return len(self.seq)

    def columns(self) -> dict[str, Whole]:
        return {name: value for name, value in vars(self).items() if name not in ("subjects", "told")}

    def times(self) -> dict[str, Whole]:
        return {name: getattr(self, name) for name in ("opened", "due", "warn_at", "gives_up_at", "closed")}

    def take(self, rows: Rows) -> "Segment":
        """Some of its rows, in the order given; with `told` as it is."""
        columns = {name: value[rows] for name, value in self.columns().items()}
        return Segment(subjects=self.subjects.take(rows), told=self.told, **columns)

    def in_order(self) -> "Segment":
        return self.take(order_of(self.subjects.key))

    def slim(self) -> "Segment":
        """Without what is told of promises that are gone."""
        places, place = np.unique(self.place, return_inverse=True)
        return replace(self, place=place.astype(np.int64), told=self.told.take(places).combine_chunks())

    def rows_of(self, keys: Key) -> npt.NDArray[np.intp]:
        """The rows with one of these keys, which are sorted and differ from each other."""
        return rows_of(self.subjects.key, keys)


def _joined(segments: Sequence[Segment]) -> Segment:
    columns = {
        name: np.concatenate([segment.columns()[name] for segment in segments]) for name in segments[0].columns()
    }
    begins = np.cumsum([0, *(segment.told.num_rows for segment in segments[:-1])])
    columns["place"] += np.repeat(begins, [len(segment) for segment in segments])
    return Segment(
        subjects=Subjects.joined(segment.subjects for segment in segments),
        told=pa.concat_tables([segment.told for segment in segments]).combine_chunks(),
        **columns,
    ).in_order()


class Following:
    """The promises of one monitor that may still have findings."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._closings: list[Closings] = []
        self._held = Subjects(key=np.empty(0, np.uint64), mark=np.empty(0, np.uint64))  # sorted
        self._settled = -END  # before this instant closings are no longer needed
        self._turn = 0  # the segment that is looked at next for what is settled
        self._new = 0  # promises that began since that was looked for last
        self._level = 0  # of the keys
        self._before: tuple[list[Segment], list[Closings], Subjects, int, int, int] | None = None
        self._undo: list[tuple[Whole, npt.NDArray[np.intp], Whole]] = []

    def __len__(self) -> int:
        return sum(map(len, self._segments))

    # all or nothing

    def begin(self) -> None:
        """From here on changes can be taken back."""
        self._undo = []
        self._before = [*self._segments], [*self._closings], self._held, self._settled, self._turn, self._level

    def take_back(self) -> None:
        """As it was at `begin`."""
        if self._before is None:
            return
        for column, rows, was in reversed(self._undo):
            column[rows] = was
        self._undo = []
        self._segments, self._closings, self._held, self._settled, self._turn, self._level = self._before
        self._before = None

    def _write(self, column: Whole, rows: npt.NDArray[np.intp], values: Whole | int) -> None:
        self._undo.append((column, rows, column[rows]))
        column[rows] = values

    # what comes

    def close(self, subjects: Subjects, times: Whole) -> None:
        """Closings of subjects at times, of promises that begin before or after this is told."""
        if len(times):
            self._at_some_level(lambda: self._take_closings(subjects, times))

    def open(self, promises: Segment) -> None:
        """Promises that begin, of which closings may have been told already."""
        self._new += len(promises)
        if len(promises):
            self._at_some_level(lambda: self._take_openings(promises))

    def _at_some_level(self, act: Callable[[], None]) -> None:
        while True:
            try:
                self._take_keys()
                return act()
            except _AlikeError:
                self._level += 1  # what was done so far may be done again: a first closing stays the first

    def _take_closings(self, subjects: Subjects, times: Whole) -> None:
        closings = Closings.of(subjects.at(self._level), times)
        keys = closings.subjects.each()
        for segment in self._segments:
            rows = segment.rows_of(keys)
            self._close(segment, rows, closings.first(segment.subjects.take(rows), segment.opened[rows]))
        self._closings = _merged([*self._closings, closings], self._needed)

    def _take_openings(self, promises: Segment) -> None:
        segment = replace(promises, subjects=promises.subjects.at(self._level)).in_order()
        self._outlast(segment)
        everyone = np.arange(len(segment))
        for run in self._closings:
            self._close(segment, everyone, run.first(segment.subjects, segment.opened))
        self._segments = _merged([*self._segments, segment], _joined, largest=LARGEST)

    def _take_keys(self) -> None:
        """Have all keys of one level."""
        if any(part.subjects.level != self._level for part in (*self._segments, *self._closings)):
            self._segments = [
                replace(segment, subjects=segment.subjects.at(self._level)).in_order() for segment in self._segments
            ]
            self._closings = [Closings.of(run.subjects.at(self._level), run.time) for run in self._closings]
            self._held = _ordered(self._held.at(self._level))

    def hold(self, subjects: Subjects) -> None:
        """Tell of the promises of these subjects whenever any are told, and let none go for its age: what moved them
        is known elsewhere. The subjects held before no longer are.
        """
        self._held = _ordered(subjects.at(self._level))
        for segment in self._segments:
            self._outlast(segment)

    def _outlast(self, segment: Segment) -> None:
        self._write(segment.gives_up_at, segment.rows_of(self._held.key), END)

    def held(self, segment: Segment) -> npt.NDArray[np.bool_]:
        """Which of these promises are of subjects that are held."""
        return np.isin(segment.subjects.key, self._held.key)

    def _close(self, segment: Segment, rows: npt.NDArray[np.intp], times: Whole) -> None:
        sooner = times < segment.closed[rows]
        if sooner.any():
            self._write(segment.closed, rows[sooner], times[sooner])

    def _needed(self, runs: Sequence[Closings]) -> Closings:
        time = np.concatenate([run.time for run in runs])
        needed = time >= self._settled
        return Closings.of(Subjects.joined(run.subjects for run in runs).take(needed), time[needed])

    # what is asked

    def segments(self) -> list[Segment]:
        """All promises that are followed."""
        return [*self._segments]

    def within(self, segment: Segment, since: int, before: int, *, counting: bool) -> Segment:
        """Of one of the segments the promises with a finding in [since, before); with `counting` those too that are
        kept in it.
        """

        def is_in(time: Whole) -> npt.NDArray[np.bool_]:
            return (time >= since) & (time < before)

        closed = segment.closed
        ends = is_in(closed)
        if not counting:
            ends &= (closed > segment.due) & (closed <= segment.gives_up_at)
        for name in ("due", "warn_at", "gives_up_at"):
            time = getattr(segment, name)
            ends |= is_in(time) & (closed > time)
        ends[segment.rows_of(self._held.key)] = True
        return segment.take(np.flatnonzero(ends))

    # what goes

    def settle(self, before: int) -> None:
        """Let go of some of what can have no finding from `before` on: it looks at some segments at a time, in turn.

        At more than have begun meanwhile: so what is settled never piles up, however large a step is.
        """
        self._settled = before
        most, self._new = max(LARGEST // 4, 2 * self._new), 0
        self._closings = [run for run in self._closings if run.time.max(initial=-END) >= before]
        looked_at = moved = 0
        for _ in range(len(self._segments)):
            if looked_at > max(4 * LARGEST, 2 * most) or moved > most:
                return
            self._turn = (self._turn + 1) % len(self._segments)
            segment = self._segments[self._turn]
            left = (segment.closed >= before) & (segment.gives_up_at >= before)
            looked_at += len(segment)
            if 2 * np.count_nonzero(left) <= len(segment):
                moved += len(segment)
                self._put(segment.take(left).slim() if left.any() else None)
                if not self._segments:
                    return

    def _put(self, segment: Segment | None) -> None:
        """In the place of the one whose turn it is, or made one with the one before if both are small."""
        before, after = self._segments[: self._turn], self._segments[self._turn + 1 :]
        if segment is not None and before and 2 * (len(segment) + len(before[-1])) <= LARGEST:
            segment = _joined([before.pop(), segment])
            self._turn -= 1
        self._segments = [*before, *([] if segment is None else [segment]), *after]

    def without(self, unwanted: Callable[[Segment], npt.NDArray[np.bool_]]) -> list[Segment]:
        """Let go of the promises that `unwanted` marks, and give them."""
        gone, left = [], []
        for segment in self._segments:
            marked = unwanted(segment)
            if not marked.any():
                left.append(segment)
                continue
            gone.append(segment.take(marked))
            if not marked.all():
                left.append(segment.take(~marked).slim())
        self._segments = left
        return gone

    def moved_on(self, part: int, to: int, *, before: int) -> Segment | None:
        """The promises in one part of the log that are not settled; from here on another part has them."""
        found = []
        for segment in self._segments:
            rows = np.flatnonzero((segment.part == part) & (segment.closed >= before) & (segment.gives_up_at >= before))
            if len(rows):
                self._write(segment.part, rows, to)
                found.append(segment.take(rows))
        return _joined(found) if found else None


def _ordered(subjects: Subjects) -> Subjects:
    return subjects.take(np.unique(subjects.key, return_index=True)[1])


Part = TypeVar("Part", Segment, Closings)


def _merged(parts: list[Part], join: Callable[[Sequence[Part]], Part], *, largest: int | None = None) -> list[Part]:
    """The parts, with those of like size at the end made one, all at once: each row is moved once."""
    many, rows = 1, len(parts[-1])
    while many < len(parts) and len(parts[-many - 1]) < 2 * rows:
        rows += len(parts[-many - 1])
        if largest is not None and rows > largest:
            break
        many += 1
    return parts if many == 1 else [*parts[:-many], join(parts[-many:])]

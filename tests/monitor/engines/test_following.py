"""Promises in memory: the first closing at or after an opening, in whatever order and cut the two came."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.monitor.engines import following
from amends.monitor.engines.following import TOLD, Following, Segment, Subjects
from amends.monitor.tables.moments import END

NEVER = None


@dataclass(frozen=True)
class Opening:
    seq: int
    subject: int
    opened: int
    due: int
    gives_up: int | None

    def closed(self, closings: list[tuple[int, int]]) -> int | None:
        return min((at for subject, at in closings if subject == self.subject and at >= self.opened), default=NEVER)

    def found(self, closings: list[tuple[int, int]], since: int, before: int) -> bool:
        """Whether it has a finding in the span, from the words of the contract."""
        closed = self.closed(closings)
        still_open = [at for at in (self.due, self.gives_up) if at is not None and (closed is None or closed > at)]
        was_late = closed is not None and closed > self.due and (self.gives_up is None or closed <= self.gives_up)
        return any(since <= at < before for at in [*still_open, *([closed] if was_late else [])])


def subjects_of(numbers: list[int], keys: int) -> Subjects:
    """With so few keys that subjects share some; the marks differ."""
    number = np.array(numbers, dtype=np.uint64)
    nothing = np.zeros(len(numbers), dtype=np.int64)
    return Subjects.of(nothing, number % np.uint64(keys), number * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1))


def segment_of(openings: list[Opening], keys: int) -> Segment:
    def column(values: list[int | None]) -> Any:
        return np.array([END if value is None else value for value in values], dtype=np.int64)

    many = len(openings)
    return Segment(
        subjects=subjects_of([one.subject for one in openings], keys),
        standard=column([0] * many),
        seq=column([one.seq for one in openings]),
        part=column([0] * many),
        opened=column([one.opened for one in openings]),
        due=column([one.due for one in openings]),
        warn_at=column([None] * many),
        gives_up_at=column([one.gives_up for one in openings]),
        closed=column([None] * many),
        place=column(list(range(many))),
        told=pa.table({name: [f"{name}-{one.seq}" for one in openings] for name in TOLD}),
    )


def add(follows: Following, openings: list[Opening], closings: list[tuple[int, int]], keys: int) -> None:
    times = np.array([at for _, at in closings], dtype=np.int64)
    follows.close(subjects_of([subject for subject, _ in closings], keys), times)
    follows.open(segment_of(openings, keys))


def told(follows: Following, since: int, before: int) -> dict[int, int | None]:
    """By seq of what is found in the span: when it was closed."""
    found: dict[int, int | None] = {}
    for segment in (follows.within(one, since, before, counting=False) for one in follows.segments()):
        names = segment.told.take(segment.place)["id"].to_pylist()
        assert names == [f"id-{seq}" for seq in segment.seq.tolist()]  # each with what was told of its own opening
        for seq, closed in zip(segment.seq.tolist(), segment.closed.tolist(), strict=True):
            assert seq not in found
            found[seq] = None if closed == END else closed
    return found


times = st.integers(0, 20)
openings_ = st.lists(st.tuples(st.integers(0, 5), times, st.integers(0, 6), st.none() | st.integers(0, 6)), max_size=8)
closings_ = st.lists(st.tuples(st.integers(0, 5), times), max_size=8)


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LARGEST", 6)


@settings(max_examples=150)
@given(st.lists(st.tuples(openings_, closings_), max_size=6), st.integers(1, 40), st.sampled_from([1, 2, 1000]))
def test_whatever_the_order_the_first_closing_counts_and_nothing_settled_is_missed(
    batches: list[Any], speed: int, keys: int
) -> None:
    follows = Following()
    opened: list[Opening] = []
    closings: list[tuple[int, int]] = []
    given_before = 0
    for number, (new_openings, new_closings) in enumerate(batches):
        # as the monitor does: what is older than the watermark no longer comes
        new = [
            Opening(100 * number + place, subject, at, at + due, None if more is None else at + due + more)
            for place, (subject, at, due, more) in enumerate(new_openings)
            if at >= given_before
        ]
        closed = [(subject, at) for subject, at in new_closings if at >= given_before]
        opened, closings = opened + new, closings + closed
        follows.begin()
        add(follows, [Opening(9_000_000 + place, place, 0, 1, 2) for place in range(5)], [(1, 3), (2, 4)], keys)
        follows.take_back()
        follows.begin()
        add(follows, new, closed, keys)
        before = given_before + speed
        expected = {one.seq: one.closed(closings) for one in opened if one.found(closings, given_before, before)}
        assert told(follows, given_before, before) == expected
        follows.settle(before)
        given_before = before
    rest = {one.seq: one.closed(closings) for one in opened if one.found(closings, given_before, 1000)}
    assert told(follows, given_before, 1000) == rest


def test_of_many_promises_of_one_subject_each_finds_its_own_closing() -> None:
    follows = Following()
    openings = [Opening(seq, 0, 2 * seq, 2 * seq, None) for seq in range(500)]
    add(follows, openings, [(0, 2 * number + 1) for number in range(500)], 1000)
    assert told(follows, 0, 2000) == {seq: 2 * seq + 1 for seq in range(500)}


def test_segments_stay_few_and_what_is_settled_goes() -> None:
    follows = Following()
    for number in range(400):
        # of each batch one promise never ends, the others do at once
        new = [Opening(10 * number + place, 10 * number + place, number, number + 1, None) for place in range(4)]
        add(follows, new, [(one.subject, number) for one in new[1:]], 1 << 40)
        follows.settle(number)
    assert 400 <= len(follows) < 2 * 400 + 100
    assert len(follows.segments()) <= 4 * 400 / following.LARGEST * 2


def test_what_is_settled_never_piles_up_however_large_a_step_is() -> None:
    follows, size = Following(), 20 * following.LARGEST
    for number in range(40):
        new = [Opening(seq, seq, number, number + 100, None) for seq in range(size * number, size * (number + 1))]
        add(follows, new, [(one.subject, number + one.seq % 8) for one in new], 1 << 40)
        follows.settle(number + 1)
        assert len(follows) <= 8 * size  # as each ends within eight steps


def test_those_that_are_held_are_always_told_and_outlast_their_age() -> None:
    follows = Following()
    add(follows, [Opening(1, 1, 0, 5, 6), Opening(2, 2, 0, 5, 6)], [], 1000)
    follows.hold(subjects_of([1], 1000))
    assert told(follows, 0, 2) == {1: None}
    for _ in range(3):
        follows.settle(10)
    assert told(follows, 10, 12) == {1: None}
    add(follows, [Opening(3, 1, 20, 25, 26)], [], 1000)  # one that begins later is held, too
    assert told(follows, 10, 12) == {1: None, 3: None}
    follows.hold(subjects_of([], 1000))
    assert told(follows, 10, 12) == {}

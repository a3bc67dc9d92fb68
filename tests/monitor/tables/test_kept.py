"""What is counted as kept and broken: each promise once, however the stream was cut; and what is still promised."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from tests.monitor.tables.test_law_found_once import (
    MINUTE,
    ORACLE,
    SCHEMA,
    STANDARDS,
    START,
    Signal,
    long_stream,
    thorough,
)

HOUR = timedelta(hours=1)


def counted(
    signals: list[Signal],
    cuts: list[int],
    standards: Standards = STANDARDS,
    *,
    schema: pa.Schema = SCHEMA,
    compact_from: int = 0,
) -> Counter[Any]:
    """What a monitor counts that gets the signals in these parts."""
    with Monitor.open(None, standards, threads=1, compact_from=compact_from, counting=True) as monitor:
        start = 0
        for end in [*sorted(min(cut, len(signals)) for cut in cuts), len(signals)]:
            monitor.step(pa.Table.from_pylist(signals[start:end], schema=schema))
            start = end
        monitor.finish()
        rows = monitor.kept_since(0).to_pylist()
    counts: Counter[Any] = Counter()
    for row in rows:
        for what in ("kept", "broken"):
            counts[row["standard"], row["unit"], row["hour"], what] += row[what]
    return +counts


def by_hand(signals: list[Signal]) -> Counter[Any]:
    """From the words alone: a promise is settled by its first closing in time, else when it is due."""
    counts: Counter[Any] = Counter()
    last = max(signal["time"] for signal in signals)
    for standard, opens, closes, due_of, _, _ in ORACLE:
        for signal in signals:
            due = due_of(signal) if opens(signal) else None
            if due is None:
                continue
            due = max(due, signal["time"])
            ends = [s["time"] for s in signals if s["subject"] == signal["subject"] and closes(s)]
            kept = any(signal["time"] <= end <= due for end in ends)
            if kept or due <= last:
                counts[standard, signal["unit"], hour_of(due), "kept" if kept else "broken"] += 1
    for signal in signals:
        if signal["type"] == "close" and signal["data"]["carrier"] == "BA":
            counts["never", signal["unit"], hour_of(signal["time"]), "broken"] += 1
    return counts


def hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@settings(thorough, max_examples=6)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 300), max_size=4), st.sampled_from([0, 50]))
def test_each_promise_is_counted_once_however_the_stream_is_cut(seed: int, cuts: list[int], compact_from: int) -> None:
    signals = [{**signal, "id": str(at)} for at, signal in enumerate(long_stream(seed))]
    signals.sort(key=lambda signal: signal["time"])  # so that none is late: what is late is another test's
    assert counted(signals, cuts, compact_from=compact_from) == by_hand(signals)


WATCHED = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT10M",
        "standards": [
            {
                "id": "deliver",
                "opens": {"type": "open"},
                "closes": {"type": "close"},
                "due": {"after": "PT1H"},
                "warn": "PT20M",
                "gives_up": "PT3H",
            }
        ],
    }
)


def opened(subject: str, at: datetime, *, unit: str | None = "u1", type_: str = "open") -> Signal:
    said = {"carrier": None, "due": None}
    one = {"id": f"{subject}-{type_}", "source": "x", "type": type_, "subject": subject}
    return {**one, "customer": "c1", "unit": unit, "time": at, "data": said}


def still_due(signals: list[Signal], now: datetime) -> tuple[list[dict[str, Any]], dict[Any, dict[str, Any]]]:
    with Monitor.open(None, WATCHED, threads=1, counting=True) as monitor:
        monitor.step(pa.Table.from_pylist(signals, schema=SCHEMA))
        soonest, counts = monitor.still_due(now, since=now - 15 * MINUTE)
    return soonest.to_pylist(), {(row["standard"], row["unit"]): row for row in counts.to_pylist()}


def test_what_is_open_is_told_by_how_near_it_is_to_failing() -> None:
    now = START + 2 * HOUR
    soonest, counts = still_due(
        [
            opened("long overdue", now - 2 * HOUR),
            opened("just broken", now - HOUR - 5 * MINUTE),
            opened("at risk", now - 50 * MINUTE),
            opened("kept", now - 50 * MINUTE),
            opened("kept", now - 40 * MINUTE, type_="close"),
            opened("far off", now - 5 * MINUTE),
            opened("elsewhere", now, unit=None),
            opened("given up", now - 5 * HOUR),
        ],
        now,
    )
    near = [row["subject"] for row in sorted(soonest, key=lambda row: row["due"])]
    assert near == ["just broken", "at risk", "far off", "elsewhere"]
    here = counts["deliver", "u1"]
    assert (here["open"], here["at_risk"], here["overdue"]) == (4, 1, 2)
    assert counts["deliver", None]["open"] == 1
    in_ten = now + 10 * MINUTE  # the one at risk is due then; nothing changes by time alone before
    assert here["next"] == (in_ten - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_of_many_open_promises_of_a_place_only_the_soonest_are_told_and_all_are_counted() -> None:
    now = START + 2 * HOUR
    soonest, counts = still_due([opened(f"p{at}", now - timedelta(seconds=at)) for at in range(120)], now)
    assert len(soonest) == 50
    assert {row["subject"] for row in soonest} == {f"p{at}" for at in range(70, 120)}
    assert counts["deliver", "u1"]["open"] == 120


MOVED = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT10M",
        "standards": [
            {
                "id": "deliver",
                "opens": {"type": "open"},
                "closes": {"type": "close"},
                "due": {"after": "PT30M"},
                "warn": "PT10M",
                "revises": {"type": "both", "due": {"at": "data.due"}},
                "cancels": {"type": "off"},
            }
        ],
    }
)
moments = st.integers(0, 14).map(lambda at: START + 5 * at * MINUTE)
told = st.lists(st.tuples(st.sampled_from(["open", "close", "both", "off"]), moments, moments), min_size=1, max_size=9)


def by_hand_when_moved(signals: list[Signal]) -> Counter[Any]:
    """A promise lives from its opening on, with the due time that the revisions in time put in force, one by one."""
    counts: Counter[Any] = Counter()
    last = max(signal["time"] for signal in signals)
    for signal in signals:
        if signal["type"] != "open":
            continue
        due, opened = signal["time"] + 30 * MINUTE, signal["time"]
        off = min((s["time"] for s in signals if s["type"] == "off" and s["time"] >= opened), default=None)
        closed = min((s["time"] for s in signals if s["type"] == "close" and s["time"] >= opened), default=None)
        for at in sorted({s["time"] for s in signals if s["type"] == "both" and s["time"] >= opened}):
            if at > due or (closed is not None and closed <= at):
                break
            due = max(
                datetime.fromisoformat(s["data"]["due"]) for s in signals if s["type"] == "both" and s["time"] == at
            )
            due = max(due, at)
        settled = closed if closed is not None and closed <= due else due
        if (off is None or settled < off) and settled <= last:
            counts["deliver", "u1", hour_of(due), "kept" if settled == closed else "broken"] += 1
    return counts


@example(
    [("open", START, START), ("close", START + 10 * MINUTE, START), ("both", START + 20 * MINUTE, START + HOUR)], []
)
@example([("open", START, START), ("close", START, START), ("both", START, START + HOUR)], [])
@settings(thorough, max_examples=10)
@given(told, st.lists(st.integers(0, 9), max_size=3))
def test_a_promise_that_was_moved_or_called_off_is_counted_once_or_not_at_all(
    given_signals: list[tuple[str, datetime, datetime]], cuts: list[int]
) -> None:
    signals = [
        {**opened(f"{at}", time, type_=kind), "subject": "a", "data": {"carrier": None, "due": due.isoformat()}}
        for at, (kind, time, due) in enumerate(sorted(given_signals, key=lambda one: one[1]))
    ]
    assert counted(signals, cuts, MOVED) == by_hand_when_moved(signals)


MEASURED = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT10M",
        "standards": [
            {"id": "wait", "failure": "x", "limits": {"type": "seated"}, "value": "data.minutes", "above": 20},
            {
                "id": "as-quoted",
                "failure": "x",
                "limits": {"type": "billed", "where": "data.kind == 'final'"},
                "value": "data.sum",
                "below": 1,
                "above": "data.quoted",
                "times": 1.1,
            },
        ],
    }
)
MEASURES = pa.schema(
    [SCHEMA.field(name) for name in SCHEMA.names if name != "data"]
    + [
        (
            "data",
            pa.struct([(name, pa.int64()) for name in ("minutes", "sum", "quoted")] + [("kind", pa.string())]),
        )
    ]
)


@settings(thorough, max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["seated", "billed", "other"]),
            st.integers(0, 200),
            st.one_of(st.none(), st.integers(0, 40)),
            st.one_of(st.none(), st.integers(0, 40)),
            st.sampled_from(["final", "draft"]),
        ),
        min_size=1,
        max_size=25,
    ),
    st.lists(st.integers(0, 25), max_size=3),
)
def test_a_measured_value_is_counted_once_as_within_or_beyond_and_what_is_none_is_not_counted(
    measured: list[tuple[str, int, int | None, int | None, str]], cuts: list[int]
) -> None:
    signals = []
    by_words: Counter[Any] = Counter()
    for at, (kind, minute, value, quoted, form) in enumerate(sorted(measured, key=lambda one: one[1])):
        time = START + minute * MINUTE
        data = {"minutes": value, "sum": value, "quoted": quoted, "kind": form}
        signals.append({**opened(f"{at}", time, type_=kind), "data": data})
        if kind == "seated" and value is not None:
            by_words["wait", "u1", hour_of(time), "broken" if value > 20 else "kept"] += 1
        if kind == "billed" and form == "final" and value is not None:
            broken = value < 1.1 or (quoted is not None and value > quoted * 1.1)
            by_words["as-quoted", "u1", hour_of(time), "broken" if broken else "kept"] += 1
    assert counted(signals, cuts, MEASURED, schema=MEASURES) == by_words

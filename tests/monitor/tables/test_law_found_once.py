"""Law 1: however the stream is cut, replayed, duplicated or shuffled within the lateness, the same findings come
out, each once.

The oracle is written from the words of the contract, over dictionaries, without any order but that of arrival.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.kernel.business_time import Calendar
from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor

START = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)  # two days before the clocks change in Berlin
MINUTE = timedelta(minutes=1)
LATENESS = 30 * MINUTE
DEPOT = {"tz": "Europe/Berlin", "week": {"mon-sat": ["06:00-22:00"]}, "holidays": ["2026-03-30"]}
STANDARDS = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT30M",
        "standards": [
            {
                "id": "at",
                "opens": {"type": "open", "where": "data.carrier = 'UA' OR unit IS NULL"},
                "closes": {"type": "close"},
                "due": {"at": "data.due", "plus": "PT5M"},
                "warn": "PT20M",
                "gives_up": "PT40M",
            },
            {
                "id": "after",
                "opens": {"type": "open"},
                "closes": {"type": "both"},
                "due": {"after": "PT10M"},
                "warn": "PT1H",
            },
            {
                "id": "same",
                "opens": {"type": "both"},
                "closes": {"type": "both", "where": "NOT data.carrier = 'UA'"},
                "due": {"after": "PT0S"},
                "gives_up": "PT0S",
            },
            {
                "id": "by",
                "opens": {"type": "both"},
                "closes": {"type": "close"},
                "due": {"by": "07:00", "days": 1, "calendar": "depot", "cutoff": "15:07"},
                "warn": "PT12H",
            },
            {"id": "never", "forbids": {"type": "close", "where": "data.carrier = 'BA'"}},
        ],
        "calendars": {"depot": DEPOT},
    }
)
Signal = dict[str, Any]
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("source", "id", "type", "subject", "customer", "unit")]
    + [("time", pa.timestamp("us", tz="UTC")), ("data", pa.struct([("carrier", pa.string()), ("due", pa.string())]))]
)


def oracle(signals: Iterable[Signal], until: datetime | None = None) -> tuple[Counter[Any], Counter[str], int]:
    """Findings, counts, and promises still open."""
    counts: Counter[str] = Counter()
    taken: list[Signal] = []
    arrived: list[Signal] = []
    for signal in signals:
        if until is not None and signal["time"] > until:
            continue
        counts["signals"] += 1
        watermark = max((s["time"] for s in arrived), default=datetime.min.replace(tzinfo=UTC) + LATENESS) - LATENESS
        same = [s for s in arrived if (s["source"], s["id"]) == (signal["source"], signal["id"])]
        arrived.append(signal)
        if signal["time"] < watermark:
            counts["late"] += 1
        elif any(s["time"] >= watermark for s in same):
            counts["duplicates"] += 1
        else:
            taken.append(signal)
    if not arrived:
        return Counter(), counts, 0
    last = max(s["time"] for s in arrived) if until is None else until
    found, still_open = _findings(taken, last, counts)
    return Counter({key: n for key, n in found.items() if key[3] <= last}), counts, still_open


def _findings(  # noqa: C901  as long as the contract
    taken: list[Signal], last: datetime, counts: Counter[str]
) -> tuple[Counter[Any], int]:
    found: Counter[Any] = Counter()
    still_open = 0
    unreadable: set[int] = set()
    for standard, opens, closes, due_of, warn, gives_up in ORACLE:
        for number, signal in enumerate(taken):
            if not opens(signal):
                continue
            opened = signal["time"]
            due = due_of(signal)
            if due is None:
                unreadable.add(number)
                continue
            due = max(due, opened)
            closings = [
                s["time"] for s in taken if s["subject"] == signal["subject"] and closes(s) and s["time"] >= opened
            ]
            close = min(closings, default=None)

            def give(what: str, at: datetime, of: Signal = signal, name: str = standard, due: datetime = due) -> None:
                key = (name, of["subject"], what, at, due, of["time"], of["id"], of["source"])
                found[(*key, of["customer"], of["unit"], None)] += 1

            def still(at: datetime, close: datetime | None = close) -> bool:
                return close is None or close > at

            if warn is not None and max(due - warn, opened) < due and still(max(due - warn, opened)):
                give("at_risk", max(due - warn, opened))
            if still(due):
                give("breached", due)
            if close is not None and close > due and (gives_up is None or close <= due + gives_up):
                give("late", close)
            if gives_up is not None and still(due + gives_up):
                give("never", due + gives_up)
            if close is None and (gives_up is None or due + gives_up > last):
                still_open += 1
    for signal in taken:
        if signal["type"] == "close" and signal["data"]["carrier"] == "BA":
            key = ("never", signal["subject"], "violated", signal["time"], None, None, signal["id"], signal["source"])
            found[(*key, signal["customer"], signal["unit"], None)] += 1
    counts["rejected"] = len(unreadable)
    return found, still_open


def _due_at(signal: Signal) -> datetime | None:
    try:
        return datetime.fromisoformat(signal["data"]["due"]) + 5 * MINUTE
    except (TypeError, ValueError):
        return None


CALENDAR = Calendar.model_validate(DEPOT)
ORACLE: list[tuple[Any, ...]] = [
    (
        "at",
        lambda s: s["type"] == "open" and (s["data"]["carrier"] == "UA" or s["unit"] is None),
        lambda s: s["type"] == "close",
        _due_at,
        20 * MINUTE,
        40 * MINUTE,
    ),
    (
        "after",
        lambda s: s["type"] == "open",
        lambda s: s["type"] == "both",
        lambda s: s["time"] + 10 * MINUTE,
        60 * MINUTE,
        None,
    ),
    (
        "same",
        lambda s: s["type"] == "both",
        lambda s: s["type"] == "both" and s["data"]["carrier"] not in ("UA", None),
        lambda s: s["time"],
        None,
        timedelta(0),
    ),
    (
        "by",
        lambda s: s["type"] == "both",
        lambda s: s["type"] == "close",
        lambda s: CALENDAR.due_by(s["time"], time(7), 1, time(15, 7)),
        12 * 60 * MINUTE,
        None,
    ),
]


def table(signals: list[Signal]) -> pa.Table:
    return pa.Table.from_pylist(signals, schema=SCHEMA)


def monitored(
    signals: list[Signal], cuts: list[int], until: datetime | None = None, *, emit: bool = True, compact_from: int = 0
) -> tuple[Counter[Any], Counter[str], int]:
    with Monitor.open(None, STANDARDS, until=until, threads=1, compact_from=compact_from) as monitor:
        found: list[dict[str, Any]] = []
        start = 0
        for end in [*sorted(cuts), len(signals)]:
            found += monitor.step(table(signals[start:end]), position=end, emit=emit).to_pylist()
            start = end
        before = monitor.step_number
        still_open = monitor.finish(until)
        found += monitor.findings_since(before).to_pylist()
        assert found_as_rows(found) == found_as_rows(monitor.findings_since(0).to_pylist())
        counts = monitor.counts
    return (
        found_as_rows(found),
        +Counter({name: getattr(counts, name) for name in ("signals", "late", "duplicates", "rejected")}),
        still_open,
    )


def found_as_rows(found: list[dict[str, Any]]) -> Counter[Any]:
    return Counter(tuple(row.values()) for row in found)


# few instants, so that ties are common: with each other, with dues, cutoffs and watermarks
near = st.sampled_from([0, 5, 10, 20, 30, 35, 40, 50, 60, 67, 68, 70, 90]).map(lambda n: START + n * MINUTE)
instants = (
    near
    | near.map(lambda at: at + timedelta(microseconds=1))
    | st.integers(0, 72).map(lambda n: START + 60 * n * MINUTE)
)
signals_of_a_day = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["x", "x", "y"]),
            "id": st.integers(0, 7).map(str),
            "type": st.sampled_from(["open", "close", "both", "other"]),
            "subject": st.sampled_from(["a", "b"]),
            "customer": st.sampled_from(["c1", None]),
            "unit": st.sampled_from(["u1", None]),
            "time": instants,
            "data": st.fixed_dictionaries(
                {
                    "carrier": st.sampled_from(["UA", "BA", None]),
                    "due": near.map(datetime.isoformat) | st.sampled_from([None, "soon"]),
                }
            ),
        }
    ),
    max_size=24,
)
thorough = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def long_stream(seed: int) -> list[Signal]:
    """300 signals that move on through two days, at most an hour back, with many ties, copies and late ones."""
    chance = Random(seed)
    signals: list[Signal] = []
    now = START
    for _ in range(300):
        now += chance.choice([0, 0, 0, 5, 10, 10, 30]) * MINUTE
        at = now - chance.choice([0, 0, 5, 10, 20, 30, 30, 60]) * MINUTE
        if signals and chance.random() < 0.15:
            old = chance.choice(signals[-12:])
            signals.append(old if chance.random() < 0.5 else {**old, "time": at})
            continue
        carrier, due = chance.choice(["UA", "BA", None]), chance.choice([0, 5, 10, 60])
        signals.append(
            {
                "source": chance.choice("xy"),
                "id": str(chance.randrange(400)),
                "type": chance.choice(["open", "close", "both"]),
                "subject": chance.choice("abc"),
                "customer": chance.choice(["c1", None]),
                "unit": chance.choice(["u1", None]),
                "time": at,
                "data": {"carrier": carrier, "due": None if due == 60 else (at + due * MINUTE).isoformat()},
            }
        )
    return signals


def without_zeros(result: tuple[Counter[Any], Counter[str], int]) -> tuple[Counter[Any], Counter[str], int]:
    return result[0], +result[1], result[2]


@thorough
@given(signals_of_a_day, st.lists(st.integers(0, 24), max_size=4), st.booleans(), st.sampled_from([0, 5, 1000]))
def test_any_cut_gives_what_the_contract_says(
    signals: list[Signal], cuts: list[int], emit: bool, compact_from: int
) -> None:
    cuts = [min(cut, len(signals)) for cut in cuts]
    assert monitored(signals, cuts, emit=emit, compact_from=compact_from) == without_zeros(oracle(signals))


@settings(thorough, max_examples=6)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 300), max_size=3), st.sampled_from([0, 50]))
def test_any_cut_of_a_long_stream_does_too(seed: int, cuts: list[int], compact_from: int) -> None:
    signals = long_stream(seed)
    assert monitored(signals, cuts, compact_from=compact_from) == without_zeros(oracle(signals))


@settings(thorough, max_examples=12)
@given(signals_of_a_day, st.lists(st.integers(0, 24), max_size=2), st.integers(-5, 120))
def test_signals_after_the_end_do_not_count(signals: list[Signal], cuts: list[int], end: int) -> None:
    until = START + end * MINUTE
    cuts = [min(cut, len(signals)) for cut in cuts]
    assert monitored(signals, cuts, until) == without_zeros(oracle(signals, until))


@settings(thorough, max_examples=12)
@given(signals_of_a_day, st.data())
def test_shuffled_within_the_lateness_and_sent_again_the_same_findings_come(
    signals: list[Signal], data: st.DataObject
) -> None:
    # every signal has an id of its own here; what differs is only the order and how often each one comes
    signals = [{**signal, "id": str(number)} for number, signal in enumerate(signals)]
    in_order = sorted(signals, key=lambda s: s["time"])
    delays = data.draw(st.lists(st.integers(0, 30), min_size=len(signals), max_size=len(signals)))
    shuffled = [
        s for _, s in sorted(zip(delays, in_order, strict=True), key=lambda pair: pair[1]["time"] + pair[0] * MINUTE)
    ]
    again = [copy for s in shuffled for copy in [s] * data.draw(st.integers(1, 2))]
    cut = data.draw(st.integers(0, len(again)))
    expected, _, still_open = oracle(in_order)
    found, counts, open_then = monitored(again, [cut])
    assert (found, open_then) == (expected, still_open)
    assert counts["late"] == 0
    assert counts["duplicates"] == len(again) - len(signals)


@settings(thorough, max_examples=8)
@given(signals_of_a_day)
def test_a_whole_stream_that_comes_a_second_time_adds_nothing(signals: list[Signal]) -> None:
    signals = [{**signal, "id": str(number)} for number, signal in enumerate(signals)]
    once, _, still_open = oracle(signals)
    found, counts, open_then = monitored([*signals, *signals], [len(signals)])
    assert (found, open_then) == (once, still_open)
    assert counts["signals"] == 2 * len(signals)

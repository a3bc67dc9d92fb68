"""Law 1 for rates: any cut, any order within the lateness, copies and compaction give what the reference says.

The oracle goes window by window over plain lists, with the recursions of the textbooks and no order but that of time.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from math import ceil, log, sqrt
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor

START = datetime(2026, 3, 27, tzinfo=UTC)  # two days before the clocks change in Berlin
HOUR = timedelta(hours=1)
LATENESS = 12 * HOUR
WORK: dict[str, Any] = {"of": {"type": "work"}}
SHORT = {"history": "P1D", "samples": 2}
RATES: list[dict[str, Any]] = [
    {"id": "share", "rate": WORK | {"bad": "data.late > 5"}, "chart": "p", "target": 0.1, "minimum": 2},
    {"id": "count", "rate": WORK, "chart": "u", "target": 0.4, "minimum": 2},
    {"id": "season", "rate": WORK, "chart": "u", "target": SHORT | {"until_then": 0.5}, "season": "hour_of_day"},
    {"id": "week", "rate": WORK, "chart": "u", "target": {"history": "P22D", "samples": 2}, "season": "hour_of_week"},
    {"id": "per", "rate": WORK | {"per": {"type": "visit"}}, "chart": "u", "target": 0.2, "sigmas": 2},
    {"id": "mean", "rate": WORK | {"value": "data.late"}, "chart": "xbar", "target": SHORT, "sigmas": 1},
    {"id": "low", "rate": WORK | {"value": "data.late"}, "chart": "xbar", "target": 6, "spread": 3, "worse": "lower"},
    {"id": "mild", "rate": WORK | {"value": "data.late"}, "chart": "ewma", "target": 4, "spread": 2, "weight": 0.3},
    {"id": "busier", "rate": WORK, "chart": "ewma", "target": SHORT, "weight": 0.5},
    {"id": "drift", "rate": WORK, "chart": "cusum", "target": 0.3, "decision": 2, "by": "subject"},
    {"id": "slow", "rate": WORK | {"bad": "data.late > 5"}, "chart": "cusum", "target": SHORT, "decision": 1.5},
    {"id": "peak", "rate": WORK | {"capacity": "data.room"}, "above": 0.9, "by": "data.desk"},
    {"id": "full", "rate": WORK | {"capacity": 3}, "minimum": 2},
    {"id": "failing", "rate": {"failures": ["banned"]}, "chart": "u", "target": 0.1},
    {"id": "failing-per", "rate": {"failures": "any", "per": {"type": "work"}}, "chart": "u", "target": 0.1},
]
STANDARDS = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT12H",
        "standards": [{"id": "banned", "forbids": {"type": "visit", "where": "data.late > 5"}}]
        + [{"window": "PT6H", "calendar": "depot"} | rate for rate in RATES],
        "calendars": {"depot": {"tz": "Europe/Berlin", "week": {"mon-sun": ["00:00-24:00"]}}},
    }
)
SUMMED = {"mild": 4 * 26, "busier": 4 * 14, "drift": 4 * 10, "slow": 4 * 7}
"""Windows back that an EWMA or a CUSUM sums up, by hand: 0.7^26 and 0.5^14 are less than 0.0001, and 2 ln 100 / π² =
0.9332 times 3.166² is 9.4, times 2.666² 6.6.
"""
Signal = dict[str, Any]
Found = dict[tuple[Any, ...], dict[str, float]]
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("source", "id", "type", "subject", "customer", "unit")]
    + [
        ("time", pa.timestamp("us", tz="UTC")),
        ("data", pa.struct([("late", pa.int64()), ("room", pa.int64()), ("desk", pa.string())])),
    ]
)


def judged(signals: Iterable[Signal]) -> list[Signal]:
    """Those that are neither late nor copies."""
    taken: list[Signal] = []
    arrived: list[Signal] = []
    for signal in signals:
        watermark = max((s["time"] for s in arrived), default=START - 99 * HOUR) - LATENESS
        same = [s for s in arrived if s["id"] == signal["id"]]
        arrived.append(signal)
        if signal["time"] >= watermark and not any(s["time"] >= watermark for s in same):
            taken.append(signal)
    return taken


def oracle(signals: list[Signal]) -> Found:
    if not signals:
        return {}
    taken = judged(signals)
    last = max(s["time"] for s in signals)
    found: Found = {}
    for rate in STANDARDS.of_kind(Rate):
        groups: dict[tuple[Any, Any], list[tuple[datetime, float, float, float | None]]] = defaultdict(list)
        for signal in taken:
            for number, total, room in measured(rate, signal):
                by = signal["data"][rate.by[5:]] if rate.by.startswith("data.") else signal[rate.by]
                if by is not None and total is not None:
                    groups[by, signal["unit"]].append((signal["time"], number, total, room))
        for (subject, unit), told in groups.items():
            for what, at, start, evidence in turns(rate, told, last):
                found[rate.id, subject, unit, what, at, start, start + 6 * HOUR] = evidence
    return found


def measured(rate: Rate, signal: Signal) -> Iterator[tuple[float, float | None, float | None]]:
    """(number, total, capacity) of each way in which the signal counts."""
    late, room, m = signal["data"]["late"], signal["data"]["room"], rate.rate
    banned = signal["type"] == "visit" and late is not None and late > 5
    if m.failures is not None:
        if banned:
            yield (0 if m.per else 1), 1, None
        if m.per is not None and signal["type"] == "work":
            yield 1, 0, None
    elif signal["type"] == "work":
        if m.bad is not None:
            yield 1, float(late is not None and late > 5), None
        elif m.value is not None:
            yield 1, late, None
        elif m.capacity is not None:
            told = room if isinstance(m.capacity, str) else m.capacity
            yield 1, 1, told if told is not None and told > 0 else None
        else:
            yield (0 if m.per else 1), 1, None
    elif signal["type"] == "visit" and m.per is not None:
        yield 1, 0, None


def window_of(at: datetime) -> int:
    return (at + HOUR - datetime(1970, 1, 1, tzinfo=UTC)) // (6 * HOUR)  # Berlin's winter is an hour ahead


def start_of(window: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + window * 6 * HOUR - HOUR


def slot_of(rate: Rate, window: int) -> Any:
    local = start_of(window).astimezone(ZoneInfo("Europe/Berlin"))
    return {None: None, "hour_of_day": local.hour, "hour_of_week": (local.weekday(), local.hour)}[rate.season]


def turns(  # noqa: C901, PLR0912, PLR0915  as long as the reference
    rate: Rate, told: list[tuple[datetime, float, float, float | None]], last: datetime
) -> Iterator[tuple[str, datetime, datetime, dict[str, float]]]:
    memory = rate.remembered
    summing = SUMMED.get(rate.id, 0)
    last_heard: int | None = None
    heard = {window_of(at) for at, *_ in told}
    windows = heard
    if rate.counts:
        windows = {k for w in heard for k in range(w, w + memory + 1) if k <= window_of(last)}
    rows: list[dict[str, Any]] = []
    for k in sorted(windows):
        mine = sorted((one for one in told if window_of(one[0]) == k), key=lambda one: one[0])
        rooms = [room for *_, room in mine if room is not None]
        n = 1.0 if rate.counts else float(sum(number for _, number, *_ in mine))
        if n >= 1:
            t, s = float(sum(one[2] for one in mine)), float(sum(one[2] ** 2 for one in mine))
            rows.append(
                {
                    "k": k,
                    "n": n,
                    "t": t,
                    "s": s,
                    "room": min(rooms, default=None),
                    "mine": mine,
                    "slot": slot_of(rate, k),
                }
            )
    states: list[tuple[int, bool]] = []
    scores: list[tuple[int, float]] = []
    for row in rows:
        k, n, t = row["k"], row["n"], row["t"]
        end, over = start_of(k + 1), start_of(k + 1) <= last
        if rate.rate.capacity is not None:
            if not row["mine"]:
                statistic, bound = 0.0, rate.above
            elif row["room"] is None:
                continue
            else:
                statistic, bound = round(t / row["room"], 9), rate.above
        else:
            compared = target(rate, [r for r in rows if k - memory <= r["k"] < k and r["slot"] == row["slot"]])
            if compared is None or compared[1] <= 0 or (not rate.counts and (not over or n < rate.minimum)):
                continue
            centre, error = compared[0], sqrt(compared[1] / n)
            score = round((-1 if rate.worse == "lower" else 1) * (t / n - centre) / error, 9)
            if rate.chart in ("ewma", "cusum") and not over:
                continue
            latest = max(w for w in heard if w <= k)
            if last_heard is not None and latest - last_heard > memory:
                scores.clear()  # forgotten meanwhile: it starts anew
            last_heard = latest
            scores.append((k, score))
            recent = [z for j, z in scores if j >= k - summing]
            if rate.chart == "ewma":
                w = rate.weight
                recent = recent[::-1][: ceil(log(1e-4) / log(1 - w))]
                statistic = round(sum(w * (1 - w) ** age * z for age, z in enumerate(recent)), 9)
                bound = 2.962 * sqrt(w / (2 - w))
            elif rate.chart == "cusum":
                statistic, bound = 0.0, rate.decision
                for z in recent:
                    statistic = max(0.0, statistic + min(z, rate.decision + rate.slack) - rate.slack)
                statistic = round(statistic, 5)
            else:
                statistic, bound = score, rate.sigmas or 3.0
        at_once = rate.counts and rate.chart in (None, "u")
        out = statistic > bound and (not at_once or t >= rate.minimum)
        was_out = bool(states) and states[-1][1] and k - states[-1][0] <= memory
        states.append((k, out))
        if out and not was_out and at_once:
            for at, *_ in row["mine"]:
                so_far = [one for one in row["mine"] if one[0] <= at]
                rooms = [room for *_, room in so_far if room is not None]
                if len(so_far) < rate.minimum or (rate.rate.capacity is not None and not rooms):
                    continue
                size = len(so_far) / min(rooms) if rate.rate.capacity is not None else (len(so_far) - centre) / error
                if round(size, 9) > bound:
                    yield "out_of_control", at, start_of(k), {"total": len(so_far), "statistic": size}
                    break
            else:
                raise AssertionError("a window that is out has a signal that went beyond")
        elif out and not was_out:
            yield "out_of_control", end, start_of(k), {"total": t, "statistic": statistic}
        elif over and not out and was_out:
            yield "back_in_control", end, start_of(k), {"total": t, "statistic": statistic}


def target(rate: Rate, past: list[dict[str, Any]]) -> tuple[float, float] | None:
    """Centre and variance."""
    history = rate.history
    fixed = rate.target if history is None else history.until_then
    if history is None or len(past) < history.samples:
        if fixed is None:
            return None
        assert isinstance(fixed, float)
        within = rate.spread**2 if rate.spread else fixed * (1 - fixed) if rate.rate.bad else fixed
        return fixed, within
    m, n, t, s = len(past), *(sum(row[name] for row in past) for name in "nts")
    centre = t / n
    between = sum(row["n"] * (row["t"] / row["n"] - centre) ** 2 for row in past) / (m - 1)
    if rate.rate.value is not None:
        within = (s - t * t / n) / (n - 1) if n > 1 else 0.0
    elif rate.rate.bad is not None:
        within = (t + 0.5) / (n + 1) * (1 - (t + 0.5) / (n + 1))
    else:
        within = (t + 0.5) / n
    return centre, max(within, between)


def monitored(
    signals: list[Signal], cuts: list[int], *, emit: bool = True, compact_from: int = 0, ticks: bool = False
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with Monitor.open(None, STANDARDS, threads=1, compact_from=compact_from) as monitor:
        start = 0
        for end in [*sorted(cuts), len(signals)]:
            if part := signals[start:end]:
                found += monitor.step(pa.Table.from_pylist(part, schema=SCHEMA), position=end, emit=emit).to_pylist()
            if ticks and monitor.latest is not None:
                found += monitor.tick(monitor.latest).to_pylist()
            start = end
        before = monitor.step_number
        monitor.finish()
        found += monitor.findings_since(before).to_pylist()
    return [row for row in found if row["standard"] != "banned"]


def as_found(rows: list[dict[str, Any]]) -> Found:
    found: Found = {}
    for row in rows:
        key = tuple(row[name] for name in ("standard", "subject", "unit", "what", "at", "opened_at", "due"))
        assert key not in found, "found twice"
        found[key] = json.loads(row["evidence"])
    return found


def assert_same(rows: list[dict[str, Any]], expected: Found) -> None:
    found = as_found(rows)
    assert sorted(found, key=str) == sorted(expected, key=str)
    for key, evidence in expected.items():
        for name, value in evidence.items():
            assert found[key][name] == pytest.approx(value, abs=2e-5), (key, name)


def same_words(rows: list[dict[str, Any]]) -> list[Any]:
    return sorted((tuple(row.values()) for row in rows), key=str)


hours = st.integers(0, 60).map(lambda n: START + n * HOUR)
edges = st.sampled_from([5, 11, 17, 23, 29]).map(lambda n: START + n * HOUR)  # where windows begin in Berlin
instants = hours | edges | edges.map(lambda at: at - timedelta(microseconds=1))
few_signals = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.just("x"),
            "id": st.integers(0, 60).map(str),
            "type": st.sampled_from(["work", "work", "visit"]),
            "subject": st.sampled_from(["a", "b"]),
            "customer": st.none(),
            "unit": st.sampled_from(["u1", "u1", None]),
            "time": instants,
            "data": st.fixed_dictionaries(
                {
                    "late": st.integers(0, 9) | st.none(),
                    "room": st.sampled_from([0, 2, 3, None]),
                    "desk": st.sampled_from(["d", None]),
                }
            ),
        }
    ),
    max_size=24,
)
thorough = settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])


def long_stream(seed: int, length: int) -> list[Signal]:
    """Signals that move on through weeks, with bursts, pauses longer than anything is remembered, and many ties."""
    chance = Random(seed)
    signals: list[Signal] = []
    now = START
    while len(signals) < length:
        now += chance.choice([0, 0, 1, 1, 3, 6, 6, 12, 30, 24 * chance.choice([1, 2, 10])]) * HOUR
        for _ in range(chance.choice([1, 1, 1, 2, 9])):
            signals.append(
                {
                    "source": "x",
                    "id": str(len(signals)),
                    "type": chance.choice(["work", "work", "visit"]),
                    "subject": chance.choice("ab"),
                    "customer": None,
                    "unit": chance.choice(["u1", "u1", "u2", None]),
                    "time": now - chance.choice([0, 0, 0, 1, 6, 12]) * HOUR,
                    "data": {
                        "late": chance.choice([0, 2, 4, 6, 9, None]),
                        "room": chance.choice([1, 3, 5, None]),
                        "desk": chance.choice(["d", "e"]),
                    },
                }
            )
    return signals


@thorough
@given(
    few_signals, st.lists(st.integers(0, 24), max_size=3), st.booleans(), st.sampled_from([0, 5, 1000]), st.booleans()
)
def test_any_cut_gives_what_the_reference_says(
    signals: list[Signal], cuts: list[int], emit: bool, compact_from: int, ticks: bool
) -> None:
    cuts = [min(cut, len(signals)) for cut in cuts]
    assert_same(monitored(signals, cuts, emit=emit, compact_from=compact_from, ticks=ticks), oracle(signals))


@settings(thorough, max_examples=3)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 100), max_size=3), st.sampled_from([0, 40]))
def test_any_cut_of_a_long_stream_does_too(seed: int, cuts: list[int], compact_from: int) -> None:
    signals = long_stream(seed, 100)
    cut = monitored(signals, cuts, compact_from=compact_from)
    assert_same(cut, oracle(signals))
    assert same_words(cut) == same_words(monitored(signals, []))  # the evidence too, word for word


@settings(thorough, max_examples=3)
@given(st.integers(0, 2**32), st.data())
def test_shuffled_within_the_lateness_and_sent_again_the_same_is_found(seed: int, data: st.DataObject) -> None:
    in_order = sorted(long_stream(seed, 60), key=lambda s: s["time"])
    delays = data.draw(st.lists(st.integers(0, 12), min_size=len(in_order), max_size=len(in_order)))
    shuffled = [
        s for _, s in sorted(zip(delays, in_order, strict=True), key=lambda pair: pair[1]["time"] + pair[0] * HOUR)
    ]
    again = [copy for s in shuffled for copy in [s] * data.draw(st.integers(1, 2))]
    cut = data.draw(st.integers(0, len(again)))
    assert same_words(monitored(again, [cut])) == same_words(monitored(in_order, []))


def test_the_streams_above_find_every_kind_of_thing() -> None:
    """A check of the checks: each standard goes out and comes back somewhere."""
    seen = {key[0:1] + key[3:4] for seed in range(8) for key in oracle(long_stream(seed, 150))}
    assert seen == {(rate["id"], what) for rate in RATES for what in ("out_of_control", "back_in_control")}

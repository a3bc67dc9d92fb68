"""Law 1 for every kind of standard: any cut, order within the lateness, repetition and compaction give the same.

The oracle is written from the reference, one function a kind, over all signals at once and without any order.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.kernel.business_time import Calendar
from amends.monitor.core.standard import Standards
from amends.monitor.core.voice import complaint
from amends.monitor.engines.duckdb import Monitor

START = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATENESS = 30 * MINUTE
YEAR = timedelta(days=365)
DEPOT = {"tz": "Europe/Berlin", "week": {"mon-sat": ["06:00-22:00"]}, "holidays": []}
CALENDAR = Calendar.model_validate(DEPOT)
STANDARDS = Standards.model_validate(
    {
        "version": 1,
        "lateness": "PT30M",
        "standards": [
            {
                "id": "moved",
                "opens": {"type": "a"},
                "closes": {"type": "b"},
                "due": {"after": "PT20M"},
                "warn": "PT10M",
                "gives_up": "PT40M",
                "revises": {"type": "c", "due": {"at": "data.due"}, "reason": "data.text"},
                "cancels": {"type": "d", "where": "data.value > 2"},
            },
            {
                "id": "moved-by",
                "opens": {"type": "a"},
                "closes": {"type": "d"},
                "due": {"after": "PT1H"},
                "revises": {"type": "b", "due": {"by": "16:00", "calendar": "depot", "cutoff": "15:20"}},
            },
            {
                "id": "limit",
                "limits": {"type": "a"},
                "value": "data.value",
                "above": "data.other",
                "below": 2,
                "times": 1.5,
            },
            {
                "id": "steps",
                "steps": [{"type": "a"}, {"type": "b"}, {"type": "c"}, {"type": "d"}],
                "optional": ["b"],
                "forget_after": "PT1H",
            },
            {
                "id": "same-type",
                "steps": [{"type": "a", "where": "unit = 'u1'", "step": "first"}, {"type": "a"}, {"type": "b"}],
            },
            {"id": "silent", "hears": {"types": "any"}, "silent_for": "PT20M", "until": {"type": "d"}},
            {
                "id": "silent-again",
                "hears": {"types": ["a", "b"]},
                "silent_for": "PT10M",
                "until": {"type": "c"},
                "forget_after": "PT20M",
            },
            {"id": "lapsed", "lapses": {"type": "a"}, "after": 2, "factor": 1.5},
            {"id": "lapsed-later", "lapses": {"type": "b"}, "factor": 1, "at_least": "PT15M"},
            {"id": "again", "repeats": {"type": "a"}, "by": "customer", "times": 2, "within": "PT20M"},
            {"id": "thrice", "repeats": {"type": "b"}, "by": "subject", "times": 3, "within": "PT1H"},
            {"id": "both", "repeats": {"type": "c"}, "by": ["customer", "subject"], "times": 2, "within": "P1D"},
            {"id": "failed", "repeats": {"failures": "any"}, "by": "customer", "times": 3, "within": "PT35M"},
            {
                "id": "failed-here",
                "repeats": {"failures": ["limit", "moved"]},
                "by": "subject",
                "times": 2,
                "within": "PT40M",
            },
            {"id": "voice", "voices": {"type": "c"}, "text": "data.text", "rating": "data.value", "at_most": 2},
        ],
        "calendars": {"depot": DEPOT},
    }
)
Signal = dict[str, Any]
Found = Iterator[dict[str, Any]]
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("source", "id", "type", "subject", "customer", "unit")]
    + [("time", pa.timestamp("us", tz="UTC"))]
    + [
        (
            "data",
            pa.struct([("due", pa.string()), ("text", pa.string()), ("value", pa.float64()), ("other", pa.float64())]),
        )
    ]
)


# the oracle


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def by_id(signals: Iterable[Signal]) -> Signal:
    return min(signals, key=lambda s: (s["source"], s["id"]))


def row(standard: str, what: str, at: datetime, of: Signal, **more: Any) -> dict[str, Any]:
    told = {
        "standard": standard,
        "subject": of["subject"],
        "what": what,
        "at": at,
        "due": None,
        "opened_at": None,
        "opening_id": of["id"],
        "opening_source": of["source"],
        "customer": of["customer"],
        "unit": of["unit"],
        "evidence": None,
    }
    return told | more


def promised(  # noqa: C901  as long as the reference
    taken: list[Signal],
    standard: str,
    opens: str,
    closes: str,
    due: timedelta,
    *,
    warn: timedelta | None = None,
    gives_up: timedelta | None = None,
    revised: Callable[[Signal], tuple[datetime, str | None] | None],
    cancels: Callable[[Signal], bool],
) -> Found:
    for opening in taken:
        if opening["type"] != opens:
            continue
        after = [s for s in taken if s["subject"] == opening["subject"] and s["time"] >= opening["time"]]
        close = min((s["time"] for s in after if s["type"] == closes), default=None)
        cancelled = min((s["time"] for s in after if cancels(s)), default=None)
        spans = [(opening["time"], opening["time"] + due)]
        history: list[dict[str, Any]] = []
        histories: list[list[dict[str, Any]]] = [[]]
        for at in sorted({s["time"] for s in after}):
            said = [r for s in after if s["time"] == at and (r := revised(s)) is not None]
            if not said or at > spans[-1][1]:
                continue
            then, reason = max(((max(when, at), why) for when, why in said), key=lambda one: (one[0], one[1] or ""))
            spans.append((at, then))
            history = [*history, {"at": iso(at), "due": iso(then), "reason": reason}]
            histories.append(history)
        for number, (begins, then) in enumerate(spans):
            ends = spans[number + 1][0] if number + 1 < len(spans) else None
            told = {
                "due": then,
                "opened_at": opening["time"],
                "evidence": {"revisions": histories[number]} if histories[number] else None,
            }

            over = [end for end in (ends, cancelled, close) if end is not None]

            def stands(at: datetime, over: list[datetime] = over) -> bool:
                return all(end > at for end in over)

            if warn is not None and max(then - warn, begins) < then and stands(max(then - warn, begins)):
                yield row(standard, "at_risk", max(then - warn, begins), opening, **told)
            if ends is not None:
                continue
            if stands(then):
                yield row(standard, "breached", then, opening, **told)
            in_time = close is not None and (gives_up is None or close <= then + gives_up)
            if close is not None and close > then and in_time and (cancelled is None or cancelled > close):
                yield row(standard, "late", close, opening, **told)
            if gives_up is not None and stands(then + gives_up):
                yield row(standard, "never", then + gives_up, opening, **told)


def revised_at(signal: Signal) -> tuple[datetime, str | None] | None:
    due = signal["data"]["due"]
    if signal["type"] != "c" or due in (None, "soon"):
        return None
    return datetime.fromisoformat(due), signal["data"]["text"]


def revised_by(signal: Signal) -> tuple[datetime, str | None] | None:
    if signal["type"] != "b":
        return None
    return CALENDAR.due_by(signal["time"], time_of_day(16), 0, time_of_day(15, 20)), None


def limited(taken: list[Signal]) -> Found:
    for s in taken:
        value, other = s["data"]["value"], s["data"]["other"]
        if s["type"] != "a" or value is None:
            continue
        if other is not None and value > other * 1.5:
            yield row(
                "limit", "beyond", s["time"], s, evidence={"measured": value, "limit": other * 1.5, "beyond": "above"}
            )
        elif value < 3:
            yield row("limit", "beyond", s["time"], s, evidence={"measured": value, "limit": 3.0, "beyond": "below"})


Steps = list[tuple[str, Callable[[Signal], bool]]]


def stepped(taken: list[Signal], standard: str, steps: Steps, optional: set[str], memory: timedelta) -> Found:
    for subject in {s["subject"] for s in taken}:
        mine = [s for s in taken if s["subject"] == subject and any(is_it(s) for _, is_it in steps)]
        runs: list[list[Signal]] = []
        for at in sorted({s["time"] for s in mine}):
            if not runs or at - max(s["time"] for s in runs[-1]) > memory:
                runs.append([])
            runs[-1] += [s for s in mine if s["time"] == at]
        for run in runs:
            first = [min((s["time"] for s in run if is_it(s)), default=None) for _, is_it in steps]
            seen: dict[tuple[str, datetime, datetime], list[str]] = {}
            for number, (label, _) in enumerate(steps):
                passed = min((at for at in first[number + 1 :] if at is not None), default=None)
                came = first[number]
                if passed is None or (came is not None and came <= passed):
                    continue
                if label not in optional:
                    seen.setdefault(("skipped", passed, passed), []).append(label)
                if came is not None:
                    seen.setdefault(("out_of_order", came, passed), []).append(label)
            for (what, at, passed), labels in seen.items():
                highest = max(
                    n for n, (_, is_it) in enumerate(steps) if any(is_it(s) and s["time"] == passed for s in run)
                )
                shows = by_id(s for s in run if s["time"] == passed and steps[highest][1](s))
                said = {what: ", ".join(labels), "seen": steps[highest][0]}
                yield row(standard, what, at, shows, opened_at=passed, evidence=said)


def silent(
    taken: list[Signal], standard: str, types: set[str] | None, span: timedelta, *, ends: str, memory: timedelta
) -> Found:
    for subject in {s["subject"] for s in taken}:
        mine = [s for s in taken if s["subject"] == subject]
        heard = [s for s in mine if types is None or s["type"] in types]
        for at in {s["time"] for s in heard}:
            over = at + span
            if any(at < s["time"] <= over for s in heard):
                continue
            if any(s["type"] == ends and at - memory <= s["time"] <= over for s in mine):
                continue
            of = by_id(s for s in heard if s["time"] == at)
            said = {"last_heard": iso(at), "last_type": of["type"], "hours_silent": span / timedelta(hours=1)}
            yield row(standard, "silent", over, of, due=over, opened_at=at, evidence=said)


def lapsed(
    taken: list[Signal], standard: str, type_: str, *, after: int, factor: float, at_least: timedelta = timedelta(0)
) -> Found:
    for customer in {s["customer"] for s in taken if s["customer"]}:
        bought = [s for s in taken if s["customer"] == customer and s["type"] == type_]
        times = sorted({s["time"] for s in bought})
        for number, at in enumerate(times, start=1):
            if number < max(after, 2):
                continue
            gap = (at - times[0]) // timedelta(microseconds=1) / (number - 1)
            over = at + max(timedelta(microseconds=int(gap * factor)), at_least)
            if any(at < later <= over for later in times):
                continue
            of = by_id(s for s in bought if s["time"] == at)
            said = {
                "last_heard": iso(at),
                "last_subject": of["subject"],
                "purchases": number,
                "usual_gap_days": gap / 86_400_000_000,
            }
            yield row(
                standard, "silent", over, of, subject=f"customer/{customer}", due=over, opened_at=at, evidence=said
            )


def repeated(
    rows: list[dict[str, Any]], standard: str, whose: Callable[[dict[str, Any]], Any], times: int, within: timedelta
) -> Found:
    """Rows as findings have them: `at`, subject, customer, opening_source, opening_id, standard (what failed)."""
    for who in {whose(r) for r in rows} - {None}:
        mine = [r for r in rows if whose(r) == who]
        for at in {r["at"] for r in mine}:
            window = [r for r in mine if at - within <= r["at"] <= at]
            if len(window) < times or sum(r["at"] < at for r in window) >= times:
                continue
            of = min(
                (r for r in mine if r["at"] == at),
                key=lambda r: (r["opening_source"], r["opening_id"], r["standard"]),
            )
            said = {"times": len(window), "limit": times, "first_at": iso(min(r["at"] for r in window))}
            yield {
                **of,
                "standard": standard,
                "what": "repeated",
                "due": None,
                "opened_at": None,
                "customer": None if standard in ("thrice", "failed-here") else of["customer"],
                "evidence": said,
            }


def voiced(taken: list[Signal]) -> Found:
    for s in taken:
        if s["type"] != "c":
            continue
        reading = complaint(s["data"]["text"] or "")
        value = s["data"]["value"]
        said: dict[str, Any] = {}
        if value is not None and value <= 2:
            said |= {"rating": value, "limit": 2.0}
        if reading.says:
            said |= {"says": "complaint", "words": ", ".join(reading.words), "confidence": reading.confidence}
        if said:
            yield row("voice", "complained", s["time"], s, evidence=said)


def judged(taken: list[Signal], last: datetime) -> list[dict[str, Any]]:
    found = [
        *promised(
            taken,
            "moved",
            "a",
            "b",
            20 * MINUTE,
            warn=10 * MINUTE,
            gives_up=40 * MINUTE,
            revised=revised_at,
            cancels=lambda s: s["type"] == "d" and (s["data"]["value"] or 0) > 2,
        ),
        *promised(taken, "moved-by", "a", "d", 60 * MINUTE, revised=revised_by, cancels=lambda _: False),
        *limited(taken),
        *stepped(
            taken,
            "steps",
            [(name, lambda s, name=name: s["type"] == name) for name in "abcd"],
            {"b"},
            60 * MINUTE,
        ),
        *stepped(
            taken,
            "same-type",
            [
                ("first", lambda s: s["type"] == "a" and s["unit"] == "u1"),
                ("a", lambda s: s["type"] == "a"),
                ("b", lambda s: s["type"] == "b"),
            ],
            set(),
            YEAR,
        ),
        *silent(taken, "silent", None, 20 * MINUTE, ends="d", memory=YEAR),
        *silent(taken, "silent-again", {"a", "b"}, 10 * MINUTE, ends="c", memory=20 * MINUTE),
        *lapsed(taken, "lapsed", "a", after=2, factor=1.5),
        *lapsed(taken, "lapsed-later", "b", after=3, factor=1.0, at_least=15 * MINUTE),
        *voiced(taken),
    ]
    broken = [r for r in found if r["what"] not in ("at_risk", "late", "never", "out_of_order")]
    found += repeated(broken, "failed", lambda r: r["customer"], 3, 35 * MINUTE)
    here = [r for r in broken if r["standard"] in ("limit", "moved")]
    found += repeated(here, "failed-here", lambda r: r["subject"], 2, 40 * MINUTE)
    told = {kind: [row("", "", s["time"], s) for s in taken if s["type"] == kind] for kind in "abc"}
    found += repeated(told["a"], "again", lambda r: r["customer"], 2, 20 * MINUTE)
    found += repeated(told["b"], "thrice", lambda r: r["subject"], 3, 60 * MINUTE)
    both = repeated(told["c"], "both", lambda r: r["customer"] and (r["customer"], r["subject"]), 2, timedelta(days=1))
    found += both
    return [r for r in found if r["at"] <= last]


def taken_of(signals: Iterable[Signal], until: datetime | None = None) -> tuple[list[Signal], datetime | None]:
    """What is neither late nor a duplicate, and the last time that is judged."""
    taken: list[Signal] = []
    arrived: list[Signal] = []
    for signal in signals:
        if until is not None and signal["time"] > until:
            continue
        watermark = max((s["time"] for s in arrived), default=datetime.min.replace(tzinfo=UTC) + LATENESS) - LATENESS
        same = [s for s in arrived if (s["source"], s["id"]) == (signal["source"], signal["id"])]
        arrived.append(signal)
        if signal["time"] >= watermark and not any(s["time"] >= watermark for s in same):
            taken.append(signal)
    return taken, until if until or not arrived else max(s["time"] for s in arrived)


def oracle(signals: Iterable[Signal], until: datetime | None = None) -> Counter[str]:
    taken, last = taken_of(signals, until)
    return as_rows(judged(taken, last)) if last else Counter()


def as_rows(found: Iterable[dict[str, Any]]) -> Counter[str]:
    return Counter(json.dumps(r, default=str, sort_keys=True, ensure_ascii=False) for r in found)


# the monitor


def table(signals: list[Signal]) -> pa.Table:
    return pa.Table.from_pylist(signals, schema=SCHEMA)


def monitored(
    signals: list[Signal], cuts: list[int], until: datetime | None = None, *, emit: bool = True, compact_from: int = 0
) -> Counter[str]:
    with Monitor.open(None, STANDARDS, until=until, threads=1, compact_from=compact_from) as monitor:
        start = 0
        for end in [*sorted(cuts), len(signals)]:
            monitor.step(table(signals[start:end]), emit=emit)
            start = end
        monitor.finish(until)
        found = monitor.findings_since(0).to_pylist()
    return as_rows({**r, "evidence": json.loads(r["evidence"]) if r["evidence"] else None} for r in found)


# streams

near = st.sampled_from([0, 5, 10, 15, 20, 30, 35, 40, 50, 60, 70, 80, 90, 95]).map(lambda n: START + n * MINUTE)
instants = near | near.map(lambda at: at + timedelta(microseconds=1))
texts = st.sampled_from([None, None, "terrible", "not bad at all", "投诉", "并不差劲，谢谢"])
signals_of_a_day = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["x", "x", "y"]),
            "id": st.integers(0, 9).map(str),
            "type": st.sampled_from(["a", "a", "b", "b", "c", "d", "e"]),
            "subject": st.sampled_from(["p", "q"]),
            "customer": st.sampled_from(["k1", "k1", "k2", None]),
            "unit": st.sampled_from(["u1", None]),
            "time": instants,
            "data": st.fixed_dictionaries(
                {
                    "due": near.map(datetime.isoformat) | st.sampled_from([None, "soon"]),
                    "text": texts,
                    "value": st.sampled_from([None, 1.0, 2.0, 3.0, 6.0, 9.0]),
                    "other": st.sampled_from([None, 1.0, 2.0, 4.0]),
                }
            ),
        }
    ),
    max_size=24,
)
thorough = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])


def long_stream(seed: int) -> list[Signal]:
    """200 signals that move on through a day, at most an hour back, with many ties, copies and late ones."""
    chance = Random(seed)
    signals: list[Signal] = []
    now = START
    for number in range(200):
        now += chance.choice([0, 0, 0, 5, 5, 10, 40]) * MINUTE
        at = now - chance.choice([0, 0, 0, 5, 10, 30, 60]) * MINUTE
        if signals and chance.random() < 0.1:
            signals.append(chance.choice(signals[-12:]))
            continue
        due = chance.choice([-5, 0, 5, 10, 30, None])
        signals.append(
            {
                "source": chance.choice("xy"),
                "id": str(number),
                "type": chance.choice("aabbcde"),
                "subject": chance.choice("pqr"),
                "customer": chance.choice(["k1", "k2", None]),
                "unit": chance.choice(["u1", None]),
                "time": at,
                "data": {
                    "due": None if due is None else (at + due * MINUTE).isoformat(),
                    "text": chance.choice([None, "terrible", "投诉"]),
                    "value": chance.choice([None, 1.0, 3.0, 9.0]),
                    "other": chance.choice([None, 2.0, 4.0]),
                },
            }
        )
    return signals


@thorough
@given(signals_of_a_day, st.lists(st.integers(0, 24), max_size=3), st.booleans(), st.sampled_from([0, 5, 1000]))
def test_any_cut_gives_what_the_reference_says(
    signals: list[Signal], cuts: list[int], emit: bool, compact_from: int
) -> None:
    cuts = [min(cut, len(signals)) for cut in cuts]
    assert monitored(signals, cuts, emit=emit, compact_from=compact_from) == oracle(signals)


@settings(thorough, max_examples=4)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 200), max_size=4), st.sampled_from([0, 50]))
def test_any_cut_of_a_long_stream_does_too(seed: int, cuts: list[int], compact_from: int) -> None:
    signals = long_stream(seed)
    assert monitored(signals, cuts, compact_from=compact_from) == oracle(signals)


@settings(thorough, max_examples=6)
@given(signals_of_a_day, st.lists(st.integers(0, 24), max_size=2), st.integers(-5, 120))
def test_signals_after_the_end_do_not_count(signals: list[Signal], cuts: list[int], end: int) -> None:
    until = START + end * MINUTE
    cuts = [min(cut, len(signals)) for cut in cuts]
    assert monitored(signals, cuts, until) == oracle(signals, until)


@settings(thorough, max_examples=6)
@given(signals_of_a_day, st.data())
def test_shuffled_within_the_lateness_and_sent_again_the_same_findings_come(
    signals: list[Signal], data: st.DataObject
) -> None:
    signals = [{**signal, "id": str(number)} for number, signal in enumerate(signals)]
    in_order = sorted(signals, key=lambda s: s["time"])
    delays = data.draw(st.lists(st.integers(0, 30), min_size=len(signals), max_size=len(signals)))
    shuffled = [
        s for _, s in sorted(zip(delays, in_order, strict=True), key=lambda pair: pair[1]["time"] + pair[0] * MINUTE)
    ]
    again = [copy for s in shuffled for copy in [s] * data.draw(st.integers(1, 2))]
    cut = data.draw(st.integers(0, len(again)))
    assert monitored(again, [cut]) == oracle(in_order)

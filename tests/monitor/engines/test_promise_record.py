"""The record of promises says what the monitor says: closings, revisions, cancellations, resources and dooms."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from amends.monitor.core.prediction.record import NEVER
from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.engines.promise_record import record_of

STANDARDS = Standards.model_validate(
    {
        "version": 1,
        "standards": [
            {
                "id": "brought",
                "opens": {"type": "asked"},
                "closes": {"type": "brought"},
                "due": {"after": "PT2H"},
                "revises": {"type": "moved", "due": {"at": "data.until"}},
                "cancels": {"type": "withdrawn"},
            },
            {"id": "leaves", "opens": {"type": "asked"}, "closes": {"type": "left"}, "due": {"after": "PT1H"}},
            {"id": "whole", "forbids": {"type": "lost"}},
        ],
    }
)
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def signal(subject, what, minutes, data="{}"):
    at = START + timedelta(minutes=minutes)
    told = {"id": f"{subject}-{what}-{minutes}", "source": "t", "type": what, "subject": subject, "time": at}
    return told | {"customer": None, "unit": "u", "data": data}


HEARD = [
    signal("a", "asked", 0, '{"van": "V1", "at": {"depot": "north"}}'),
    signal("a", "left", 30),
    signal("a", "moved", 60, '{"until": "2026-03-02T12:00:00Z"}'),
    signal("b", "asked", 5, '{"van": "V1"}'),
    signal("b", "lost", 20),
    signal("c", "asked", 10),
    signal("c", "withdrawn", 40),
    signal("a", "brought", 200),
]

HEARD.sort(key=lambda one: one["time"])  # as history gives them


def minutes(times):
    start = START.timestamp() * 1000
    return [None if at == NEVER else (at - start) / 60_000 for at in times.tolist()]


def taken(parts):
    record, told = record_of([pa.Table.from_pylist(part) for part in parts], STANDARDS, ["data.van", "data.at.depot"])
    names = [f"{one['subject']} {one['standard']}" for one in told.to_pylist()]
    return record, names


def test_what_was_promised_and_what_became_of_it():
    record, names = taken([HEARD])
    told = {
        (name, begins): rest
        for name, begins, *rest in zip(
            names,
            *(minutes(getattr(record, one)) for one in ("begins", "due", "closed", "ended", "doomed")),
            strict=True,
        )
    }
    assert told == {
        ("a leaves", 0): [60, 30, None, None],
        ("a brought", 0): [120, 200, 60, None],  # until it was put off,
        ("a brought", 60): [240, 200, None, None],  # and kept as it then stood
        ("b leaves", 5): [65, None, None, 20],
        ("b brought", 5): [125, None, None, 20],
        ("c leaves", 10): [70, None, None, None],
        ("c brought", 10): [130, None, 40, None],
    }
    settled = {name: bool(bad) for name, bad, known in zip(names, record.broken, record.in_force, strict=True) if known}
    assert settled["a brought"] is False
    assert settled["b leaves"] is True


def test_resources_come_from_the_opening_signal():
    record, names = taken([HEARD])
    van, depot = record.resource
    of = {name: (int(van[at]), int(depot[at])) for at, name in enumerate(names)}
    assert of["a leaves"][0] == of["b leaves"][0] != -1
    assert of["c leaves"] == (-1, -1)
    assert of["a brought"][1] != -1
    assert of["b brought"][1] == -1


def test_it_does_not_matter_how_the_signals_are_cut_and_repeated():
    whole, names = taken([HEARD])
    parts, again = taken([HEARD[:3], HEARD[2:5], HEARD[5:], HEARD])
    assert names == again
    for one in ("begins", "due", "closed", "ended", "doomed", "opened"):
        assert np.array_equal(getattr(whole, one), getattr(parts, one)), one


def test_broken_is_what_the_monitor_finds_breached():
    record, names = taken([HEARD])
    with Monitor.open(None, STANDARDS) as monitor:
        monitor.step(pa.Table.from_pylist(HEARD))
        monitor.finish(START + timedelta(days=1))
        rows = monitor.findings_since(0).to_pylist()
    breached = {f"{row['subject']} {row['standard']}" for row in rows if row["what"] == "breached"}
    bad = record.broken & record.in_force
    assert breached == {name for name, one in zip(names, bad, strict=True) if one}

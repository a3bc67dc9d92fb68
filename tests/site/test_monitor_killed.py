"""The running monitor is killed at twenty moments: what was accepted is found, each once (Laws 1 and 2)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pyarrow as pa
import pytest
from django.db import connection
from django.utils import timezone

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.text import Localised
from amends.monitor.core.signal import SignalIn
from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.models import Finding, Incident, MonitorProgress, SetAside, Signal
from amends.monitor.services import accept_signals
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.site.postgres.locks import wait_until
from tests.site.processes import SECONDS
from tests.workers import database_address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.early(turn=3)]

KILLS = 20
SECOND = timedelta(seconds=1)
GRACE = timedelta(minutes=15)  # of the pack's standard: departures this much late are in time
# Django is loaded and statements are compiled once, each monitor is a process forked from there: else the suite would
# wait for loading only
MONITORS = """
import os, sys, threading
from functools import cached_property
from amends.site.loading import load_django
load_django()
from django.db import connections
from amends.monitor.core.standard import Standards
from amends.monitor.engines.statements import statements_for
from amends.policy.selectors import blueprint_of, version_in_force
import pandas  # DuckDB does, when it is first used
from amends.site import monitor_loop, ring
statements = statements_for(Standards.model_validate(blueprint_of(version_in_force("airline").pk).judged_file()))
for part in (statements.promises, statements.limits, *statements.detectors.values()):
    for name, value in vars(type(part)).items():
        if isinstance(value, cached_property) and (name != "echoes" or part.is_echo):
            getattr(part, name)
connections.close_all()
monitor_loop.TICK = 0.02
for _ in sys.stdin:
    child = os.fork()
    if not child:
        monitor_loop.watch_when_free(threading.Event())
    print(child, flush=True)
    os.waitpid(child, 0)
"""


class Monitors:
    """Running monitors, one after the other."""

    def __init__(self, home: Path) -> None:
        self._loaded = subprocess.Popen(
            [sys.executable, "-c", MONITORS],
            env={**os.environ, "AMENDS_HOME": str(home), "DATABASE_URL": database_address()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> int:
        assert self._loaded.stdin
        assert self._loaded.stdout
        self._loaded.stdin.write("\n")
        self._loaded.stdin.flush()
        return int(self._loaded.stdout.readline())

    def end(self) -> None:
        assert self._loaded.stdin
        assert self._loaded.stdout
        self._loaded.stdin.close()
        self._loaded.wait(timeout=30)
        self._loaded.stdout.close()


def of_flight(number: int, type_: str, at: datetime) -> SignalIn:
    data = {"depart_due": (at - GRACE + SECOND).isoformat(), "arrive_due": (at + timedelta(days=1)).isoformat()}
    return SignalIn(
        id=f"{number}.{type_}", source="ops", type=f"flight.{type_}", subject=f"F{number}", time=at, data=data
    )


def told(beat: int) -> list[SignalIn]:
    """What operations say in one beat: four flights; of earlier ones some leave in time, some late, some never."""
    now = timezone.now()
    signals = [of_flight(4 * beat + n, "scheduled", now) for n in range(4)]
    signals += [of_flight(4 * (beat - 2), "departed", now)] if beat >= 2 else []
    signals += [of_flight(4 * (beat - 30) + 1, "departed", now)] if beat >= 30 else []
    signals += [of_flight(4 * (beat - 5) + 2, "cancelled", now)] if beat >= 5 else []
    return signals


@contextmanager
def operations() -> Iterator[None]:
    """Signals come without a pause; some of them come twice."""
    over = Event()

    def go_on() -> None:
        beat, last = 0, list[SignalIn]()
        try:
            while not over.wait(0.1):
                signals, again = told(beat), last[:2]
                assert accept_signals([*signals, *again], now=timezone.now()).duplicate == len(again)
                beat, last = beat + 1, signals
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(go_on)
        try:
            yield
        finally:
            over.set()
        going_on.result()


def found() -> list[tuple[str, str, str, datetime]]:
    rows = Finding.objects.values_list("failure__standard", "failure__subject", "what", "at")
    return sorted(rows)


def to_be_found(standards: Standards, *, before: datetime) -> list[tuple[str, str, str, datetime]]:
    """All at once, without a database."""
    columns = ("source", "type", "subject", "time", "customer", "unit")
    rows = Signal.objects.order_by("id").values("signal_id", "data", *columns)
    signals = [
        {"id": row["signal_id"], "data": json.dumps(row["data"]), **{name: row[name] for name in columns}}
        for row in rows
    ]
    with Monitor.open(None, standards) as monitor:
        monitor.step(pa.Table.from_pylist(signals))
        monitor.finish(before)
        findings = monitor.findings_since(0).to_pylist()
    names = ("standard", "subject", "what", "at")
    return sorted(tuple(one[name] for name in names) for one in findings if one["at"] < before)


def steps_delivered() -> int:
    progress = MonitorProgress.objects.first()
    return int(progress.position) if progress else 0


def reached(moment: datetime) -> bool:
    progress = MonitorProgress.objects.first()
    return progress is not None and progress.watermark is not None and progress.watermark > moment


def test_a_monitor_that_is_killed_at_twenty_moments_finds_everything_once(tmp_path: Path) -> None:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    content = load_shipped("airline").content()
    unguarded = content["incidents"] | {"guard": {"per_minute": 1_000_000}}
    pack = Blueprint.from_content(content | {"lateness": "PT5S", "incidents": unguarded})
    publish_blueprint(pack, name="airline", now=timezone.now(), acting_user="test")
    monitors, moments = Monitors(tmp_path), random.Random(20)
    with operations():
        for place in range(KILLS):
            running = monitors.start()
            if place % 4:  # at work; every fourth while it begins
                before = steps_delivered()
                assert wait_until(lambda before=before: steps_delivered() > before, seconds=SECONDS)
            time.sleep(moments.uniform(0, 0.4))
            os.kill(running, signal.SIGKILL)
    last = Signal.objects.latest("time").time + 2 * SECOND
    running = monitors.start()
    assert wait_until(lambda: reached(last), seconds=SECONDS)
    os.kill(running, signal.SIGKILL)
    monitors.end()
    assert not SetAside.objects.exists()
    watermark = MonitorProgress.objects.get().watermark
    expected = to_be_found(Standards.model_validate(pack.standards_file()), before=watermark)
    assert found() == expected
    assert {what for _, _, what, _ in expected} == {"at_risk", "breached", "late", "violated"}
    assert sum(Incident.objects.values_list("failures", flat=True)) == len(
        {(standard, subject) for standard, subject, what, _ in expected if what != "at_risk"}
    )

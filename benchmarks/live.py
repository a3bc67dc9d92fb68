"""Seconds from a signal's durable acceptance over HTTP to its failure in PostgreSQL, at rising rates of signals.

`amends serve` as people start it: web, worker and monitor on this machine, with the database. Signals come in batches
four times a second; two cancelled flights a second among them are looked for in the database. Meanwhile the web is
asked for a page. `python -m benchmarks live [--rates 1000,5000] [--seconds N]`
"""

import argparse
import http.client
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from benchmarks._stage import staged

UNITS = 20
BATCHES = 4  # a second
LOOK = 0.05  # seconds between two looks into the database: what is found is found so much later at most
LONGEST = 30.0  # seconds that a failure is waited for after the last batch
_RUN = count()


@dataclass
class Run:
    """What came of one rate."""

    rate: int
    accepted: int = 0
    refused: int = 0  # batches
    seconds: float = 0.0
    waiting: dict[str, float] = field(default_factory=dict)  # when the flights not found yet were accepted
    found: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)


def main(argv: list[str]) -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live", description=__doc__)
    parser.add_argument("--rates", default="500,1000,2000,5000,10000,20000", help="signals a second, rising")
    parser.add_argument("--seconds", type=float, default=30, help="for each rate")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    rates, seconds = ([200], 5.0) if asked.quick else ([int(one) for one in asked.rates.split(",")], asked.seconds)
    os.environ["AMENDS_API_REQUESTS_A_MINUTE"] = str(10**9)
    with staged() as home:
        from tests.acceptance import burst

        secret = _company()
        with burst.served(home) as address:
            _run(address, secret, 200, 3.0)  # all that is compiled once is
            print(f"lateness {burst.LATENESS.total_seconds()} s, which is part of each figure; {seconds:g} s a rate")
            for rate in rates:
                print(_said(_run(address, secret, rate, seconds)), flush=True)


def _company() -> str:
    from django.utils import timezone

    from amends.kernel.text import Localised
    from amends.people.services import create_staff, plant_units
    from amends.policy.models import Deployment
    from amends.policy.services import set_up_deployment
    from tests.acceptance import burst

    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    burst.punctual_pack()
    plant_units([(f"U-{at}", None, f"Unit {at}", f"单位 {at}") for at in range(UNITS)])
    now = timezone.now()
    return burst.token_of(create_staff(email="b@example.test", name="B", role="manager", now=now, acting_user=None))


def _run(address: str, secret: str, rate: int, seconds: float) -> Run:
    run, over = Run(rate=rate), threading.Event()
    threads = [threading.Thread(target=_browse, args=(address, run, over))]
    threads.append(threading.Thread(target=_look, args=(run, over)))
    for thread in threads:
        thread.start()
    try:
        _send(address, secret, run, seconds)
        until = time.monotonic() + LONGEST
        while run.waiting and time.monotonic() < until:
            time.sleep(LOOK)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return run


def _send(address: str, secret: str, run: Run, seconds: float) -> None:
    """One sender: where the web takes longer than a batch's time, the rate is not reached, and that is shown."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/cloudevents-batch+json"}
    name, began, turn = f"R{next(_RUN)}", time.monotonic(), 0
    while (now := time.monotonic()) < began + seconds:
        if now < began + turn / BATCHES:
            time.sleep(began + turn / BATCHES - now)
        events = _events(name, turn, run.rate // BATCHES)
        connection.request("POST", "/api/v1/signals", json.dumps(events), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == http.client.ACCEPTED:
            run.accepted += len(events)
            at = time.monotonic()
            run.waiting |= {one["subject"]: at for one in events if one["type"] == "flight.cancelled"}
        else:
            run.refused += 1
        turn += 1
    run.seconds = time.monotonic() - began
    connection.close()


def _events(name: str, turn: int, size: int) -> list[dict[str, Any]]:
    """Flights that are announced, those announced in the batch before leave; every other batch one is cancelled."""
    now = datetime.now(UTC)
    common = {"specversion": "1.0", "source": "live", "time": now.isoformat()}
    due = {"depart_due": (now + timedelta(hours=1)).isoformat(), "arrive_due": (now + timedelta(hours=3)).isoformat()}
    events: list[dict[str, Any]] = []
    for at in range(size // 2):
        unit = {"unit": f"U-{at % UNITS}"}
        new, old = f"{name}-{turn}-{at}", f"{name}-{turn - 1}-{at}"
        events.append({**common, **unit, "type": "flight.scheduled", "id": new, "subject": new, "data": due})
        gone = {"delay_minutes": 0}
        events.append({**common, **unit, "type": "flight.departed", "id": f"{old}-d", "subject": old, "data": gone})
    if turn % 2:
        lost = f"{name}-{turn}-lost"
        data = {"cancelled": True, "distance_km": 1_720, "domestic": True, "notice_days": 0}
        one = {"type": "flight.cancelled", "unit": f"U-{turn % UNITS}", "id": lost, "subject": lost, "data": data}
        events.append({**common, **one})
    return events


def _look(run: Run, over: threading.Event) -> None:
    from django.db import connection

    from amends.monitor.models import Failure

    while not over.wait(LOOK):
        wanted = list(run.waiting)
        found = set(Failure.objects.filter(subject__in=wanted).values_list("subject", flat=True)) if wanted else set()
        at = time.monotonic()
        run.found += [at - run.waiting.pop(subject) for subject in found]
    connection.close()


def _browse(address: str, run: Run, over: threading.Event) -> None:
    """Somebody opens the sign-in page, five times a second at most."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    while not over.wait(0.2):
        began = time.monotonic()
        connection.request("GET", "/accounts/login/")
        answer = connection.getresponse()
        answer.read()
        assert answer.status < http.client.INTERNAL_SERVER_ERROR, answer.status
        run.pages.append(time.monotonic() - began)
    connection.close()


def _said(run: Run) -> str:
    missing = f"  {len(run.waiting)} not found within {LONGEST:g} s" if run.waiting else ""
    refused = f"  {run.refused} batches refused" if run.refused else ""
    return (
        f"asked {run.rate:>6,} /s  accepted {run.accepted / run.seconds:>8,.0f} /s  "
        f"found {len(run.found):>3} after p50 {_at(run.found, 0.5):5.2f} s, p99 {_at(run.found, 0.99):5.2f} s  "
        f"page p50 {_at(run.pages, 0.5) * 1000:4.0f} ms, p99 {_at(run.pages, 0.99) * 1000:5.0f} ms{missing}{refused}"
    )


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


if __name__ == "__main__":
    main(sys.argv[1:])

"""A burst of failures at one unit, as a station's system tells of it, and a service that takes it in."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from playwright.sync_api import TimeoutError  # noqa: A004 -- what a browser's wait raises

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.monitor.models import SetAside
from amends.monitor.services import keep_roster
from amends.people.services import create_api_token, keep_customers, plant_units
from amends.policy.present import present
from amends.policy.services import publish_blueprint

LATENESS: Final = timedelta(seconds=0.75)  # of systems that tell at once; nothing can be certain sooner
FLIGHTS: Final = 12  # that fail at once


def database_url() -> str:
    """The address of the database that Django talks to, for other processes."""
    from django.db import connection

    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def punctual_pack() -> None:
    """Put the airline's pack in force as a company has it whose signals come at once."""
    content = load_shipped("airline").content() | {"lateness": f"PT{LATENESS.total_seconds()}S"}
    publish_blueprint(Blueprint.from_content(content), name="airline", now=present(), acting_user="test")


def token_of(staff: Any) -> str:
    """A secret with which a machine sends signals."""
    from django.utils import timezone

    _, secret = create_api_token(staff, name="station", scopes=["write:signals"], now=timezone.now())
    return secret


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`amends serve` as people start it: its own web, worker and monitor processes; the address."""
    ours = Path(os.environ["AMENDS_HOME"]) / "secret_key"
    if not (home / "secret_key").exists():
        (home / "secret_key").write_bytes(ours.read_bytes())  # so that who signs in here is signed in there
    log = home / "serve.log"
    with log.open("w") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "amends.cli", "serve", "--port", "0"],
            env={**os.environ, "DATABASE_URL": database_url(), "AMENDS_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Where it says that it is."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("Amends is at "):
                return line.split()[3].rstrip("/")
        time.sleep(0.05)
    raise AssertionError(f"it did not start: {log.read_text()}")


def plant_stations(number: int) -> list[tuple[str, str]]:
    """So many units below the company: their codes, and names of which none is part of another."""
    rows = [(f"XX-S{at:03}", f"Station {at:03}") for at in range(number)]
    plant_units([(code, "XX", name, name) for code, name in rows])
    return rows


def board_passengers(subjects: list[str]) -> None:
    """Two passengers on each of these flights."""
    people = [(f"{subject}#{seat}", subject) for subject in subjects for seat in range(2)]
    known = [{"reference": reference, "name": f"Passenger {reference}", "locale": "en"} for reference, _ in people]
    assert keep_customers(known, now=present()).rejected == []
    keep_roster((subject, reference, {"fare": 200.0}) for reference, subject in people)


def cancelled(unit: str) -> list[dict[str, Any]]:
    """So many flights of a unit, cancelled now."""
    chosen, now = uuid4().hex[:6], present().isoformat()
    event = {"specversion": "1.0", "source": "station", "type": "flight.cancelled", "time": now, "unit": unit}
    more = {"data": {"cancelled": True, "distance_km": 1_720, "domestic": True, "notice_days": 0}}
    return [{**event, **more, "id": f"{chosen}-{at}", "subject": f"YY{at}/{chosen}/{unit}"} for at in range(FLIGHTS)]


def send(address: str, token: str, events: list[dict[str, Any]]) -> float:
    """Hand them over; the monotonic time at which they were accepted."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents-batch+json"}
    connection.request("POST", "/api/v1/signals", json.dumps(events), headers)
    answer = connection.getresponse()
    counts = json.load(answer)
    assert answer.status == http.client.ACCEPTED, counts
    at = time.monotonic()
    assert counts["accepted"] == len(events), counts
    return at


def seen_after(page: Any, address: str, token: str, unit: str, name: str) -> float:
    """Send a burst and wait until the board shows that it opened an incident.

    Returns:
        the seconds from accepted to seen; infinite if it came too late to be judged, as on a machine out of breath.
    """
    events = cancelled(unit)
    board_passengers([event["subject"] for event in events])
    now = present().isoformat()
    accepted_at = send(address, token, [{**event, "time": now} for event in events])
    try:
        page.locator(f'#live li.is-new[data-name*="{name}"]').first.wait_for(timeout=45_000)
    except TimeoutError as error:
        late = SetAside.objects.filter(source="station", signal_id__startswith=events[0]["id"][:6]).count()
        if late == len(events):
            return inf
        raise AssertionError(f"{late} of {len(events)} came too late, and yet no incident was seen") from error
    return time.monotonic() - accepted_at

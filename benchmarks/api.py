"""Requests a second over a real server on loopback: cases opened one by one, signals sent in batches and one by one."""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

WORKERS, THREADS = 2, 4  # of the server
CLIENTS = 8
BATCH = 10_000
UNITS = 500  # what is reported of one unit within one window of time is one incident, told of one at a time
MOST = 1_000  # events to one batch when quick
ONE, MANY = "application/cloudevents+json", "application/cloudevents-batch+json"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks api", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="for each figure")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    seconds = 1.0 if asked.quick else asked.seconds
    with tempfile.TemporaryDirectory() as home:
        os.environ["AMENDS_HOME"] = home
        from amends.site.postgres import running

        with running() as url:
            os.environ["DATABASE_URL"] = url
            secret = _company()
            with _served() as port:
                ask = _asker(port, secret)
                print(f"granian {WORKERS} x {THREADS} threads, {CLIENTS} clients, {seconds:g} s each; durable database")
                _case(ask, 0, 0)  # both ways once before the clock runs
                _report("cases opened", _during(seconds, lambda client, turn: _case(ask, client, turn)), 1)
                _report("lists of 50 cases", _during(seconds, lambda _client, _turn: _list(ask)), 1)
                _report("single signals", _during(seconds, lambda client, turn: _signal(ask, client, turn)), 1)
                size = MOST if asked.quick else BATCH
                made = _during(seconds, lambda client, turn: _batch(ask, client, turn, size), clients=2)
                _report(f"signals in batches of {size:,}", made, size)


def _company() -> str:
    os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
    os.environ["AMENDS_API_REQUESTS_A_MINUTE"] = str(10**9)
    os.environ["AMENDS_SIGNALS_BACKLOG"] = str(10**9)  # no monitor runs here
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from amends.kernel.blueprint import load_shipped
    from amends.kernel.text import Localised
    from amends.people.services import create_api_token, create_staff, keep_customers, plant_units
    from amends.policy.models import Deployment
    from amends.policy.services import publish_blueprint, set_up_deployment

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    publish_blueprint(load_shipped("airline"), name="airline", now=now, acting_user="benchmark")
    plant_units([(f"U-{number}", None, f"Unit {number}", f"单位 {number}") for number in range(UNITS)])
    keep_customers(({"reference": f"C-{i}", "name": f"Pat {i}"} for i in range(1000)), now=now)
    staff = create_staff(email="b@example.test", name="B", role="manager", now=now, acting_user=None)
    scopes = ["write:cases", "read:cases", "write:signals"]
    _, secret = create_api_token(staff, name="benchmark", scopes=scopes, now=now)
    connections.close_all()
    return secret


@contextmanager
def _served() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "error"),
        "amends.site.wsgi:application",
    ]
    server = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError("the server does not start")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _asker(port: int, secret: str) -> Callable[..., Any]:
    kept = threading.local()

    def ask(method: str, path: str, body: bytes = b"", form: str = "application/json") -> Any:
        if not hasattr(kept, "connection"):
            kept.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": form}
        kept.connection.request(method, f"/api/v1{path}", body, headers)
        answer = kept.connection.getresponse()
        said = answer.read()
        assert answer.status < 300, (answer.status, said[:500])
        return said

    return ask


def _case(ask: Callable[..., Any], client: int, turn: int) -> None:
    facts = {"minutes_late": 200, "distance_km": 2000, "cancelled": False}
    sent = {"customer": f"C-{(client * 125 + turn) % 1000}", "kind": "slow", "subject": f"F-{client}-{turn}"}
    ask(
        "POST",
        "/cases",
        json.dumps({**sent, "unit": f"U-{(client * 97 + turn) % UNITS}", "facts": facts, "words": "late"}).encode(),
    )


def _list(ask: Callable[..., Any]) -> None:
    ask("GET", "/cases?limit=50")


def _event(client: int, number: int) -> dict[str, Any]:
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=number)
    return {
        "specversion": "1.0", "id": f"{client}-{number}", "source": "benchmark", "type": "flight.departed",
        "subject": f"F-{number}", "time": at.isoformat(), "unit": f"U-{number % UNITS}",
        "data": {"gate": "B7", "delay": number % 60},
    }  # fmt: skip


def _signal(ask: Callable[..., Any], client: int, turn: int) -> None:
    ask("POST", "/signals", json.dumps(_event(client, turn)).encode(), ONE)


def _batch(ask: Callable[..., Any], client: int, turn: int, size: int) -> None:
    events = [_event(client + 1000, turn * size + place) for place in range(size)]
    said = json.loads(ask("POST", "/signals", json.dumps(events).encode(), MANY))
    assert said["accepted"] == size


def _during(seconds: float, act: Callable[[int, int], None], *, clients: int = CLIENTS) -> tuple[list[float], float]:
    """How long each act took, and all together; each client acts one after another until the time is over."""
    took: list[float] = []
    faults: list[BaseException] = []
    ends = time.perf_counter() + seconds

    def work(client: int) -> None:
        turn = 1
        try:
            while time.perf_counter() < ends:
                began = time.perf_counter()
                act(client, turn)
                took.append(time.perf_counter() - began)
                turn += 1
        except BaseException as fault:  # noqa: BLE001 -- told to the main thread
            faults.append(fault)

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return took, time.perf_counter() - began


def _report(what: str, made: tuple[list[float], float], each: int) -> None:
    took, seconds = sorted(made[0]), made[1]
    middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    rate = len(took) * each / seconds
    print(f"{what:<30} {rate:>9,.0f} /s   p50 {middle * 1000:7.1f} ms   p99 {late * 1000:7.1f} ms", flush=True)

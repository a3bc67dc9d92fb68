"""A hundred people at work at once on a million cases, through the real server; django-helpdesk beside it.

    python -m benchmarks busy_desk [--cases 1000000] [--staff 100] [--tickets 100000] [--quick]

Ours: inbox, search, look-up and case pages over HTTP from `amends`' own server (granian, as shipped), `--staff`
sessions that each ask, think a moment, and ask again. The time is from the request to the last byte, waiting for a
worker included. Beside it in the same run, on the same PostgreSQL in a database of its own: django-helpdesk, installed
with pip into an environment that is thrown away, with `--tickets` tickets; its ticket list, its search and the making
of tickets, one after another by its own test client. It is never a dependency of ours.
"""

import argparse
import http.client
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path
from typing import Any, Final

from benchmarks import large_company
from benchmarks._stage import staged
from benchmarks.console import p95, say_where

TARGET: Final = 200.0  # ms, of every p95
THINK: Final = 10.0  # seconds between two requests of one person, on average: they read, talk and write
LASTS: Final = 60.0  # seconds of measuring
SEARCHES: Final = ("smith", "rosa klein", "王小明", "NA123", "jfk", "zzzz", "garcia")
WORKERS: Final = 2 * (os.cpu_count() or 2)  # web processes, as docs/how-to/run-in-production.md starts them
WARM: Final = 5  # rounds a worker
HELPDESK: Final = "django-helpdesk==2.6.1"


def main(argv: list[str]) -> None:
    """Make the company, let everybody in, print; then the other one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks busy_desk", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--staff", type=int, default=100)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=LASTS)
    parser.add_argument("--no-helpdesk", action="store_true", help="ours alone, where there is no network")
    parser.add_argument("--quick", action="store_true", help="a few thousand cases, to see that it runs")
    asked = parser.parse_args(argv)
    if asked.quick:
        asked.cases, asked.staff, asked.tickets, asked.seconds = 5_000, 8, 500, 4.0
    with staged() as home:
        from django.db import connection

        people = large_company.found(asked.cases)
        say_where()
        sessions = _sessions(list(people.values()), asked.staff)
        cases = _cases()
        with connection.cursor() as cursor:
            cursor.execute("create database helpdesk template template0")
        report(_work(sessions, cases, asked.seconds))
        if not asked.no_helpdesk:
            helpdesk(home, asked.tickets, quick=asked.quick)


# -- ours -----------------------------------------------------------------------------------------------------------


def _sessions(people: list[Any], number: int) -> list[str]:
    from django.conf import settings
    from django.test import Client

    cookies = []
    for at in range(number):
        client = Client(HTTP_HOST="localhost")
        client.force_login(people[at % len(people)])
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return cookies


def _cases() -> list[int]:
    from amends.recover.models import Case

    last = Case.objects.order_by("-id").values_list("id", flat=True)[0]
    return [1 + last * at // 500 for at in range(500)]


def _work(sessions: list[str], cases: list[int], seconds: float) -> dict[str, list[float]]:
    from amends.site.service import threads_of

    port = _free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(WORKERS), "--blocking-threads", str(threads_of(WORKERS)),
            "--no-access-log", "--log-level", "warning", "amends.site.wsgi:application",
        ],
    )  # fmt: skip
    try:
        _wait(port)
        _warm(port, sessions, cases)
        took: dict[str, list[float]] = {}
        lock = threading.Lock()
        until = time.perf_counter() + seconds
        people = [
            threading.Thread(target=_person, args=(port, cookie, cases, until, took, lock, at))
            for at, cookie in enumerate(sessions)
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
        return took
    finally:
        server.terminate()
        server.wait(timeout=20)


def _warm(port: int, sessions: list[str], cases: list[int]) -> None:
    """Templates are read and the pack is parsed once in every process, before anything is measured."""
    for at in range(WARM * WORKERS):
        for path in ("/cases/", "/customers/callers/?q=a", f"/cases/{cases[at % len(cases)]}/"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)  # a new one may meet another worker
            connection.request("GET", path, headers={"Cookie": sessions[at % len(sessions)], "Host": "localhost"})
            connection.getresponse().read()
            connection.close()


def _person(  # noqa: PLR0917 -- a thread's arguments
    port: int,
    cookie: str,
    cases: list[int],
    until: float,
    took: dict[str, list[float]],
    lock: threading.Lock,
    seed: int,
) -> None:
    dice = random.Random(seed)
    time.sleep(dice.random() * THINK)
    while time.perf_counter() < until:
        words = dice.choice(SEARCHES).replace(" ", "+")
        what, path = dice.choice(
            (
                ("inbox", "/cases/"),
                ("inbox", "/cases/?sort=due"),
                ("search", f"/cases/?q={_quoted(words)}"),
                ("look-up", f"/customers/callers/?q={_quoted(words)}"),
                ("case page", f"/cases/{dice.choice(cases)}/"),
                ("case page", f"/cases/{dice.choice(cases)}/"),
            )
        )
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)  # the last one was idle for too long
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
        answer = connection.getresponse()
        answer.read()
        spent = (time.perf_counter() - began) * 1000
        connection.close()
        # a case of a unit out of the person's reach is 404, which takes a query too but is no page
        if answer.status not in {200, 404}:
            raise AssertionError(f"{path}: {answer.status}")
        if answer.status == 200:
            with lock:
                took.setdefault(what, []).append(spent)
        time.sleep(dice.expovariate(1 / THINK))


def _quoted(words: str) -> str:
    from urllib.parse import quote

    return quote(words, safe="+")


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/accounts/login/", headers={"Host": "localhost"})
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def report(took: dict[str, list[float]]) -> None:
    """The table, and whether the target holds."""
    print(f"{'':12} {'asked':>7} {'p50 ms':>8} {'p95 ms':>8} {'most':>8}")
    for what, times in sorted(took.items()):
        print(f"{what:12} {len(times):>7} {statistics.median(times):>8.1f} {p95(times):>8.1f} {max(times):>8.1f}")
    slow = [what for what, times in took.items() if p95(times) > TARGET]
    held = "held by all" if not slow else f"missed by {', '.join(sorted(slow))}"
    print(f"p95 of at most {TARGET:g} ms for everybody at once: {held}; load {os.getloadavg()[0]:.1f}", flush=True)


# -- the other one ----------------------------------------------------------------------------------------------------


def helpdesk(home: Path, tickets: int, *, quick: bool) -> None:
    """django-helpdesk in an environment and a database of its own; it prints its own table."""
    place = home / "helpdesk"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", HELPDESK, "psycopg[binary]", "setuptools<81"], check=False
    )
    if installed.returncode:
        print(f"{HELPDESK} could not be installed here, so it is not measured")
        return
    from django.db import connection

    settings = connection.settings_dict
    known = {
        "NAME": "helpdesk",
        "USER": settings["USER"],
        "PASSWORD": settings["PASSWORD"],
        "HOST": settings["HOST"],
        "PORT": str(settings["PORT"] or ""),
    }
    environment = {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_", "PYTHON"))
        },
        **{f"HELPDESK_{name}": value for name, value in known.items()},
        "HELPDESK_TICKETS": str(tickets),
        "HELPDESK_REPEAT": "2" if quick else "20",
    }
    script = Path(__file__).parent / "_helpdesk_beside.py"
    subprocess.run([python, str(script)], env=environment, cwd=home, check=True)

"""`amends demo`: the ring turns once on real flights, then the console opens on what came of it."""

import json
import os
import sys
import time
import webbrowser
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, NoReturn

import typer

FIRST = datetime(2013, 1, 1)  # noqa: DTZ001 -- a day of the calendar


def demo(
    days: Annotated[int, typer.Option(help="How many days of flights.", min=1, max=365)] = 3,
    from_: Annotated[datetime, typer.Option("--from", help="The first day, in 2013.", formats=["%Y-%m-%d"])] = FIRST,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Open the console afterwards.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
    host: Annotated[str, typer.Option(help="Where the console listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The console's port; 0 takes any free one.", min=0, max=65535)] = 8000,
) -> None:
    """Turn the whole ring on real flights: signals, failures, incidents, cases, plans, actions, outcomes, lessons.

    Flights, delays and weather are real (New York, 2013). Passengers are synthetic, their answers simulated.
    """
    from amends.site.postgres import running

    began = time.monotonic()
    if serve:
        _address(host, port)  # before minutes of work, not after them
    with running() as url:
        if port:  # the letters' links lead to where the console will be
            os.environ.setdefault("AMENDS_ADDRESS", f"http://{host}:{port}")
        os.environ["DATABASE_URL"] = url
        figures, sign_ins = _run(from_, days, url, began)
        if as_json:
            typer.echo(json.dumps(figures))
        else:
            _show(figures)
        if serve:
            _serve(host, port, sign_ins, err=as_json)


LONGEST_OUTAGE = 60.0  # seconds
ATTEMPTS = 3  # how often the demo takes up its work again when the database goes away under it


def _run(start: datetime, days: int, url: str, began: float) -> tuple[dict[str, Any], list[Any]]:
    feed = _made_ready(start, days, url)

    from django.db import DatabaseError, InterfaceError, OperationalError, connections
    from django.utils import timezone

    from amends.policy.present import present
    from amends.site.demo import DemoError, cast, desk, run
    from amends.site.ring import MonitorBusy

    for attempt in range(1, ATTEMPTS + 1):
        try:
            figures = run(feed, began=began, say=_say)
            sign_ins = cast.sign_ins(now=timezone.now())
            desk.prepare(now=present())
            return asdict(figures), sign_ins
        except (OperationalError, InterfaceError) as error:
            # every step was committed whole, so the same course goes on behind the last one
            connections.close_all()
            _take_breath(attempt, error)
        except (DemoError, MonitorBusy) as error:
            _give_up(str(error), code=1)
        except DatabaseError as error:
            _give_up(f"The database refused: {error}", code=1)
        except (ValueError, OSError) as error:
            _give_up(str(error), code=2)
    raise AssertionError("unreachable")


def _made_ready(start: datetime, days: int, url: str) -> Any:
    """What the demo feeds in. Whatever needs no tables is done while these are brought up to date."""
    from amends.site.loading import load_django
    from amends.site.tables import TablesError, brought_up_to_date

    for attempt in range(1, ATTEMPTS + 1):
        try:
            with brought_up_to_date(url, {}):
                load_django()
                from amends.site.demo import made_ready

                return made_ready(start=start.date(), days=days)
        except TablesError as error:
            _take_breath(attempt, error)
        except (ValueError, OSError) as error:
            _give_up(str(error), code=2)
    raise AssertionError("unreachable")


def _say(text: str) -> None:
    typer.echo(f"  {text}", err=True)


def _take_breath(attempt: int, error: Exception) -> None:
    if attempt == ATTEMPTS:
        _give_up(f"The database failed {ATTEMPTS} times, the last time so: {error}", code=1)
    _say("the database went away; waiting for it, then going on where the demo stopped")
    _wait_for_database()


def _wait_for_database() -> None:
    """Until it answers, or for as long as is sensible; the next attempt says what is wrong then."""
    from django.db import DatabaseError, InterfaceError, connection

    deadline = time.monotonic() + LONGEST_OUTAGE
    while time.monotonic() < deadline:
        try:
            connection.ensure_connection()
        except (DatabaseError, InterfaceError):
            time.sleep(0.2)
        else:
            return


def _give_up(message: str, *, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


LABELS = {
    "signals": "signals heard",
    "findings": "findings of the monitor",
    "failures": "failures found",
    "broken": "  of them promises broken",
    "averted": "  of them averted in time",
    "incidents": "incidents",
    "cases": "cases opened",
    "plans": "plans made",
    "actions_done": "actions done",
    "messages": "messages to customers",
    "remedies": "remedies granted",
    "remedy_total": "worth of the remedies",
    "lessons": "lessons drafted",
    "seconds": "seconds",
}


def _show(figures: dict[str, Any]) -> None:
    from decimal import Decimal

    from rich.console import Console
    from rich.table import Table

    from amends.kernel.money import Money

    table = Table(title="The ring, turned once", show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for name, label in LABELS.items():
        value = figures[name]
        money = name == "remedy_total"
        shown = Money(Decimal(str(value)), figures["remedy_currency"]).in_("en") if money else f"{value:,}"
        table.add_row(label, shown)
    console = Console()
    console.print(table)
    console.print("Flights, delays and weather are real; passengers are synthetic and their answers simulated.")


def _address(host: str, port: int) -> Any:
    """Where the console listens, if that can be had."""
    from amends.site import service

    try:
        return service.free_address(host, port)
    except service.ServiceError as error:
        _give_up(str(error), code=2)


def _serve(host: str, port: int, sign_ins: list[Any], *, err: bool) -> None:
    from django.db import connections

    from amends.site import service

    connections.close_all()
    address = _address(host, port)
    typer.echo("\nSign in with one click, each link once (they are for this machine and for twelve hours):", err=err)
    for person in sign_ins:
        typer.echo(
            f"  {person.role.replace('_', ' '):14} {person.name:12} {address.url.rstrip('/')}{person.path}", err=err
        )
    supervisor = next(person for person in sign_ins if person.role == "supervisor")

    def say(text: str) -> None:
        typer.echo(text, err=err)
        if sys.stdout.isatty():
            webbrowser.open(address.url.rstrip("/") + supervisor.path)

    service.serve(address, workers=1, say=say)

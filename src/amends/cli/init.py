"""`amends init`: a new company, its blueprint and its first administrator, who gets a one-time link and no password."""

import json
import sys
from datetime import timedelta
from typing import Annotated, Any, Final
from zoneinfo import available_timezones

import typer

from amends.cli.with_database import with_database

LINK_LASTS: Final = timedelta(hours=24)
ALREADY, BAD_INPUT = 1, 2
SITE: Final = "http://127.0.0.1:8000"


def init(
    email: Annotated[str, typer.Option(help="The first administrator's e-mail address.")] = "",
    name: Annotated[str, typer.Option(help="The first administrator's name.")] = "",
    company_en: Annotated[str, typer.Option(help="The company's name in English.")] = "",
    company_zh: Annotated[str, typer.Option(help="The company's name in Chinese.")] = "",
    blueprint: Annotated[str, typer.Option(help="The industry's pack, as `amends blueprint` lists them.")] = "airline",
    timezone: Annotated[str, typer.Option(help="In which zone times are shown, such as Asia/Shanghai.")] = "UTC",
    site: Annotated[str, typer.Option(help="Where people will find the console.")] = SITE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Set this database up for a company and make its first administrator, who signs in by the link printed here.

    Asks for what is not given. Exit code 1 if it is set up already.
    """
    if timezone not in available_timezones():
        _fail(f"--timezone: there is no time zone {timezone!r}; one is Asia/Shanghai", BAD_INPUT)
    with with_database(fresh=True):
        _refuse_a_second_time()
        asked = {
            "email": email or _ask("E-mail address of the first administrator", "--email"),
            "name": name or _ask("Their name", "--name"),
            "company_en": company_en or _ask("The company's name in English", "--company-en"),
        }
        company_zh = company_zh or _ask("The company's name in Chinese", "--company-zh", default=asked["company_en"])
        link = site.rstrip("/") + _set_up(company_zh=company_zh, blueprint=blueprint, timezone=timezone, **asked)
    _tell(link, asked["email"], as_json=as_json, done="Amends is set up. Start it with `amends serve`.")
    _point_out_zones(blueprint, timezone)


def sign_in_link(
    email: Annotated[str, typer.Argument(help="Whose account.")],
    site: Annotated[str, typer.Option(help="Where people find the console.")] = SITE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a new one-time sign-in link for an account. Exit code 1 if there is no such account or it is closed."""
    with with_database():
        from amends.people.models import Staff

        staff = Staff.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if staff is None:
            _fail(f"There is no open account of {email}.", ALREADY)
        link = site.rstrip("/") + _link_for(staff)
    _tell(link, email, as_json=as_json)


def _refuse_a_second_time() -> None:
    from amends.policy.selectors import NotSetUp, deployment

    try:
        found = deployment()
    except NotSetUp:
        return
    if found.kind == found.Kind.DEMO:
        words = "This database holds a demo, and real customers never share one with it. Use another AMENDS_HOME."
    else:
        words = f"{found.company_en} is set up here already. For a new link: amends sign-in-link EMAIL"
    _fail(words, ALREADY)


def _set_up(*, email: str, name: str, company_en: str, company_zh: str, blueprint: str, timezone: str) -> str:
    from django.db import transaction
    from django.utils import timezone as clock

    from amends.kernel.blueprint import BlueprintErrors, load_shipped
    from amends.kernel.text import Localised
    from amends.people.services import create_staff
    from amends.policy.models import Deployment
    from amends.policy.services import publish_blueprint, set_up_deployment

    now = clock.now()
    try:
        with transaction.atomic():
            set_up_deployment(
                kind=Deployment.Kind.COMPANY,
                blueprint_name=blueprint,
                company=Localised(en=company_en, zh=company_zh),
                timezone=timezone,
            )
            publish_blueprint(load_shipped(blueprint), name=blueprint, now=now, acting_user="amends init")
            staff = create_staff(email=email, name=name, role="administrator", now=now, acting_user=None)
            return _link_for(staff)
    except (BlueprintErrors, LookupError, ValueError) as error:
        return _fail(str(error), BAD_INPUT)


def _point_out_zones(blueprint: str, timezone: str) -> None:
    """Say so where the pack reckons working hours in another zone than times are shown in."""
    from amends.kernel.blueprint import load_shipped

    others = sorted({calendar.tz for calendar in load_shipped(blueprint).calendars.values()} - {timezone})
    if others:
        words = (
            f"The calendars of {blueprint} are those of {', '.join(others)}, not of {timezone}: working hours and due"
            " times are reckoned there. To change that, copy the pack, set `tz` in its calendars.yaml and publish it"
            " with `amends blueprint publish FOLDER`."
        )
        typer.echo(words, err=True)


def _link_for(staff: Any) -> str:
    from django.urls import reverse
    from django.utils import timezone as clock

    from amends.people.services import sign_in_link as make

    return reverse("sign_in_link", args=[make(staff, now=clock.now(), valid_for=LINK_LASTS)])


def _ask(what: str, option: str, *, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        if default is not None:
            return default
        _fail(f"{option} is missing, and there is nobody at the terminal to ask", BAD_INPUT)
    return str(typer.prompt(what, default=default, err=True)).strip()


def _tell(link: str, email: str, *, as_json: bool, done: str = "") -> None:
    hours = int(LINK_LASTS.total_seconds() // 3600)
    if as_json:
        typer.echo(json.dumps({"email": email, "link": link, "valid_hours": hours}))
        return
    if done:
        typer.echo(done)
    typer.echo(f"{email} signs in once within {hours} hours, and can then set a password, at:\n{link}")
    if link.startswith(f"{SITE}/"):
        typer.echo("With `amends serve --port`, that port stands in the place of 8000.", err=True)


def _fail(words: str, code: int) -> Any:
    typer.echo(words, err=True)
    raise typer.Exit(code)

"""`amends staff` and `amends token`: accounts, and the machines' keys to the API, for whoever runs the system."""

import json
from datetime import timedelta
from typing import Annotated, Any

import typer

from amends.cli.with_database import with_database

NO, BAD_INPUT = 1, 2
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

staff = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after accounts: add, list.")
token = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after machine tokens: create, list, revoke.")


@staff.command("add")
def add_staff(
    email: Annotated[str, typer.Argument(help="With which they sign in.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[str, typer.Option(help="front_line, supervisor, manager, quality_owner, executive, administrator")],
    unit: Annotated[str, typer.Option(help="Code of their unit; left out: the whole company.")] = "",
    locale: Annotated[str, typer.Option(help="en or zh-hans")] = "en",
) -> None:
    """Make an account; `amends sign-in-link EMAIL` then lets its owner in."""
    with with_database():
        from amends.people.models import Unit
        from amends.people.services import AlreadyThere, create_staff

        place = Unit.objects.filter(code=unit).first()
        if unit and place is None:
            _fail(f"--unit: there is no unit {unit!r}", BAD_INPUT)
        try:
            create_staff(email=email, name=name, role=role, unit=place, locale=locale, now=_clock(), acting_user=None)
        except AlreadyThere as error:
            _fail(str(error), NO)
        except ValueError as error:
            _fail(str(error), BAD_INPUT)
    typer.echo(f"{email} has an account. For a sign-in link: amends sign-in-link {email}")


@staff.command("list")
def list_staff(as_json: AsJson = False) -> None:
    """All accounts."""
    with with_database():
        from amends.people.models import Staff

        rows = [
            {
                "email": one.email,
                "name": one.name,
                "role": one.role,
                "unit": one.unit and one.unit.code,
                "open": one.is_active,
            }
            for one in Staff.objects.select_related("unit").order_by("email")
        ]
    if as_json:
        typer.echo(json.dumps({"staff": rows}))
        return
    for row in rows:
        closed = "" if row["open"] else "  (closed)"
        typer.echo(f"{row['email']:<32} {row['role']:<14} {row['unit'] or 'whole company':<16} {row['name']}{closed}")


@token.command("create")
def create_token(
    email: Annotated[str, typer.Argument(help="The account in whose name the machine acts.")],
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[
        list[str],
        typer.Option(
            help="Such as write:signals; may be given several times. A wrong one is answered with all that there are."
        ),
    ],
    days: Annotated[int, typer.Option(help="How long it is good; 0: until it is revoked.", min=0, max=3650)] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a token for the API. Its secret is shown now and never again."""
    with with_database():
        from amends.people.models import Staff
        from amends.people.services import create_api_token

        owner = Staff.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if owner is None:
            _fail(f"There is no open account of {email}.", NO)
        now = _clock()
        ends = now + timedelta(days=days) if days else None
        try:
            made, secret = create_api_token(owner, name=name, scopes=scope, now=now, expires_at=ends)
        except ValueError as error:
            _fail(str(error), BAD_INPUT)
    if as_json:
        typer.echo(json.dumps({"id": made.pk, "token": secret, "scopes": made.scopes}))
    else:
        typer.echo(secret)


@token.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """All tokens, without their secrets."""
    with with_database():
        from amends.people.models import ApiToken

        fields = ("id", "prefix", "name", "staff__email", "scopes", "expires_at", "revoked_at", "last_used_at")
        rows = list(ApiToken.objects.order_by("id").values(*fields))
    if as_json:
        typer.echo(json.dumps({"tokens": rows}, default=str))
        return
    for row in rows:
        state = "revoked" if row["revoked_at"] else f"until {row['expires_at']:%Y-%m-%d}" if row["expires_at"] else ""
        typer.echo(f"{row['id']:>4} {row['prefix']}… {row['staff__email']:<28} {row['name']:<24} {state}")


@token.command("revoke")
def revoke_token(token_id: Annotated[int, typer.Argument(help="As `amends token list` shows it.")]) -> None:
    """End a token at once."""
    with with_database():
        from amends.people.models import ApiToken

        if not ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=_clock()):
            _fail(f"There is no token {token_id} that is good.", NO)
    typer.echo(f"Token {token_id} is revoked.")


def _clock() -> Any:
    from django.utils import timezone

    return timezone.now()


def _fail(words: str, code: int) -> Any:
    typer.echo(words, err=True)
    raise typer.Exit(code)

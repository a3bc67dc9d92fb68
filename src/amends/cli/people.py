"""`amends staff` and `amends token`: accounts, and the machines' keys to the API, for whoever runs the system."""

import json
from datetime import timedelta
from typing import Annotated, Any

import typer

from amends.cli.with_database import with_database

NO, BAD_INPUT = 1, 2
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

Email = Annotated[str, typer.Argument(help="Whose account.")]

staff = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after accounts: add, list, change, end.")
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


@staff.command("change")
def change_staff(
    email: Email,
    role: Annotated[str | None, typer.Option(help="Another role, as for `add`.")] = None,
    unit: Annotated[str | None, typer.Option(help="Code of another unit.")] = None,
    company: Annotated[bool, typer.Option("--company", help="The whole company instead of a unit.")] = False,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    locale: Annotated[str | None, typer.Option(help="en or zh-hans")] = None,
    level: Annotated[
        str | None, typer.Option(help="An authority level of the pack for their role; empty: the role's own.")
    ] = None,
) -> None:
    """Change an account; what is not given stays.

    Open cases that they reach no more wait for somebody else, and what waits for a leave that they may give no more
    goes to the next. A level of their own ends with the role that it was given with.
    """
    given = {"role": role, "name": name, "locale": locale, "authority_level": level}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if unit is not None and company:
        _fail("--unit and --company: give one of the two", BAD_INPUT)
    if not changes and unit is None and not company:
        _fail("Say what is to change, such as --role manager", BAD_INPUT)
    with with_database():
        from amends.people.models import Unit
        from amends.policy.present import present
        from amends.recover.services.leaving import change_account

        if unit is not None or company:
            changes["unit"] = Unit.objects.filter(code=unit).first() if unit is not None else None
            if unit is not None and changes["unit"] is None:
                _fail(f"--unit: there is no unit {unit!r}", BAD_INPUT)
        staff_id = _open_account(email).pk
        try:
            left = change_account(staff_id, changes, acting_user=None, now=present(), clock=_clock())
        except ValueError as error:
            _fail(str(error), BAD_INPUT)
    typer.echo(f"The account of {email} is changed.{_said_of(left)}")


@staff.command("end")
def end_staff(email: Email) -> None:
    """Close an account for good: sessions, tokens and unused sign-in links end at once; its deeds stay on record.

    Its open cases wait for somebody else, and what waits for its leave goes to the next. Exit code 1 if there is no
    such open account, or it is the last administrator's.
    """
    with with_database():
        from amends.policy.present import present
        from amends.recover.services.leaving import end_account

        try:
            left = end_account(_open_account(email).pk, acting_user=None, now=present(), clock=_clock())
        except ValueError as error:
            _fail(str(error), NO)
    typer.echo(f"The account of {email} is closed.{_said_of(left)}")


@staff.command("reset-factor")
def reset_factor(email: Email) -> None:
    """Forget the second factor of somebody who lost it. Exit code 1 if there is none."""
    with with_database():
        from amends.people.services import reset_factor as reset

        try:
            reset(_open_account(email).pk, acting_user=None, now=_clock())
        except ValueError as error:
            _fail(str(error), NO)
    typer.echo(f"{email} signs in without a second factor now, and can set up another.")


@staff.command("history")
def history_of_staff(email: Email, as_json: AsJson = False) -> None:
    """Say what was changed about an account, when and by whom, the earliest first."""
    with with_database():
        from amends.people.models import StaffChange

        fields = ("what", "before", "after", "at", "by__email")
        found = StaffChange.objects.filter(staff__email__iexact=email.strip()).order_by("pk").values_list(*fields)
        rows = [
            {"what": what, "before": before, "after": after, "at": at.isoformat(timespec="seconds"), "by": by}
            for what, before, after, at, by in found
        ]
    if as_json:
        typer.echo(json.dumps({"changes": rows}, ensure_ascii=False))
        return
    for row in rows:
        change = f"{row['before'] or '-'} -> {row['after'] or '-'}" if row["before"] or row["after"] else ""
        typer.echo(f"{row['at']}  {row['what']:<16} {change:<40} {row['by'] or 'whoever runs the system'}")


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
        from amends.people.services import create_api_token

        owner = _open_account(email)
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


def _open_account(email: str) -> Any:
    from amends.people.models import Staff

    found = Staff.objects.filter(email__iexact=email.strip(), is_active=True).first()
    return found if found is not None else _fail(f"There is no open account of {email}.", NO)


def _said_of(left: int) -> str:
    return f" {left} open case{'s wait' if left > 1 else ' waits'} for somebody else now." if left else ""


def _clock() -> Any:
    from django.utils import timezone

    return timezone.now()


def _fail(words: str, code: int) -> Any:
    typer.echo(words, err=True)
    raise typer.Exit(code)

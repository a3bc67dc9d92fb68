"""`amends authority explain`: who may decide a sum in a case and why; `amends authority away`: who decides nothing."""

import json
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, NoReturn

import typer

from amends.cli.with_database import with_database

NO, BAD_INPUT = 1, 2
AS_A_SUM: Final = "write what is to be given, from 0 on, as 150 or 99.50"
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Say who may decide what; enter who is away and who stands in."
)


@app.command(
    context_settings={"ignore_unknown_options": True}
)  # so that -5 is a sum, and is told what is wrong with it
def explain(
    case: Annotated[int, typer.Argument(help="The case's number.")],
    amount: Annotated[str, typer.Argument(help="The sum, such as 150 or 99.50, in the pack's currency.")],
    kind: Annotated[str, typer.Option(help="Kind of action.")] = "compensation",
    email: Annotated[str, typer.Option("--as", help="Whether this person may, at once.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say who may give a sum in a case: at once, or by leave of whom, with the totals that it is held against.

    Ends with 0 if the person named with --as may give it at once or, without --as, if anybody may; else with 1.
    """
    with with_database():
        from amends.people.models import Staff
        from amends.policy.present import present
        from amends.recover.models import Case
        from amends.recover.selectors import BadSum, explain_authority

        found = Case.objects.filter(pk=case).first() if 0 < case < 2**63 else None
        if found is None:
            _fail(f"CASE: there is no case {case}; give the number that its page and its letters have")
        person = Staff.objects.filter(email__iexact=email.strip(), is_active=True).first() if email else None
        if email and person is None:
            _fail(f"--as: there is no open account of {email}")
        try:
            explained = explain_authority(found, amount=_sum(amount), kind=kind, person=person, now=present())
        except BadSum as error:
            _fail(f"{'--kind' if error.of == 'kind' else 'AMOUNT'}: {error}")
        told = as_values(explained)
    may = explained.at_once if person is not None else explained.somebody_may
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        _say(told)
    if not may:
        raise typer.Exit(NO)


@app.command()
def away(
    email: Annotated[str, typer.Argument(help="Who is away.")],
    until: Annotated[datetime, typer.Option(help="Until when, in the deployment's zone.")],
    since: Annotated[datetime | None, typer.Option("--from", help="From when; left out: from now.")] = None,
    stand_in: Annotated[str, typer.Option(help="E-mail address of who decides in their place.")] = "",
    note: Annotated[str, typer.Option(help="Why, for colleagues.")] = "",
) -> None:
    """Enter that somebody is away: what waits for their leave goes to their stand-in, or to the next.

    It counts as entered by themselves.
    """
    with with_database():
        from zoneinfo import ZoneInfo

        from amends.people.duty import BadSpan, enter_absence
        from amends.people.models import Staff
        from amends.people.selectors import NotAllowed
        from amends.policy.present import present
        from amends.policy.selectors import deployment

        zone, now = ZoneInfo(deployment().timezone), present()
        person = Staff.objects.filter(email__iexact=email.strip(), is_active=True).select_related("unit").first()
        if person is None:
            _fail(f"EMAIL: there is no open account of {email}")
        other = Staff.objects.filter(email__iexact=stand_in.strip(), is_active=True).first() if stand_in else None
        if stand_in and other is None:
            _fail(f"--stand-in: there is no open account of {stand_in}")
        try:
            enter_absence(
                person.pk,
                starts_at=since.replace(tzinfo=zone) if since else now - timedelta(seconds=1),
                ends_at=until.replace(tzinfo=zone),
                note=note,
                stand_in_id=other.pk if other else None,
                acting_user=person,
                now=now,
            )
        except BadSpan as error:
            _fail(f"--from and --until: {error} Give a time in the future that lies after --from.")
        except NotAllowed as error:
            _fail(f"--stand-in: {error}")
    typer.echo(f"{person.name} is away until {until:%Y-%m-%d %H:%M}.")


def as_values(explained: Any) -> dict[str, Any]:
    """An explanation as plain values, as the API gives it too."""
    from amends.web.api.authority import shown

    return shown(explained)


def _say(told: dict[str, Any]) -> None:
    typer.echo(told["verdict"]["en"])
    if told["why_not"]:
        typer.echo(f"  not at once: {told['why_not']['en']}")
    if told["in_writing"]:
        typer.echo(f"  {told['in_writing']['en']}")
    for one in told["gives_leave"]:
        away_now = "  (away)" if one["away"] else ""
        first = "  ← nearest" if one["nearest"] else ""
        typer.echo(f"  may give leave: {one['name']} <{one['email']}>, {one['role']}{away_now}{first}")
    typer.echo(f"\n{'level':<16} {'case':>24} {'customer':>26} {'period':>30}")
    for level in told["levels"]:
        columns = [
            f"{_money(one['before'], level['currency'])} of {_money(one['limit'], level['currency'])}"
            for one in level["totals"]
        ]
        typer.echo(f"{level['level']:<16} {columns[0]:>24} {columns[1]:>26} {columns[2]:>30}")
        typer.echo(f"  {'covers it' if level['why_not'] is None else level['why_not']['en']}")
    for budget in told["budgets"]:
        left, whole = (_money(budget[name], budget["currency"]) for name in ("left", "amount"))
        typer.echo(f"budget of {budget['unit']}: {left} left of {whole}")


def _money(amount: str, currency: str) -> str:
    from amends.kernel.money import Money

    return Money(Decimal(amount), currency).in_("en")


def _sum(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        _fail(f"AMOUNT: {text!r} is no number; {AS_A_SUM}")
    if not amount.is_finite() or amount < 0:
        _fail(f"AMOUNT: {text!r} is no sum that one can give; {AS_A_SUM}")
    return amount


def _fail(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(BAD_INPUT)

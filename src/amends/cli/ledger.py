"""`amends ledger`: reconcile the books, take in the bank's answer, hand over what is due."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from amends.cli.with_database import with_database

NO, BAD_INPUT = 1, 2
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after the books: reconcile, pay out, confirm.")


@app.command()
def reconcile(as_json: AsJson = False) -> None:
    """Hold the books against what happened. Ends with 1 if any difference is not zero."""
    with with_database():
        from amends.policy.present import present
        from amends.recover.core.books import CHECKS
        from amends.recover.services import reconciling

        found = reconciling.reconcile(now=present())
        names = {what: words.en for what, words in CHECKS.items()}
    if as_json:
        told = {"at": found.at.isoformat(), "entries": found.entries, "differences": found.differences}
        typer.echo(json.dumps({**told, "checks": found.checks}, ensure_ascii=False))
    else:
        for one in found.checks:
            books, records = Decimal(one["books"]), Decimal(one["records"])
            mark = "  " if books == records else "! "
            sums = f"{books:>16,.2f}  {records:>16,.2f}  {books - records:>14,.2f}"
            typer.echo(f"{mark}{one['currency']}  {sums}  {names[one['what']]}")
        typer.echo(f"{found.entries:,} entries, {found.differences} differences")
    if found.differences:
        raise typer.Exit(NO)


@app.command()
def confirm(
    file: Annotated[Path, typer.Argument(help="CSV with the columns reference, outcome (paid or returned) and note.")],
    as_json: AsJson = False,
) -> None:
    """Take in what the bank says of payouts. The same file again changes nothing.

    Ends with 2 if some rows say nothing that can be used; the others count all the same.
    """
    from amends.recover.payouts.answers import NoAnswer, read_answer

    try:
        results, bad = read_answer(file.read_bytes())
    except OSError as error:
        _fail(f"{file}: {error.strerror}")
    except NoAnswer as error:
        _fail(f"{file}: {error}")
    with with_database():
        from amends.policy.present import present
        from amends.recover.services.settling import settle

        done = settle(results, now=present())
    for row in bad:
        typer.echo(f"{file}: row {row.row}: {row.said.en}", err=True)
    for reference in done.unknown:
        typer.echo(f"{file}: {reference} is no payout that was sent", err=True)
    if as_json:
        told = {"paid": done.paid, "returned": done.returned, "already": done.already}
        typer.echo(json.dumps({**told, "unknown": list(done.unknown), "rejected": len(bad)}, ensure_ascii=False))
    else:
        typer.echo(f"{done.paid} paid, {done.returned} returned, {done.already} known before")
    if bad or done.unknown:
        raise typer.Exit(BAD_INPUT)


@app.command()
def pay(as_json: AsJson = False) -> None:
    """Order all that is due and hand it over now, as the service does every five minutes.

    Ends with 1 if a batch could not be handed over; it stays ordered and is tried again.
    """
    sent, problems = 0, []
    with with_database():
        from amends.policy.present import present
        from amends.recover.models import PayoutBatch
        from amends.recover.payouts.connector import NotSent
        from amends.recover.services.settling import order_payouts, send_batch

        while order_payouts(now=present()):
            pass
        for batch in PayoutBatch.objects.filter(sent_at=None).order_by("id").values_list("id", flat=True):
            try:
                sent += send_batch(batch, now=present())
            except NotSent as error:
                problems.append(str(error))
    for said in problems:
        typer.echo(said, err=True)
    if as_json:
        typer.echo(json.dumps({"batches": sent, "not_sent": len(problems)}))
    else:
        typer.echo(f"{sent} batches handed over, {len(problems)} not")
    if problems:
        raise typer.Exit(NO)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(BAD_INPUT)

"""`amends db`: look after the database, be it embedded or the one that DATABASE_URL names."""

import signal
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)
_REFUSED, _BAD_INPUT = 1, 2


@app.callback()
def db() -> None:
    """Look after the database: status, backup, restore, psql."""


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Where the database is, its version and size, and whether its tables are up to date. Starts nothing.

    Exit code 1 if the database of DATABASE_URL does not answer.
    """
    import json

    from amends.site.postgres.status import look

    found = look()
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        for name, value in asdict(found).items():
            if value is not None:
                shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
                typer.echo(f"{name.replace('_', ' '):<19} {shown}")
        if found.embedded and not found.running:
            typer.echo("It starts by itself when a command needs it.")
    if found.problem:
        raise typer.Exit(_REFUSED)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the backup.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the whole database to a file that only you can read. Works while the service runs."""
    from amends.site.postgres import running
    from amends.site.postgres.dump import BackupError, back_up

    if file.is_dir():
        _fail(f"{file}: this is a folder; name a file", _BAD_INPUT)
    if file.exists() and not force:
        _fail(f"{file}: this file is there already. To replace it, add --force.", _REFUSED)
    try:
        with running() as url:
            size = back_up(url, file)
    except BackupError as error:
        _fail(str(error), _BAD_INPUT)
    typer.echo(f"{file}: {size:,} bytes", err=True)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by `amends db backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is in the database now.")] = False,
) -> None:
    """Put a backup in the place of the database. If the backup is broken, the database stays as it was."""
    from amends.site.postgres import running
    from amends.site.postgres.dump import BackupError, check_backup, count_tables, sessions_at_work
    from amends.site.postgres.dump import restore as put_back

    try:
        with running() as url:
            check_backup(url, file)
            tables = count_tables(url)
            if tables and not yes:
                _fail(f"The database has {tables} tables. To replace them all, add --yes.", _REFUSED)
            if sessions_at_work(url):
                _fail(
                    "Amends is at work on this database, and what it accepted since the backup would go without a"
                    " word. Stop `amends serve` (and whatever else runs of it), then restore.",
                    _REFUSED,
                )
            put_back(url, file)
    except BackupError as error:
        _fail(str(error), _BAD_INPUT)
    typer.echo(f"{file}: restored", err=True)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(ctx: typer.Context) -> None:
    """Talk SQL with the database. What stands after `--` goes to psql; its exit code is psql's."""
    from amends.site.postgres import running
    from amends.site.postgres.client import Client

    with running() as url:
        before = signal.signal(signal.SIGINT, lambda _number, _frame: None)  # Ctrl-C is for psql's query, not for us
        try:
            said = subprocess.run(
                **Client(url=url).command("psql", *ctx.args),
                check=False,
            )
        finally:
            signal.signal(signal.SIGINT, before)
    raise typer.Exit(said.returncode if said.returncode >= 0 else 128 - said.returncode)


def _fail(text: str, code: int) -> None:
    typer.echo(text, err=True)
    raise typer.Exit(code)

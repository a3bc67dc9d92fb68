"""`amends history`: what is on record of the signals that were accepted, and putting it in order at once."""

import json
import sys
from typing import Annotated, Any

import typer

from amends.cli.with_database import with_database

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after the signals on record.")

NO = 1
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say from when to when signals are on record, in how many files, and what is known to be wrong.

    Exits with 1 if signals are lost or none can be written. A file is looked into when something reads it."""
    with with_database():
        from amends.monitor.recorded import history_now, root_of
        from amends.policy.selectors import deployment

        found = history_now()
        folder = root_of(deployment())
    if as_json:
        typer.echo(json.dumps({"folder": str(folder), **vars(found)}, default=_said))
    else:
        if found.since is None:
            typer.echo("No signals are on record yet.")
        else:
            typer.echo(
                f"{found.signals:,} signals from {found.since} to {found.until}, in {found.files:,} files of "
                f"{found.size / 2**20:,.1f} MiB below {folder}"
            )
        if found.waiting:
            typer.echo("Some signals that were accepted are not there yet.")
        if found.set_aside:
            typer.echo(
                f"{found.set_aside:,} files could not be read and are set aside in {folder / '_set_aside'}; "
                f"{found.lost:,} of their signals could not be written anew."
            )
        if found.trouble:
            typer.echo(f"Since {found.troubled_at} nothing can be written: {found.trouble}")
    raise typer.Exit(NO if found.trouble or found.lost else 0)


@app.command()
def tidy(as_json: AsJson = False) -> None:
    """Do now what the worker does each hour: write what is new, put small files together, let go what is too old."""
    with with_database():
        from amends.monitor.recorded import root_of
        from amends.monitor.selectors import judged_to
        from amends.monitor.services.recording import Busy, tidy_history
        from amends.policy.present import present
        from amends.policy.selectors import blueprint_of, deployment, version_in_force

        here = deployment()
        version = version_in_force(here.blueprint_name)
        try:
            done = tidy_history(
                root=root_of(here),
                policy=blueprint_of(version.pk).history,
                judged_to=judged_to(here, version),
                now=present(here),
            )
        except (Busy, OSError) as error:
            sys.stderr.write(f"{getattr(error, 'strerror', None) or error}\n")
            raise typer.Exit(NO) from None
    if as_json:
        typer.echo(json.dumps(vars(done)))
    else:
        typer.echo(
            f"{done.landed:,} signals written, {done.compacted:,} files put together, {done.pruned:,} rows now on "
            f"record alone, {done.retired:,} files let go, {done.swept:,} orphans swept"
        )


def _said(value: Any) -> str:
    return str(value.isoformat())

"""The `amends` command. To add a sub-command, write its module and add a line to the table; nothing here may import
Django, and the modules may do so only inside their functions."""

import sys
from typing import Annotated, ClassVar

import typer

from amends.cli.lazy import Entry, LazyGroup

BAD_USAGE = 2


class _Commands(LazyGroup):
    entries: ClassVar[dict[str, Entry]] = {
        "replay": Entry(
            module="amends.cli.replay", attribute="app", help="Judge recorded signals by standards; needs no database."
        ),
        "demo": Entry(module="amends.cli.demo", attribute="demo", help="Turn the ring once on real flights."),
        "init": Entry(module="amends.cli.init", attribute="init", help="Set up a company and its first administrator."),
        "serve": Entry(module="amends.cli.serve", attribute="serve", help="Run the whole service on this machine."),
        "monitor": Entry(
            module="amends.cli.monitor", attribute="monitor", help="Run the monitor alone, also on a cluster."
        ),
        "blueprint": Entry(
            module="amends.cli.blueprint", attribute="app", help="Check, show, compare and publish industry packs."
        ),
        "standards": Entry(
            module="amends.cli.standards", attribute="app", help="Try drafts of standards on what was heard."
        ),
        "history": Entry(
            module="amends.cli.history", attribute="app", help="Look after the signals on record: status, tidy."
        ),
        "sign-in-link": Entry(
            module="amends.cli.init", attribute="sign_in_link", help="Make a one-time sign-in link for an account."
        ),
        "authority": Entry(
            module="amends.cli.authority", attribute="app", help="Say who may decide what, and enter who is away."
        ),
        "ledger": Entry(
            module="amends.cli.ledger", attribute="app", help="Look after the books: reconcile, pay out, confirm."
        ),
        "units": Entry(module="amends.cli.units", attribute="app", help="Plant and list the tree of units."),
        "staff": Entry(
            module="amends.cli.people", attribute="staff", help="Look after accounts: add, list, change, end."
        ),
        "token": Entry(
            module="amends.cli.people", attribute="token", help="Look after machine tokens: create, list, revoke."
        ),
        "db": Entry(
            module="amends.cli.db", attribute="app", help="Look after the database: status, backup, restore, psql."
        ),
    }


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"amends {version('amends')}")
        raise typer.Exit


@app.callback()
def amends(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Find the broken promise, make it right in time, and learn from it."""


def run() -> None:
    """The entry point: errors that a person can mend are shown without a traceback."""
    from amends.site.postgres.error import PostgresError

    try:
        app()
    except PostgresError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(BAD_USAGE)

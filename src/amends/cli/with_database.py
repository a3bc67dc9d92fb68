"""For commands that work with rows: the database is up and Django is ready while the block runs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def with_database(*, fresh: bool = False) -> Iterator[None]:
    """Open the database, embedded or that of DATABASE_URL.

    `fresh`: it may be new, so its tables are brought up to date; else the command ends (1) where nothing is set up.
    """
    from amends.site.loading import load_django
    from amends.site.postgres import running

    given = os.environ.get("DATABASE_URL")
    with running() as url:
        os.environ["DATABASE_URL"] = url
        if fresh:
            _bring_up_to_date(url)
        load_django()
        from django.db import connections

        try:
            if not fresh:
                _check_set_up()
            yield
        finally:
            connections.close_all()
            if given is None:  # the server that we started ends; whoever opens the database next starts it again
                os.environ.pop("DATABASE_URL", None)


def _bring_up_to_date(url: str) -> None:
    from amends.site.tables import TablesError, brought_up_to_date

    try:
        with brought_up_to_date(url, {}):
            pass
    except TablesError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def _check_set_up() -> None:
    from django.db import ProgrammingError

    from amends.policy.selectors import NotSetUp, deployment

    try:
        deployment()
    except (NotSetUp, ProgrammingError):  # the latter: no tables yet
        sys.stderr.write("Nothing is set up in this database yet. Run `amends init` for a company, or `amends demo`.\n")
        sys.exit(1)

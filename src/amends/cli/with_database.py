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
    from amends.site.postgres import running

    with running() as url:
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        try:
            if fresh:
                call_command("migrate", verbosity=0, interactive=False)
            else:
                _check_set_up()
            yield
        finally:
            connections.close_all()


def _check_set_up() -> None:
    from django.db import ProgrammingError

    from amends.policy.selectors import NotSetUp, deployment

    try:
        deployment()
    except (NotSetUp, ProgrammingError):  # the latter: no tables yet
        sys.stderr.write("Nothing is set up in this database yet. Run `amends init` for a company, or `amends demo`.\n")
        sys.exit(1)

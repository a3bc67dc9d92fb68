"""Bring the database's tables up to date, in a process of its own: `python -m amends.site.tables PARENT`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import psycopg

from amends.site.loading import load_django
from amends.site.orphans import bind_to

_MIGRATING: Final = 7_201_305  # advisory lock: of several that start at once on one database, one migrates


class TablesError(Exception):
    """The tables can't be brought up to date; says why."""


@contextmanager
def brought_up_to_date(url: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Run the migrations beside what the block does; they are done when it ends.

    Args:
        url: of the database.
        environment: for the process, beside our own.

    Raises:
        TablesError: the database does not answer, or a migration failed.
    """
    command = [sys.executable, "-m", "amends.site.tables", str(os.getpid())]
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(%s)", [_MIGRATING])
            with subprocess.Popen(  # noqa: S603 -- ourselves
                command,
                env={**os.environ, **environment, "DATABASE_URL": url},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            ) as migrating:
                try:
                    yield
                except BaseException:
                    migrating.kill()
                    raise
                _, said = migrating.communicate()
    except psycopg.OperationalError as error:
        raise TablesError(f"The database does not answer: {error}") from error
    if migrating.returncode:
        raise TablesError(f"The tables could not be brought up to date:\n{said.strip()}")


def main() -> None:
    """Migrate; what was begun is not left to itself when whoever asked for it is killed."""
    bind_to(int(sys.argv[1]), signal.SIGKILL)
    load_django()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)


if __name__ == "__main__":
    main()

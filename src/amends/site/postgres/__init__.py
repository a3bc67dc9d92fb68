"""The database of this Amends: `DATABASE_URL` if it is set, else an embedded PostgreSQL in `AMENDS_HOME/postgres`.

Each command that needs the embedded server takes a lease (a shared file lock). The first one starts a guardian, a
small detached process that runs the server, and stops it when the last lease is gone; a lease vanishes with its
process, also by kill -9. The guardian and the server each hold a file lock of their own, which their death frees: so
there are never two on one folder, and no process number is ever trusted. If the guardian is killed, the server stops
by itself (parent-death signal) and the lessees start a new guardian."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amends.site.home import home_folder
from amends.site.postgres.error import PostgresError
from amends.site.postgres.folder import Folder
from amends.site.postgres.lease import Lease, kept
from amends.site.postgres.locks import is_held

__all__ = ["Lease", "PostgresError", "database_url", "running"]

_leased: list[str] = []  # addresses of the servers that this process holds leases on, the latest last


def database_url() -> str | None:
    """Where the database is now: `DATABASE_URL`, or the embedded server if it is up. A cheap look, starts nothing."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    if _leased:
        return _leased[-1]
    folder = Folder(root=home_folder() / "postgres")
    return folder.url() if is_held(folder.guardian) else None


@contextmanager
def running(home: Path | None = None, *, durable: bool = True) -> Iterator[str]:
    """The database is up while the block runs, comes back if it is killed; gives its address for libpq and Django.

    With `DATABASE_URL` set nothing is started. `durable=False` gives up safety on power loss for speed: tests only."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    lease = Lease(home, durable=durable)
    _leased.append(lease.url)
    try:
        with kept(lease):
            yield lease.url
    finally:
        _leased.remove(lease.url)
        lease.release()

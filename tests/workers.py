"""The worker as a process of its own, on the database of the test."""

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo


def database_address() -> str:
    """Of the test's database, for a process of its own."""
    given = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"}
    return make_conninfo(**{name: value for name, value in given.items() if name in names and value})


def worker_process(home: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start it; its files lie below this folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "amends.site.worker", *options],
        env={**os.environ, "AMENDS_HOME": str(home), "DATABASE_URL": database_address()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def do_jobs(home: Path) -> None:
    """Have everything done that waits to be done."""
    assert worker_process(home, "--until-idle").wait(timeout=120) == 0

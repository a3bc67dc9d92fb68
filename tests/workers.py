"""The worker as a process of its own, on the database of the test."""

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo


def worker_process(home: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start it; its files lie below this folder."""
    given = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"}
    url = make_conninfo(**{name: value for name, value in given.items() if name in names and value})
    return subprocess.Popen(
        [sys.executable, "-m", "amends.site.worker", *options],
        env={**os.environ, "AMENDS_HOME": str(home), "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def do_jobs(home: Path) -> None:
    """Have everything done that waits to be done."""
    assert worker_process(home, "--until-idle").wait(timeout=120) == 0

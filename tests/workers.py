"""The worker as a process of its own, on the database of the test."""

import logging
import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from amends.site.home import home_folder

SAID = "worker.log"  # in the folder of its files: what it said


def database_address() -> str:
    """Of the test's database, for a process of its own."""
    given = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"}
    return make_conninfo(**{name: value for name, value in given.items() if name in names and value})


@cache
def _forking() -> ForkServerContext:
    """Processes are forked from one that has loaded what they need, and knows the database of this process's tests."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.loaded", "tests.workers"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", database_address())
        forkserver.ensure_running()
    return context


def forked(what: Callable[..., None], *given: object) -> ForkServerProcess:
    """Do it in a process of its own, which has Django loaded."""
    process = _forking().Process(target=what, args=given)
    process.start()
    return process


def worker_process(home: Path, *options: str) -> ForkServerProcess:
    """Start it; its files lie below this folder."""
    return forked(_work, home, *options)


def _work(home: Path, *options: str) -> None:
    from amends.site import worker

    said_here = os.open(home / SAID, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for said in (1, 2):
        os.dup2(said_here, said)
    logging.basicConfig(level=logging.WARNING)  # what a job fails of is logged
    _move_to(home)
    sys.argv = ["worker", *options]
    worker.main()


def _move_to(home: Path) -> None:
    """What the settings say of the data folder was read when Django was loaded."""
    before = home_folder()
    os.environ["AMENDS_HOME"] = str(home)
    for name in dir(settings):
        place = getattr(settings, name)
        if isinstance(place, Path) and place.is_relative_to(before):
            setattr(settings, name, home / place.relative_to(before))


def do_jobs(home: Path) -> None:
    """Have everything done that waits to be done.

    A job that fails is done again later, when the test is over: so it is told here, with what the worker said.
    """
    before = dict(_tried())
    worker = worker_process(home, "--until-idle")
    worker.join(timeout=120)
    failed = [job for job, tries in _tried() if tries > before.get(job, 0)]
    assert (worker.exitcode, failed) == (0, []), (worker.exitcode, failed, (home / SAID).read_text())


def _tried() -> list[tuple[tuple[int, str], int]]:
    """The jobs that are not done, and how often each was tried."""
    with connection.cursor() as cursor:
        cursor.execute("select id, task_name, attempts from procrastinate_jobs where status in ('todo', 'failed')")
        return [((number, task), tries) for number, task, tries in cursor.fetchall()]

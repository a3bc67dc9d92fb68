"""The worker without its database ends, to be started again; without a deployment it waits for one."""

import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from amends.kernel.text import Localised
from amends.policy.models import Deployment
from amends.policy.services import set_up_deployment
from amends.site.postgres.locks import wait_until
from amends.site.worker import DATABASE_AWAY
from tests.workers import SAID, database_address, worker_process

pytestmark = pytest.mark.django_db(transaction=True)


def workers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_workers")
        return int(cursor.fetchone()[0])


def set_up() -> None:
    air = Localised(en="Air", zh="航空")
    set_up_deployment(kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=air, timezone="UTC")


def test_a_worker_whose_database_is_gone_ends_soon(tmp_path: Path) -> None:
    set_up()
    name, ours = connection.settings_dict["NAME"], connection.connection.info.backend_pid
    elsewhere = make_conninfo(database_address(), dbname="postgres")
    allow = sql.SQL("alter database {} allow_connections {}")
    before = workers()
    worker = worker_process(tmp_path)
    with psycopg.connect(elsewhere, autocommit=True) as besides:
        try:
            assert wait_until(lambda: workers() > before, seconds=60)
            besides.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
            besides.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> %s", [name, ours]
            )
            began = time.monotonic()
            worker.join(timeout=60)
            assert worker.exitcode not in (None, 0)
            assert (
                time.monotonic() - began < 4 * DATABASE_AWAY
            )  # twice that long at most, on a machine that is not busy
        finally:
            besides.execute(allow.format(sql.Identifier(name), sql.Literal(True)))
            worker.kill()
            worker.join()


def test_a_worker_waits_until_something_is_set_up(tmp_path: Path) -> None:
    before = workers()
    (tmp_path / SAID).touch()
    worker = worker_process(tmp_path)
    try:
        assert wait_until(lambda: "Until then the worker waits." in (tmp_path / SAID).read_text(), seconds=60)
        assert (worker.is_alive(), workers()) == (True, before)
        set_up_deployment(
            kind=Deployment.Kind.COMPANY,
            blueprint_name="airline",
            company=Localised(en="Air", zh="航空"),
            timezone="UTC",
        )
        assert wait_until(lambda: workers() > before, seconds=60)
    finally:
        worker.kill()
        worker.join()

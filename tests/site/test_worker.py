"""The worker without its database: it ends, to be started again, and does not wait for long."""

import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from amends.site.postgres.locks import wait_until
from amends.site.worker import DATABASE_AWAY
from tests.workers import database_address, worker_process

pytestmark = pytest.mark.django_db(transaction=True)


def workers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_workers")
        return int(cursor.fetchone()[0])


def test_a_worker_whose_database_is_gone_ends_soon(tmp_path: Path) -> None:
    connection.ensure_connection()
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

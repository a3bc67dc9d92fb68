"""What `amends db status` tells: where the database is, how large, and whether its tables are up to date."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amends.site.home import home_folder
from amends.site.loading import load_django
from amends.site.postgres import binaries, database_url
from amends.site.postgres.client import Client
from amends.site.postgres.folder import Folder


@dataclass(frozen=True, kw_only=True)
class Status:
    """One look at the database; nothing is started for it."""

    embedded: bool
    running: bool
    version: str | None  # of the server, or of the programs that would run it
    address: str | None  # without the password
    database: str | None
    data_folder: str | None  # of an embedded one
    log: str | None
    size_bytes: int | None
    migrations_applied: int | None
    migrations_pending: int | None
    problem: str | None  # why it does not answer


def look() -> Status:
    """The state of the database of `DATABASE_URL` or `AMENDS_HOME`."""
    embedded = not os.environ.get("DATABASE_URL")
    folder, url = Folder(root=home_folder() / "postgres"), database_url()
    version, size, problem = (None, None, None) if url is None else _ask(url)
    applied, pending = (None, None) if url is None or problem else _migrations(url)
    if embedded and version is None:
        version = binaries.find(major=folder.major()).version
    if embedded and size is None:
        size = _size_on_disk(folder.data)
    return Status(
        embedded=embedded,
        running=url is not None and problem is None,
        version=version,
        address=None if url is None else _without_password(url),
        database=None if url is None else Client(url=url).database,
        data_folder=str(folder.data) if embedded else None,
        log=str(folder.log) if embedded else None,
        size_bytes=size,
        migrations_applied=applied,
        migrations_pending=pending,
        problem=problem,
    )


def _ask(url: str) -> tuple[str | None, int | None, str | None]:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            found = connection.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database())"
            ).fetchone()
    except psycopg.OperationalError as error:
        return None, None, str(error).strip()
    return (str(found[0]), int(found[1]), None) if found else (None, None, None)


def _migrations(url: str) -> tuple[int, int]:
    """How many changes of the tables are made, and how many this version of Amends still has to make."""
    os.environ["DATABASE_URL"] = url
    load_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    applied = len(executor.loader.applied_migrations)
    connection.close()
    return applied, len(plan)


def _without_password(url: str) -> str:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts: dict[str, Any] = {name: value for name, value in conninfo_to_dict(url).items() if name != "password"}
    return make_conninfo(**parts)


def _size_on_disk(folder: Path) -> int | None:
    if not folder.is_dir():
        return None
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())

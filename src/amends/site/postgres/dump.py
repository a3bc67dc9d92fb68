"""Backup and restore. A backup appears under its name only when it is whole; a restore fills a new database beside
the present one and changes their names in one transaction, so a broken backup leaves the present one as it was."""

import contextlib
import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from amends.site.database_settings import APPLICATION
from amends.site.postgres.client import Client

_MAINTENANCE = "postgres"
_RESTORING = 4067_1204  # the lock that keeps two restores apart
_LOOK = 0.05  # seconds between two rounds of ending other people's connections


class BackupError(Exception):
    """The backup could not be made or restored; names the file."""


def back_up(url: str, file: Path) -> int:
    """Write the whole database to the file, for its owner only; gives its size in bytes."""
    try:
        descriptor, half = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise BackupError(f"{file}: can't be written: {error.strerror}") from error
    try:
        os.close(descriptor)
        # to a file, not to standard output: only there it can go back and note where each table's rows are
        arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--file={half}")
        said = subprocess.run(**Client(url=url).command("pg_dump", *arguments), capture_output=True, check=False)
        if said.returncode:
            raise BackupError(f"{file}: {_words(said.stderr)}")
        Path(half).replace(file)
    except OSError as error:
        raise BackupError(f"{file}: can't be written: {error.strerror}") from error
    finally:
        Path(half).unlink(missing_ok=True)
    _sync_folder(file.parent)
    return file.stat().st_size


def check_backup(url: str, file: Path) -> None:
    """Raise BackupError unless the file looks like a backup."""
    command = Client(url=url).command("pg_restore")
    program = command["args"][0]
    said = subprocess.run([program, "--list", str(file)], capture_output=True, check=False)  # noqa: S603 - our own program
    if said.returncode:
        raise BackupError(f"{file}: this is not a backup that can be read: {_words(said.stderr)}")


def count_tables(url: str) -> int:
    """How many tables people have made in the database; 0 means that it is empty."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        ).fetchone()
    return int(found[0]) if found else 0


def sessions_at_work(url: str) -> int:
    """How many sessions of our own processes use the database, such as those of `amends serve`."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            [APPLICATION],
        ).fetchone()
    return int(found[0]) if found else 0


def restore(url: str, file: Path) -> None:
    """Put the contents of the backup in the place of the present database."""
    import psycopg
    from psycopg import sql

    client = Client(url=url)
    present, fresh, replaced = client.database, f"{client.database}_restoring", f"{client.database}_replaced"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    try:
        with psycopg.connect(client.address(_MAINTENANCE), autocommit=True) as connection:
            locked = connection.execute("SELECT pg_try_advisory_lock(%s)", [_RESTORING]).fetchone()
            if not locked or not locked[0]:
                raise BackupError(f"{file}: another restore is running")
            connection.execute(drop.format(sql.Identifier(fresh)))  # what a restore that was killed left
            connection.execute(drop.format(sql.Identifier(replaced)))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(fresh)))
            try:
                _fill(client, fresh, file)
                _swap(client, connection, present=present, fresh=fresh, replaced=replaced)
            except BaseException:
                with contextlib.suppress(psycopg.Error):  # the first error is the one to be seen
                    connection.execute(drop.format(sql.Identifier(fresh)))
                raise
            connection.execute(drop.format(sql.Identifier(replaced)))
    except psycopg.Error as error:
        raise BackupError(f"{file}: {str(error).strip()}") from error


def _fill(client: Client, database: str, file: Path) -> None:
    arguments = ("--exit-on-error", "--no-owner", "--no-privileges", str(file))
    said = subprocess.run(
        **client.command("pg_restore", *arguments, database=database), capture_output=True, check=False
    )
    if said.returncode:
        raise BackupError(f"{file}: {_words(said.stderr)}")
    _forget_the_monitors_state(client.address(database))


def _forget_the_monitors_state(url: str) -> None:
    """The monitor's own file knows signals from after the backup, so it must not go on with it: it judges all anew."""
    import psycopg

    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT to_regclass('monitor_monitorprogress')").fetchone()
        if there and there[0]:
            connection.execute("TRUNCATE monitor_monitorprogress CASCADE")  # with what it counted on its way


def _swap(client: Client, connection: Any, *, present: str, fresh: str, replaced: str) -> None:
    """Rename both in one transaction. A rename keeps new connections out and waits five seconds for the old ones to
    leave; meanwhile we end them, since a service that runs would only connect again."""
    import psycopg
    from psycopg import sql

    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    over = threading.Event()

    def end_others() -> None:
        with psycopg.connect(client.address(_MAINTENANCE), autocommit=True) as other:
            while not over.wait(_LOOK):
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [present])

    thread = threading.Thread(target=end_others)
    thread.start()
    try:
        with connection.transaction():
            connection.execute(rename.format(sql.Identifier(present), sql.Identifier(replaced)))
            connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(present)))
    finally:
        over.set()
        thread.join()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(said: bytes) -> str:
    return said.decode(errors="replace").strip()

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from amends.site.postgres import running
from amends.site.postgres.dump import BackupError, back_up, check_backup, count_tables, restore


@pytest.fixture
def url(home: Path) -> Iterator[str]:
    with running(home, durable=False) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            connection.execute("CREATE TABLE remedy AS SELECT n, '补偿 ' || n AS what FROM generate_series(1, 500) n")
        yield url


def remedies(url: str) -> tuple[object, ...] | None:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*), max(what) FROM remedy").fetchone()


def databases(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [
            name for (name,) in connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        ]


def test_a_backup_brings_everything_back(url: str, tmp_path: Path):
    file = tmp_path / "backup"
    assert back_up(url, file) == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert [left.name for left in tmp_path.iterdir() if "backup" in left.name] == ["backup"]
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM remedy")
    restore(url, file)
    assert remedies(url) == (500, "补偿 99")
    assert databases(url) == ["amends", "postgres"]


def test_a_backup_that_breaks_off_leaves_the_database_and_no_trace(url: str, tmp_path: Path):
    file, broken = tmp_path / "backup", tmp_path / "broken"
    back_up(url, file)
    broken.write_bytes(file.read_bytes()[:-400])
    with pytest.raises(BackupError, match="broken"):
        restore(url, broken)
    assert remedies(url) == (500, "补偿 99")
    assert databases(url) == ["amends", "postgres"]


def test_what_is_no_backup_is_refused(url: str, tmp_path: Path):
    (tmp_path / "letter").write_text("Dear customer")
    for name in ("letter", "nowhere"):
        with pytest.raises(BackupError, match=name):
            check_backup(url, tmp_path / name)


def test_a_backup_that_can_not_be_written_keeps_the_one_before(url: str, tmp_path: Path):
    file = tmp_path / "backup"
    file.write_text("the one before")
    with pytest.raises(BackupError, match="backup"):
        back_up(f"{url}&options=-c%20nonsense%3D1", file)
    assert file.read_text() == "the one before"
    with pytest.raises(BackupError, match="can't be written"):
        back_up(url, tmp_path / "no such folder" / "backup")


def test_a_restore_gets_through_while_others_keep_coming_back(url: str, tmp_path: Path):
    file, over = tmp_path / "backup", threading.Event()
    back_up(url, file)

    def insist() -> None:
        while not over.is_set():
            try:
                with psycopg.connect(url) as connection:
                    connection.execute("SELECT pg_sleep(10)")
            except psycopg.Error:
                continue

    threads = [threading.Thread(target=insist) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        restore(url, file)
    finally:
        over.set()
        with psycopg.connect(url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        for thread in threads:
            thread.join()
    assert remedies(url) == (500, "补偿 99")


def test_what_a_killed_restore_left_is_cleared_away(url: str, tmp_path: Path):
    back_up(url, tmp_path / "backup")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE amends_restoring")
        connection.execute("CREATE DATABASE amends_replaced")
    restore(url, tmp_path / "backup")
    assert databases(url) == ["amends", "postgres"]


def test_an_empty_database_has_no_tables(url: str):
    assert count_tables(url) == 1
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE remedy")
    assert count_tables(url) == 0


def test_a_restore_forgets_how_far_the_monitor_had_come(url: str, tmp_path: Path):
    """Its own file has read signals that the backup does not know, under numbers that will be given out again."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE monitor_monitorprogress (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE monitor_keptcount (stream_id int REFERENCES monitor_monitorprogress)")
        connection.execute("INSERT INTO monitor_monitorprogress VALUES (500)")
        connection.execute("INSERT INTO monitor_keptcount VALUES (500)")
    back_up(url, tmp_path / "backup")
    restore(url, tmp_path / "backup")
    with psycopg.connect(url) as connection:
        for table in ("monitor_monitorprogress", "monitor_keptcount"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)

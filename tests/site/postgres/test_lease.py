import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from amends.site.postgres import PostgresError, database_url, running
from amends.site.postgres.locks import is_held, wait_until
from tests.site.processes import SECONDS, Holder, is_alive, kill, parent_of, server_pid

Hold = Callable[[], Holder]


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, connect_timeout=2) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return row[0]


def answers(url: str) -> bool:
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def write_a_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def test_the_first_command_makes_the_database_and_the_server_stops_with_it(empty_home: Path):
    with running(durable=True) as url:
        assert ask(url, "SELECT current_database() || ' ' || current_user") == "amends amends"
        assert ask(url, "SHOW fsync") == "on"
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW listen_addresses") == ""
        pid = server_pid(empty_home)
    assert not is_alive(pid)
    assert empty_home.stat().st_mode & 0o777 == 0o700


def test_chinese_words_change_case_and_sort_without_help_of_the_system(home: Path):
    with running(durable=False) as url:
        assert ask(url, "SELECT lower('ÀÉ') || upper('ß补救')") == "àéß补救"


def test_commands_that_start_at_once_share_one_server(empty_home: Path, hold: Hold):
    commands = [hold() for _ in range(3)]
    urls = {command.url() for command in commands}
    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT count(*) FROM pg_database WHERE datname = 'amends'") == 1
    assert [command.finish() for command in commands] == [0, 0, 0]


def test_the_server_stays_as_long_as_anybody_needs_it(home: Path, hold: Hold):
    first = hold()
    url = first.url()
    second = hold()
    assert second.url() == url
    pid = server_pid(home)
    first.finish()
    assert answers(url)
    assert server_pid(home) == pid
    second.finish()
    assert not is_alive(pid)


def test_a_command_that_is_killed_leaves_no_server(home: Path, hold: Hold):
    command = hold()
    command.url()
    pid = server_pid(home)
    command.kill()
    assert wait_until(lambda: not is_alive(pid), seconds=SECONDS)


@pytest.mark.parametrize("who", ["the server", "one of its helpers"])
def test_a_server_that_is_killed_comes_back_with_all_that_was_committed(home: Path, who: str):
    with running() as url:
        write_a_row(url)
        if who == "the server":
            pid = server_pid(home)
        else:
            pid = int(str(ask(url, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")))
        kill(pid)
        assert wait_until(lambda: not is_alive(pid) and answers(url), seconds=SECONDS)
        assert ask(url, "SELECT answer FROM kept") == 42


def test_a_guardian_that_is_killed_is_replaced_while_a_command_needs_the_server(home: Path):
    with running(durable=False) as url:
        write_a_row(url)
        old = server_pid(home)
        kill(parent_of(old))
        assert wait_until(lambda: not is_alive(old) and answers(url), seconds=SECONDS)
        assert ask(url, "SELECT answer FROM kept") == 42


def test_a_server_whose_guardian_and_command_are_killed_stops_by_itself(home: Path, hold: Hold):
    command = hold()
    command.url()
    pid = server_pid(home)
    guardian = parent_of(pid)
    command.kill()
    kill(guardian)
    assert wait_until(lambda: not is_alive(pid), seconds=SECONDS)


def test_after_everything_was_killed_the_next_command_finds_all_that_was_committed(home: Path, hold: Hold):
    command = hold()
    write_a_row(command.url())
    pid = server_pid(home)
    guardian = parent_of(pid)
    kill(guardian)
    kill(pid)
    command.kill()
    with running(durable=False) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_a_process_that_has_the_number_of_a_dead_server_is_left_alone(home: Path):
    servant = (home / "postgres" / "data").stat()
    as_servant = {"user": servant.st_uid, "group": servant.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **as_servant)
    try:
        data, sockets = home / "postgres" / "data", home / "postgres" / "run"
        lines = (stranger.pid, data, 1_700_000_000, 5432, sockets, "", " 1 1", "ready   ")
        (data / "postmaster.pid").write_text("".join(f"{line}\n" for line in lines))
        (sockets / ".s.PGSQL.5432.lock").write_text("".join(f"{line}\n" for line in lines[:5]))
        (sockets / ".s.PGSQL.5432").touch()
        with running(durable=False) as url:
            assert answers(url)
            assert server_pid(home) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_folder_with_a_very_long_name_works_under_one_address(made_home: Path, tmp_path: Path, hold: Hold):
    home = tmp_path / ("长" * 40) / ("x" * 200)
    home.parent.mkdir()
    subprocess.run(["cp", "-a", made_home, home], check=True)
    with running(home, durable=False) as url:
        assert answers(url)
    with running(home, durable=False) as again:
        assert again == url
        assert answers(again)
        sockets = Path((home / "postgres" / "socket").read_text().splitlines()[0])
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()
    sockets.mkdir(mode=0o777)
    sockets.chmod(0o777)  # somebody else may have made it meanwhile
    with running(home, durable=False) as other:
        assert other != url
        assert answers(other)
    sockets.rmdir()


def test_a_copy_of_a_folder_has_a_server_of_its_own(home: Path, tmp_path: Path):
    with running(tmp_path / ("x" * 200), durable=False) as url:
        write_a_row(url)
    subprocess.run(["cp", "-a", tmp_path / ("x" * 200), tmp_path / ("y" * 200)], check=True)
    with (
        running(tmp_path / ("x" * 200), durable=False) as first,
        running(tmp_path / ("y" * 200), durable=False) as second,
    ):
        assert first == url != second
        assert ask(first, "SELECT answer FROM kept") == ask(second, "SELECT answer FROM kept") == 42


def test_the_server_stops_when_its_folder_is_deleted(home: Path, hold: Hold):
    command = hold()
    command.url()
    pid = server_pid(home)
    shutil.rmtree(home, ignore_errors=True)
    assert wait_until(lambda: not is_alive(pid), seconds=SECONDS)
    command.kill()


def test_a_look_for_the_database_starts_nothing(home: Path, hold: Hold):
    assert database_url() is None
    command = hold()
    url = command.url()
    assert database_url() == url
    command.finish()
    assert database_url() is None


def test_with_a_database_of_ones_own_nothing_is_started(empty_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    with running() as url:
        assert url == database_url() == "postgresql://elsewhere/db"
    assert not empty_home.exists()


def test_a_folder_that_can_not_be_made_is_named_with_a_remedy(empty_home: Path, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(PostgresError, match="AMENDS_HOME") as raised, running(tmp_path / "file" / "home"):
        pass
    assert str(tmp_path / "file") in raised.value.place


def test_nobody_else_takes_a_lock_that_is_held(home: Path, hold: Hold):
    hold().url()
    assert is_held(home / "postgres" / "guardian.lock")
    assert is_held(home / "postgres" / "server.lock")

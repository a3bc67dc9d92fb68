import subprocess
from pathlib import Path

import pytest

from amends.site.postgres import PostgresError, running
from amends.site.postgres.error import remedy_for
from tests.site.processes import server_pid


def user_of(pid: int) -> str:
    return subprocess.check_output(["ps", "-o", "uid=", "-p", str(pid)], text=True).strip()


def test_the_server_never_runs_as_root_and_owns_its_data(home: Path):
    with running(durable=False):
        data = home / "postgres" / "data"
        assert user_of(server_pid(home)) == str(data.stat().st_uid) != "0"
        assert data.stat().st_mode & 0o777 == 0o700


def test_the_folders_above_stay_closed(empty_home: Path):
    above = [empty_home.parent, *empty_home.parent.parents]
    empty_home.parent.chmod(0o700)
    before = [folder.stat().st_mode for folder in above]
    with running(durable=False):
        assert [folder.stat().st_mode for folder in above] == before
        assert {folder.stat().st_mode & 0o777 for folder in (empty_home, empty_home / "postgres")} == {0o700}


def test_only_the_user_who_runs_amends_gets_in(home: Path):
    with running(durable=False):
        rules = (home / "postgres" / "data" / "pg_hba.conf").read_text().splitlines()
    assert [rule for rule in rules if not rule.startswith("#")] == ["local all all peer map=amends"]


def test_data_that_was_half_made_when_the_power_failed_is_made_again(empty_home: Path):
    half = empty_home / "postgres" / "data.new.abc"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running(durable=False):
        assert not half.exists()


def test_damaged_data_is_named_with_a_remedy_and_left_as_it_is(home: Path):
    damaged = home / "postgres" / "data" / "global" / "pg_control"
    damaged.write_bytes(b"")
    with pytest.raises(PostgresError, match="amends db restore") as raised, running(durable=False):
        pass
    assert raised.value.place == str(home / "postgres" / "data")
    assert "pg_control" in raised.value.reason
    assert damaged.read_bytes() == b""


def test_a_folder_that_is_no_data_folder_is_not_touched(empty_home: Path):
    data = empty_home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "holiday.jpg").touch()
    with pytest.raises(PostgresError, match="PG_VERSION"), running(durable=False):
        pass
    assert [file.name for file in data.iterdir()] == ["holiday.jpg"]


def test_data_of_a_version_that_is_not_installed_is_refused(home: Path):
    (home / "postgres" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match="the data is of PostgreSQL 9") as raised, running(durable=False):
        pass
    assert "amends db backup" in raised.value.remedy


def test_a_setting_that_the_owner_broke_is_shown_as_the_server_says_it(home: Path):
    settings = home / "postgres" / "data" / "postgresql.auto.conf"
    settings.write_text("archive_mode = perhaps\n")
    with pytest.raises(PostgresError, match="archive_mode"), running(durable=False):
        pass
    settings.write_text("")
    with running(durable=False):
        assert server_pid(home)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "make room"),
        ('FATAL:  could not open file "global/pg_control": Permission denied', "right to read and write"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "stop it first"),
        ("PANIC:  could not locate a valid checkpoint record", "amends db restore"),
    ],
)
def test_each_kind_of_trouble_has_its_own_advice(said: str, advice: str):
    assert advice in remedy_for(said)

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from amends.site.database_settings import django_database
from amends.site.postgres import running

Amends = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AMENDS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def up(home: Path) -> Iterator[str]:
    """The database runs all the time, so that the commands need not start it."""
    with running(durable=False) as url:
        yield url


@pytest.fixture
def amends() -> Amends:
    def call(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        said = subprocess.run(
            [sys.executable, "-m", "amends.cli", "db", *arguments], capture_output=True, text=True, check=False
        )
        assert said.returncode == code, said.stderr
        return said

    return call


@pytest.fixture
def sql(amends: Amends) -> Callable[[str], str]:
    return lambda text: amends("psql", "--", "-Atqc", text).stdout.strip()


def test_psql_starts_the_database_passes_arguments_on_and_stops_it_again(home: Path, amends: Amends, sql: Any):
    assert sql("SELECT current_database()") == "amends"
    assert amends("psql", "--", "-c", "SELECT nonsense", code=1).stderr.startswith("ERROR")
    assert not json.loads(amends("status", "--json").stdout)["running"]


def test_status_of_a_new_home_starts_nothing_and_makes_nothing(home: Path, amends: Amends):
    found = json.loads(amends("status", "--json").stdout)
    assert (found["embedded"], found["running"]) == (True, False)
    assert found["version"].startswith("18")
    assert found["data_folder"] == str(home / "postgres" / "data")
    assert not home.exists()


def test_status_of_a_running_database_tells_its_size_and_what_is_pending(up: str, amends: Amends):
    found = json.loads(amends("status", "--json").stdout)
    assert found["running"]
    assert found["size_bytes"] > 1_000_000
    assert found["migrations_applied"] == 0
    assert found["migrations_pending"] > 0
    said = amends("status").stdout
    assert "migrations pending" in said
    assert found["data_folder"] in said
    assert re.search(r"^running +yes$", said, re.MULTILINE)


def test_status_of_a_database_that_does_not_answer_is_no_and_hides_the_password(
    amends: Amends, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/amends")
    found = json.loads(amends("status", "--json", code=1).stdout)
    assert not found["running"]
    assert found["problem"]
    assert "secret" not in json.dumps(found)


def test_a_backup_is_put_back_only_over_an_empty_database_or_with_leave(
    up: str, amends: Amends, sql: Any, tmp_path: Path
):
    file = str(tmp_path / "backup")
    sql("CREATE TABLE remedy AS SELECT 1 AS n")
    amends("backup", file)
    assert Path(file).stat().st_mode & 0o777 == 0o600
    sql("UPDATE remedy SET n = 2")
    assert "--yes" in amends("restore", file, code=1).stderr
    assert sql("SELECT n FROM remedy") == "2"
    amends("restore", file, "--yes")
    assert sql("SELECT n FROM remedy") == "1"
    sql("DROP TABLE remedy")
    amends("restore", file)
    assert sql("SELECT n FROM remedy") == "1"


def test_a_file_that_is_there_is_replaced_only_with_leave(up: str, amends: Amends, tmp_path: Path):
    file = tmp_path / "backup"
    file.write_text("all we have")
    assert f"{file}: this file is there already" in amends("backup", str(file), code=1).stderr
    assert file.read_text() == "all we have"
    amends("backup", str(file), "--force")
    assert file.read_bytes().startswith(b"PGDMP")


def test_a_file_that_is_no_backup_is_bad_input_and_is_named(up: str, amends: Amends, tmp_path: Path):
    (tmp_path / "letter").write_text("Dear customer")
    assert str(tmp_path / "letter") in amends("restore", str(tmp_path / "letter"), "--yes", code=2).stderr
    assert str(tmp_path / "none") in amends("restore", str(tmp_path / "none"), "--yes", code=2).stderr
    assert str(tmp_path) in amends("backup", str(tmp_path), code=2).stderr
    assert "no such" in amends("backup", str(tmp_path / "no such" / "backup"), code=2).stderr


@pytest.mark.usefixtures("home")
def test_the_address_of_a_server_that_we_started_is_forgotten_with_it():
    asked = (
        "import contextlib, os\n"
        "from amends.cli.with_database import with_database\n"
        "with contextlib.suppress(SystemExit), with_database():\n"
        "    pass\n"
        "print(os.environ.get('DATABASE_URL'))"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout == "None\n", "or the next to open the database would find no server there"


def test_nothing_is_put_back_under_a_service_at_work(up: str, amends: Amends, sql: Any, tmp_path: Path):
    file = str(tmp_path / "backup")
    sql("CREATE TABLE remedy AS SELECT 1 AS n")
    amends("backup", file)
    sql("UPDATE remedy SET n = 2")
    options = django_database(up)["OPTIONS"]
    with psycopg.connect(up, application_name=options["application_name"]):
        assert "Stop `amends serve`" in amends("restore", file, "--yes", code=1).stderr
    assert sql("SELECT n FROM remedy") == "2"
    amends("restore", file, "--yes")
    assert sql("SELECT n FROM remedy") == "1"

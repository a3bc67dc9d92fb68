import subprocess
import sys

import typer
from typer.testing import CliRunner

from amends.cli.main import app
from amends.site.home import home_folder


def amends(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "amends.cli", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == code, said.stderr
    return said


def test_help_lists_the_commands_and_imports_none_of_them():
    asked = "import sys; from amends.cli.main import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    said = subprocess.check_output([sys.executable, "-c", asked], text=True)
    assert "serve" in said
    loaded = said.splitlines()[-1].split()
    assert not {"django", "psycopg", "duckdb", "amends.cli.db", "amends.site.postgres"} & set(loaded)


def test_each_command_shows_its_own_help():
    commands = typer.main.get_command(app).entries
    assert "serve" in commands
    for command in commands:
        assert f"Usage: amends {command}" in CliRunner().invoke(app, [command, "--help"], prog_name="amends").stdout


def test_the_version_is_told():
    assert amends("--version").stdout.startswith("amends ")


def test_an_unknown_command_is_bad_usage():
    assert "nonsense" in amends("nonsense", code=2).stderr


def test_a_database_that_can_not_be_had_is_told_without_a_traceback(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("AMENDS_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.delenv("DATABASE_URL")
    said = amends("db", "backup", str(tmp_path / "backup"), code=2)
    assert str(home_folder().parent) in said.stderr
    assert "Traceback" not in said.stderr

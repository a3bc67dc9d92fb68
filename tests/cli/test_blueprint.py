import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from amends.cli.main import app
from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.loading import PACKS, PARTS


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["blueprint", *map(str, arguments)])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    shutil.copytree(PACKS / "airline", folder)
    file = folder / "calendars.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("America/New_York", "America/Springfield", 1), encoding="utf-8"
    )
    return folder


def test_the_shipped_airline_is_sound() -> None:
    result = run("check", "airline")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "sound" in result.stdout


def test_check_prints_one_json_object() -> None:
    result = run("check", "airline", "--json")
    assert json.loads(result.stdout) == {
        "ok": True,
        "id": "airline",
        "digest": load_shipped("airline").digest,
        "problems": [],
    }


def test_a_broken_pack_ends_with_two_and_names_file_line_and_field(broken: Path) -> None:
    result = run("check", broken)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        f"{broken}/calendars.yaml:5: calendars.customer_care.tz: 'America/Springfield' is no time zone" in result.stderr
    )


def test_a_broken_pack_as_json(broken: Path) -> None:
    result = run("check", broken, "--json")
    assert result.exit_code == 2
    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["line"], problem["field"]) == (5, "calendars.customer_care.tz")


@pytest.mark.parametrize("command", [("check",), ("show",), ("diff", "airline")])
def test_a_pack_that_is_not_there_ends_with_two(command: tuple[str, ...]) -> None:
    result = run(*command, "zeppelin")
    assert result.exit_code == 2
    assert "no folder 'zeppelin'" in result.stderr
    assert "shipped: airline" in result.stderr


def test_show_and_diff_refuse_a_broken_pack_too(broken: Path) -> None:
    for result in (run("show", broken), run("diff", "airline", broken)):
        assert result.exit_code == 2
        assert "calendars.yaml:5" in result.stderr


def test_show_lists_what_the_pack_has() -> None:
    result = run("show", "airline")
    assert result.exit_code == 0
    for words in ("航空客运", "slow Delayed departure · 起飞延误", "depart-on-time", "eu261 from 2005-02-17 (law)"):
        assert words in result.stdout


def test_show_prints_one_part_for_people_and_for_machines() -> None:
    assert "tz: America/New_York" in run("show", "airline", "calendars").stdout
    shown = json.loads(run("show", "airline", "calendars", "--json").stdout)
    assert set(shown) == {"digest", "calendars"}
    assert shown["calendars"] == load_shipped("airline").content()["calendars"]


def test_show_of_everything_as_json_is_the_content() -> None:
    shown = json.loads(run("show", "airline", "--json").stdout)
    assert shown.pop("digest") == load_shipped("airline").digest
    assert shown == load_shipped("airline").content()


def test_show_names_the_parts_if_one_does_not_exist() -> None:
    result = run("show", "airline", "menu")
    assert result.exit_code == 2
    assert "no part 'menu'; it has id, name" in result.stderr


def test_equal_packs_do_not_differ() -> None:
    result = run("diff", "airline", PACKS / "airline")
    assert (result.exit_code, result.stdout) == (0, "")


def test_packs_that_differ_end_with_one_and_say_where(tmp_path: Path) -> None:
    shutil.copytree(PACKS / "airline", tmp_path / "ours")
    file = tmp_path / "ours" / "blueprint.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("own_case_from: moderate", "own_case_from: severe"), encoding="utf-8"
    )
    result = run("diff", "airline", tmp_path / "ours")
    assert (result.exit_code, result.stdout) == (1, "cases.own_case_from: moderate -> severe\n")
    machine = run("diff", "airline", tmp_path / "ours", "--json")
    gone = tmp_path / "gone"
    shutil.copytree(PACKS / "airline", gone)
    calendars = yaml.safe_load((gone / "calendars.yaml").read_text(encoding="utf-8"))
    calendars["calendars"]["spare"] = {
        "tz": "UTC",
        "name": {"en": "Spare", "zh": "备用"},
        "week": {"mon": ["09:00-12:00"]},
    }
    (gone / "calendars.yaml").write_text(yaml.safe_dump(calendars, allow_unicode=True), encoding="utf-8")
    said = run("diff", gone, "airline").stdout
    assert said.startswith('calendars.spare: {"')
    assert said.endswith("-> nothing\n")
    assert "备用" in said
    assert machine.exit_code == 1
    assert json.loads(machine.stdout) == {
        "changes": [{"path": "cases.own_case_from", "before": "moderate", "after": "severe"}]
    }


def test_schema_prints_one_part_or_all() -> None:
    one, every = json.loads(run("schema", "tariffs").stdout), json.loads(run("schema").stdout)
    assert one["properties"]["tariffs"]
    assert every["tariffs"] == one
    assert list(every) == list(PARTS)
    assert run("schema", "menu").exit_code == 2


def test_schema_writes_files_for_editors(tmp_path: Path) -> None:
    result = run("schema", "--out", tmp_path / "schemas")
    assert result.exit_code == 0
    assert {file.name for file in (tmp_path / "schemas").iterdir()} == {f"{part}.json" for part in PARTS}


@pytest.mark.parametrize("command", [(), ("check",), ("show",), ("diff",), ("schema",)])
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    assert run(*command, "--help").exit_code == 0


def test_check_judges_standards_as_the_monitor_will(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(PACKS / "airline", folder)
    file = folder / "standards.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "forbids: {type: flight.diverted}", 'forbids: {type: flight.diverted, where: "data.x BETWEEN 1 AND 2"}'
    )
    file.write_text(text, encoding="utf-8")
    line = 1 + next(number for number, written in enumerate(text.splitlines()) if "BETWEEN" in written)
    result = run("check", folder)
    assert result.exit_code == 2
    assert f"standards.yaml:{line}" in result.stderr


@pytest.fixture
def company(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands meet the test's own database, where a company is set up."""
    from contextlib import nullcontext

    from amends.cli import with_database
    from amends.kernel.text import Localised
    from amends.policy.models import Deployment
    from amends.policy.services import set_up_deployment

    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="X", zh="某"), timezone="UTC"
    )
    monkeypatch.setattr(with_database, "with_database", nullcontext)


@pytest.mark.usefixtures("company")
def test_what_is_published_stays_and_can_be_compared(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(PACKS / "airline", folder)
    manifest = folder / "blueprint.yaml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("own_case_from: moderate", "own_case_from: severe"),
        encoding="utf-8",
    )

    assert json.loads(run("publish", "airline", "--json").stdout)["number"] == 1
    assert json.loads(run("publish", "airline", "--json").stdout)["number"] == 1, "nothing new, no new version"
    assert json.loads(run("publish", folder, "--note", "only the severe", "--json").stdout)["number"] == 2
    listed = json.loads(run("versions", "airline", "--json").stdout)["versions"]
    assert [(row["number"], row["note"]) for row in listed] == [(2, "only the severe"), (1, "")]

    compared = run("diff", "airline@1", "airline@2", "--json")
    assert compared.exit_code == 1
    (change,) = json.loads(compared.stdout)["changes"]
    assert (change["before"], change["after"]) == ("moderate", "severe")


@pytest.mark.usefixtures("company")
def test_a_version_that_is_not_there_is_said_so() -> None:
    assert run("show", "airline@7").exit_code == 2
    assert run("versions", "nowhere").exit_code == 1

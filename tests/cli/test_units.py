"""`amends units`: a tree from a file, or a word about what is wrong with it and nothing planted."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amends.cli import units
from amends.people.models import Unit

pytestmark = pytest.mark.django_db
HEAD = "code,parent,name_en,name_zh\n"


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "with_database", nullcontext)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(units.app, [str(argument) for argument in arguments])


def given(folder: Path, text: str) -> Path:
    file = folder / "units.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_tree_is_planted_in_any_order_and_listed_below_its_parents(tmp_path: Path) -> None:
    file = given(tmp_path, HEAD + "HAM,HQ,Hamburg,汉堡\nHQ,,Headquarters,总部\n")
    counts = {"units": 2, "added": 2, "changed": 0, "as_before": 0}
    assert json.loads(run("load", file, "--json").stdout) == counts
    assert run("list").stdout.splitlines() == ["HQ  Headquarters · 总部", "  HAM  Hamburg · 汉堡"]
    listed = json.loads(run("list", "--json").stdout)["units"]
    assert listed[1] == {"code": "HAM", "parent": "HQ", "name_en": "Hamburg", "name_zh": "汉堡"}


def test_it_says_what_is_new_what_changed_and_what_is_as_before(tmp_path: Path) -> None:
    file = given(tmp_path, HEAD + "HAM,HQ,Hamburg,汉堡\nHQ,,Headquarters,总部\n")
    assert run("load", file).stdout == "2 units: 2 added\n"
    assert run("load", file).stdout == "2 units: 2 as before\n"
    more = given(tmp_path, HEAD + "HAM,HQ,Hamburg station,汉堡\nHQ,,Headquarters,总部\nMUC,HQ,Munich,慕尼黑\n")
    assert run("load", more).stdout == "3 units: 1 added, 1 changed, 1 as before\n"
    assert run("load", given(tmp_path, HEAD)).stdout == "The file has no units.\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("code,name_en,name_zh\nHQ,H,总部\n", "parent"),
        (HEAD + "HQ,,H,总部\nHAM,HQ,,汉堡\n", "row 3: name_en"),
        (HEAD + "HQ,,H,总部\nHAM,NOWHERE,Hamburg,汉堡\n", "NOWHERE"),
        (HEAD + "A,B,A,甲\nB,A,B,乙\n", "A"),
    ],
    ids=["a missing column", "an empty name", "an unknown parent", "a circle"],
)
def test_a_wrong_file_is_named_with_its_fault_and_plants_nothing(tmp_path: Path, text: str, word: str) -> None:
    result = run("load", given(tmp_path, text))
    assert result.exit_code == 2
    assert "units.csv" in result.stderr
    assert word in result.stderr
    assert not Unit.objects.exists()

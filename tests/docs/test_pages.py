"""The documentation is whole: everything has its page, links lead somewhere, both READMEs agree, and it builds."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from amends.kernel.blueprint import load_shipped
from docs.generate import api, commands, dependencies, outdated
from tests.docs.blocks import REPOSITORY, pages

CLI = REPOSITORY / "docs" / "reference" / "cli"
READMES = (REPOSITORY / "README.md", REPOSITORY / "README.zh-CN.md")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)


def read(path: str | Path) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def test_generated_parts_say_what_the_code_says() -> None:
    late = [str(page.path.relative_to(REPOSITORY)) for page in outdated()]
    assert not late, "run: python -m docs.generate"


def test_every_command_has_its_page_and_every_page_its_command() -> None:
    assert {path.stem for path in CLI.glob("*.md")} == set(commands.names())


@pytest.mark.parametrize("name", commands.names())
def test_a_page_of_a_command_has_all_below_it(name: str) -> None:
    page = read(CLI / f"{name}.md")
    assert f"<!-- generated: command {name} -->" in page
    for sub in commands.subcommands(name):
        assert f"## amends {name} {sub}\n" in page


def test_every_address_of_the_api_is_in_the_reference() -> None:
    page = read("docs/reference/api.md")
    assert api.addresses()
    for method, path, _details in api.addresses():
        assert f"\n### {method} {path}\n" in page


def test_every_variable_of_the_environment_is_in_the_reference() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src" / "amends").rglob("*.py"))
    asked = set(re.findall(r"\bAMENDS_[A-Z_]+\b", code))
    assert set(re.findall(r"\bAMENDS_[A-Z_]+\b", read("docs/reference/environment.md"))) == asked


def test_every_dependency_has_its_reason() -> None:
    assert list(dependencies.REASONS) == dependencies.names()


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"https?://", target):
            continue
        place, _, anchor = target.partition("#")
        there = (page.parent / place).resolve() if place else page
        assert there.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(there), f"{target}: no such heading"


def anchors(page: Path) -> set[str]:
    """Of the headings, as Sphinx and GitHub make them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = (shape(path.read_text(encoding="utf-8")) for path in READMES)
    assert english == chinese


def shape(page: str) -> list[str]:
    """What a translation keeps: levels of headings, commands, rows and code of tables, links, items of lists."""
    kept = []
    for line in page.splitlines():
        if line.startswith("#"):
            kept.append(line.split(" ")[0])
        elif line.startswith("$ "):
            kept.append(line)
        elif line.startswith("|"):
            kept.append("|".join(["row", str(line.count("|")), *re.findall(r"`[^`]+`", line), *links(line)]))
        elif line.startswith("- "):
            kept.append("item")
        elif line.startswith("!["):
            kept.append("picture")
    return kept


def links(line: str) -> list[str]:
    return [target for target in LINK.findall(line) if "README" not in target]


def test_the_readme_lists_benchmarks_that_there_are() -> None:
    named = set(re.findall(r"python -m benchmarks (\w+)", read("README.md")))
    assert named
    assert {name for name in named if not (REPOSITORY / "benchmarks" / f"{name}.py").exists()} == set()


def test_the_tutorial_speaks_as_the_screens_do() -> None:
    named = re.findall(r"\*\*(.+?)\*\*", FENCED.sub("", read("docs/tutorial/first-steps.md")))
    unknown = {words for words in named if words.isascii()} - set(translations())
    assert len(named) > 10
    assert not unknown


def translations() -> dict[str, str]:
    """The screens' English words and their Chinese."""
    catalogue = polib.pofile(str(REPOSITORY / "src/amends/web/locale/zh_Hans/LC_MESSAGES/django.po"))
    return {entry.msgid: entry.msgstr for entry in catalogue}


def test_sums_in_the_examples_are_those_of_the_pack() -> None:
    automatic = next(level for level in load_shipped("airline").authority if level.role == "automatic")
    for page in ("docs/tutorial/first-steps.md", "docs/explanation/life-of-a-failure.md"):
        assert f"{automatic.per_case:.0f} dollars" in " ".join(read(page).split())


def test_nothing_names_a_place_on_somebodys_machine() -> None:
    place = re.compile(r"(?<![\w.:/])/(?:home|root|Users|work|mnt)/[\w.]+")
    found = []
    for top in ("src", "tests", "docs", "benchmarks", ".ci", "."):
        files = (REPOSITORY / top).glob("*") if top == "." else (REPOSITORY / top).rglob("*")
        for path in files:
            if path.suffix in {".py", ".md", ".yaml", ".json", ".toml", ".html", ".css", ".js", ".svg", ".po", ""}:
                found += places(path, place)
    assert not found


def places(path: Path, place: re.Pattern[str]) -> list[str]:
    if not path.is_file() or "_build" in path.parts or path.name == ".git":  # a worktree's points to its repository
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return [f"{path.relative_to(REPOSITORY)}: {found}" for found in place.findall(text)]


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    build = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [sys.executable, *build, "-d", str(tmp_path / "trees"), "docs", str(tmp_path / "html")],
        cwd=REPOSITORY,
        env={**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "tutorial" / "first-steps.html").exists()


def test_words_are_those_of_the_screens() -> None:
    said = translations()
    _head, *rows = re.findall(r"^\| ([a-z ]+) \| (\S+) \|", read("docs/reference/words.md"), re.MULTILINE)
    on_screens = 0
    for word, chinese in rows:
        if word == "subject":
            continue  # on screens it is a letter's, too
        forms = [form for form in (word, f"{word}s", word.capitalize(), f"{word.capitalize()}s") if form in said]
        on_screens += bool(forms)
        assert not forms or chinese in {said[form] for form in forms}, word
    assert on_screens > 10


OF_THE_CODE = [page for page in pages() if page.parent.name != "how-to"]  # those name files of the reader


@pytest.mark.parametrize("page", OF_THE_CODE, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    """Paths in code type, from the repository, below docs/, or below src/amends/."""
    tops = (REPOSITORY, REPOSITORY / "docs", REPOSITORY / "src" / "amends")
    for named in re.findall(r"`((?:[\w.]+/)+[\w.]*\w)`", FENCED.sub("", page.read_text(encoding="utf-8"))):
        if not named.startswith("application/"):
            assert any((top / named).exists() for top in tops), f"{named} is not there"


def test_the_json_of_replay_and_demo_is_documented(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from amends.cli.replay import app
    from amends.site.demo import Figures

    (tmp_path / "events.csv").write_text("id,type,subject,time\n1,opened,S,2026-03-02T09:00:00Z\n")
    (tmp_path / "standards.yaml").write_text("version: 1\nstandards: [{id: none, forbids: {type: closed}}]\n")
    arguments = ["events.csv", "--standards", "standards.yaml", "--out", "out", "--json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        said = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert documented("replay") == list(said)
    assert documented("demo") == list(Figures.__dataclass_fields__)


def documented(name: str) -> list[str]:
    """The members of a command's JSON as its page lists them."""
    listed = re.search(r"^With `--json`:(.*?)\.(?:\s|$)", read(CLI / f"{name}.md"), re.DOTALL | re.MULTILINE)
    assert listed
    return re.findall(r"`(\w+)`", listed[1])

"""What the documentation shows works: commands print what stands there, snippets are taken by the real readers."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from amends.kernel.blueprint import load
from amends.kernel.blueprint.loading import OPTIONAL
from amends.monitor.core.signal import signal_from_cloudevent
from amends.monitor.core.standard import Standards
from tests.docs.blocks import REPOSITORY, Block, blocks, marked, pages

PAGES_THAT_RUN = sorted({block.page for block in marked("run")})
AIRLINE = REPOSITORY / "src" / "amends" / "blueprints" / "airline"


def test_there_is_something_of_each_kind_to_try() -> None:
    assert all(marked(mark) for mark in ("run", "exec", "standards", "blueprint", "signals", "body"))


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_commands_print_what_the_page_says(page: str, tmp_path: Path) -> None:
    for block in blocks(REPOSITORY / page):
        if "file" in block.marks:
            (tmp_path / block.marks["file"]).write_text(block.text, encoding="utf-8")
        if "run" in block.marks:
            for command, expected in commands_of(block):
                done = run(command, tmp_path)
                assert done.returncode == int(block.marks["run"] or 0), f"{command}\n{done.stdout}"
                assert expected == ["..."] or done.stdout.splitlines() == expected


def commands_of(block: Block) -> list[tuple[str, list[str]]]:
    """Each command with the lines that it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return found


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """As a reader would in that folder, with this Python's commands first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "AMENDS_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "block", [block for page in pages() for block in blocks(page) if block.language == "python"], ids=str
)
def test_python_compiles(block: Block) -> None:
    compile(block.text, block.page, "exec")


@pytest.mark.parametrize("block", marked("exec"), ids=str)
def test_python_runs(block: Block) -> None:
    exec(compile(block.text, block.page, "exec"), {"__name__": "from_the_docs"})  # noqa: S102 -- our own pages


@pytest.mark.parametrize("block", marked("standards"), ids=str)
def test_standards_are_taken_by_the_loader(block: Block) -> None:
    assert Standards.model_validate(yaml.safe_load(block.text)).standards


@pytest.mark.parametrize("block", marked("blueprint"), ids=str)
def test_parts_of_blueprints_make_a_sound_pack(block: Block, tmp_path: Path) -> None:
    for file in AIRLINE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    changed = tmp_path / f"{block.marks['blueprint']}.yaml"
    assert changed.exists() or changed.stem in OPTIONAL
    changed.write_text(block.text, encoding="utf-8")
    assert load(tmp_path).digest != load(AIRLINE).digest


@pytest.mark.parametrize("block", marked("signals"), ids=str)
def test_signals_are_taken_by_the_reader(block: Block) -> None:
    events = json.loads(block.text.replace("NOW", "2026-03-02T09:00:00Z"))
    signals = [signal_from_cloudevent(event, now=datetime(2026, 3, 2, 9, tzinfo=UTC)) for event in events]
    assert len({(signal.source, signal.id) for signal in signals}) == len(events) > 1


@pytest.mark.parametrize("block", marked("body"), ids=str)
def test_bodies_are_taken_by_the_api(block: Block) -> None:
    from amends.web.api.customers import CustomersIn
    from amends.web.api.roster import RosterIn

    {"customers": CustomersIn, "roster": RosterIn}[block.marks["body"]].model_validate(json.loads(block.text))

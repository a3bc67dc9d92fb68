"""Whatever happens to a demo, nothing is lost and nothing is done twice; and a person is told what to do."""

import os
import signal
from pathlib import Path

from tests.acceptance import demo
from tests.site.processes import server_pid


def _read_until(process: object, words: str) -> None:
    for line in process.stderr:  # type: ignore[attr-defined]
        if words in line:
            return
    raise AssertionError(f"the demo ended without saying {words!r}")


def test_the_database_is_killed_in_the_middle_and_the_demo_goes_on(tmp_path: Path) -> None:
    disturbed = demo.start(tmp_path, *demo.DAY)
    _read_until(disturbed, "2013-01-01 10:")
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    figures = demo.finished(disturbed)

    assert {name: figures[name] for name in demo.FIRST_OF_JANUARY} == demo.FIRST_OF_JANUARY
    assert demo.done_twice_or_never(tmp_path) == []


def test_the_demo_is_killed_in_the_middle_and_the_next_one_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    killed = demo.start(tmp_path, *demo.DAY)
    _read_until(killed, "2013-01-01 10:")
    killed.kill()
    killed.communicate()

    figures = demo.finished(demo.start(tmp_path, *demo.DAY))
    # which of a customer's two remedies is granted at once, and which waits for leave, hangs on who came first
    assert {name: figures[name] for name in demo.FIRST_OF_JANUARY} == demo.FIRST_OF_JANUARY
    assert demo.done_twice_or_never(tmp_path) == []


def test_two_demos_at_once_are_told_apart(tmp_path: Path) -> None:
    first = demo.start(tmp_path, *demo.DAY)
    _read_until(first, "signals")
    second = demo.start(tmp_path, *demo.DAY)
    _, words = second.communicate(timeout=120)
    assert second.returncode == 1
    assert "Another demo is running" in words
    assert demo.finished(first)["cases"] > 0


def test_a_companys_database_refuses_a_demo(tmp_path: Path) -> None:
    company = demo.start(
        tmp_path, "init", "--email", "a@example.test", "--name", "A", "--company-en", "X", "--company-zh", "某"
    )
    company.communicate(timeout=120)
    refused = demo.start(tmp_path, *demo.DAY)
    _, words = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "belongs to a company" in words

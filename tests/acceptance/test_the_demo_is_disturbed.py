"""Whatever happens to a demo, nothing is lost and nothing is done twice; and a person is told what to do."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.acceptance import demo
from tests.site.processes import server_pid

pytestmark = pytest.mark.early(turn=1)


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"the demo ended without saying {words!r}")


def test_it_is_killed_then_told_apart_from_another_then_loses_its_database_and_ends_as_if_nothing_had_been(
    home: Path,
) -> None:
    killed = demo.start(home, *demo.QUIET)
    _read_until(killed, "2013-11-28 22:")
    killed.kill()
    killed.communicate()

    disturbed = demo.start(home, *demo.QUIET)
    _read_until(disturbed, "signals")
    disturbed.send_signal(signal.SIGSTOP)  # so that it can't be done before the second one looks
    second = demo.start(home, *demo.QUIET)
    _, words = second.communicate(timeout=120)
    disturbed.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert "Another demo is running" in words

    _read_until(disturbed, "2013-11-29 22:")
    os.kill(server_pid(home), signal.SIGKILL)
    figures = demo.finished(disturbed)

    # which of a customer's two remedies is granted at once, and which waits for leave, hangs on who came first
    assert {name: figures[name] for name in demo.QUIET_DAY} == demo.QUIET_DAY
    assert demo.done_twice_or_never(home) == []
    books = demo.finished(demo.start(home, "ledger", "reconcile", "--json"))
    assert books["entries"] > 0
    assert books["differences"] == 0

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amends.site.postgres.locks import wait_until
from tests.site.processes import SECONDS, is_alive, kill

Group = Callable[..., "Running"]

# a child writes its number to a file named after it, again at each start
LIVES = "import os, pathlib, sys, time\nwith open(sys.argv[1], 'a') as f: print(os.getpid(), file=f)\n"
STAYS = LIVES + "print('I stay', flush=True)\nwhile True: time.sleep(60)\n"
FAILS = LIVES + "sys.exit('no good reason')\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STAYS
WITH_HELPER = "import subprocess, sys\nsubprocess.Popen(['sleep', '600'])\n" + STAYS
SUPERVISE = """
import json, sys
from amends.site.supervise import Command, Supervisor
commands = json.loads(sys.argv[1])
group = Supervisor([Command(name=name, argv=argv) for name, argv in commands.items()], grace=float(sys.argv[2]))
group.run()
group.say("all ended")
"""


class Running:
    """A supervisor as a process of its own."""

    def __init__(self, folder: Path, grace: float, scripts: dict[str, str]) -> None:
        import json

        self.folder, self.output = folder, folder / "output"
        commands = {name: [sys.executable, "-c", script, str(folder / name)] for name, script in scripts.items()}
        with self.output.open("wb") as output:
            argv = [sys.executable, "-c", SUPERVISE, json.dumps(commands), str(grace)]
            self.process = subprocess.Popen(argv, stdout=output, stderr=output)

    def pids(self, name: str) -> list[int]:
        file = self.folder / name
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def wait_for_start(self, name: str, times: int = 1) -> int:
        """The number of the child when it has started so many times."""
        assert wait_until(lambda: len(self.pids(name)) >= times, seconds=SECONDS), self.output.read_text()
        return self.pids(name)[times - 1]

    def wait_for_words(self, words: str) -> None:
        assert wait_until(lambda: words in self.output.read_text(), seconds=SECONDS), self.output.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=SECONDS)


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    running: list[Running] = []

    def start(grace: float = 8.0, **scripts: str) -> Running:
        running.append(Running(tmp_path, grace, scripts))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.stop()


def test_what_dies_is_started_again_and_the_others_are_left_alone(group: Group):
    running = group(web=STAYS, worker=STAYS)
    web, worker = running.wait_for_start("web"), running.wait_for_start("worker")
    kill(web)
    running.wait_for_start("web", times=2)
    running.wait_for_words("amends | web was killed by SIGKILL; starting it again")
    assert running.pids("worker") == [worker]
    assert is_alive(worker)


def test_what_dies_again_and_again_is_tried_less_often_and_said_plainly(group: Group):
    running = group(monitor=FAILS, web=STAYS)
    running.wait_for_words("monitor ended with 1, 3 times in a row; next try in 1 s. Its last words: no good reason")
    assert len(running.pids("web")) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_stop_when_it_is_asked_to_stop(group: Group, how: signal.Signals):
    running = group(web=STAYS, worker=STAYS)
    children = [running.wait_for_start("web"), running.wait_for_start("worker")]
    assert running.stop(how) == 0
    assert not any(is_alive(child) for child in children)
    assert running.output.read_text().endswith("all ended\n")


def test_what_does_not_stop_is_killed(group: Group):
    running = group(grace=0.5, web=STAYS, worker=STUBBORN)
    worker = running.wait_for_start("worker")
    running.wait_for_words("worker | I stay")
    assert running.stop() == 0
    assert not is_alive(worker)
    assert "worker did not stop and is killed" in running.output.read_text()


def test_a_second_ctrl_c_does_not_wait(group: Group):
    running = group(grace=3600.0, worker=STUBBORN)
    worker = running.wait_for_start("worker")
    running.wait_for_words("worker | I stay")
    running.process.send_signal(signal.SIGINT)
    assert running.stop() == 0
    assert not is_alive(worker)


def test_children_die_with_a_supervisor_that_is_killed(group: Group):
    running = group(web=STAYS, worker=STUBBORN)
    children = [running.wait_for_start("web"), running.wait_for_start("worker")]
    running.wait_for_words("worker | I stay")
    running.process.kill()
    running.process.wait()
    assert wait_until(lambda: not any(is_alive(child) for child in children), seconds=SECONDS)


def test_helpers_of_a_child_that_is_killed_end_before_it_is_started_again(group: Group):
    running = group(web=WITH_HELPER)
    web = running.wait_for_start("web")
    kill(web)
    running.wait_for_start("web", times=2)
    group_of_web = subprocess.run(["pgrep", "-g", str(web)], capture_output=True, text=True, check=False).stdout
    assert not any(is_alive(int(helper)) for helper in group_of_web.split())


def test_each_line_bears_the_name_of_its_process(group: Group):
    running = group(
        web="import sys\nprint('half', end='')\nsys.stdout.flush()\nprint(' a line\\n补救')\n" + STAYS, worker=STAYS
    )
    running.wait_for_words("worker | I stay")
    running.wait_for_words("web    | I stay")
    lines = running.output.read_text().splitlines()
    assert {"web    | half a line", "web    | 补救", "web    | I stay", "worker | I stay"} == set(lines)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path):
    code = (
        "from amends.site.supervise import Command, Supervisor\n"
        "Supervisor([Command(name='web', argv=['/no/such/program'])]).run()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "web could not be started" in process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        process.stdout.read()

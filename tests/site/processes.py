"""Commands as processes of their own, and what tests do to processes."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

SECONDS = 20.0  # patience on a busy machine; nothing waits that long unless it is broken

_HOLD = "from amends.site.postgres import running\nwith running() as url:\n    print(url, flush=True)\n    input()"


class Holder:
    """A command that needs the database until it is told to go on."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def finish(self) -> int:
        with suppress(BrokenPipeError):
            self.process.communicate("go on\n", timeout=SECONDS)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def server_pid(home: Path) -> int:
    """The number of the server that runs now."""
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def parent_of(pid: int) -> int:
    return int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(pid)], text=True))


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether there is such a process that has not ended (one that nobody has asked after yet has)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")

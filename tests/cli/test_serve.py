import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amends.site.postgres.locks import is_held, wait_until
from tests.homes import copy_of_made_home
from tests.site.processes import is_alive, kill, parent_of

SECONDS = 60.0  # patience: the first start makes the database and all tables


class Service:
    """`amends serve` as a process of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home, self.output = home, home.parent / "output"
        with self.output.open("wb") as output:
            argv = [sys.executable, "-m", "amends.cli", "serve", "--port", "0", "--workers", "2", *options]
            self.process = subprocess.Popen(argv, stdout=output, stderr=output)

    def said(self) -> str:
        return self.output.read_text()

    def url(self) -> str:
        assert wait_until(lambda: "Amends is at" in self.said() or self.process.poll() is not None, seconds=SECONDS)
        found = re.search(r"Amends is at (\S+)", self.said())
        assert found, self.said()
        return found[1]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url(), timeout=5):  # noqa: S310 - our own address
                return True
        except urllib.error.HTTPError:
            return True  # an answer, if not the one that was hoped for
        except OSError:
            return False

    def processes(self, command: str = "") -> set[int]:
        """Those that were given this service's data folder and whose command line has this in it."""
        mine = f"AMENDS_HOME={self.home}".encode()
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mine in (folder / "environ").read_bytes().split(b"\0"):
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found |= {int(folder.name)} if command in line else set()
            except OSError:
                continue
        return {pid for pid in found if is_alive(pid)}

    def is_gone(self) -> bool:
        return not self.processes() and not is_held(self.home / "postgres" / "server.lock")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all of them, with its tables."""
    return copy_of_made_home(tmp_path_factory.mktemp("serve"))


@pytest.fixture
def serve(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Service]]:
    monkeypatch.setenv("AMENDS_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    started: list[Service] = []

    def start(*options: str) -> Service:
        started.append(Service(home, *options))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()


def test_the_service_comes_up_mends_itself_and_stops_within_ten_seconds(serve: Callable[..., Service]):
    service = serve()
    assert service.answers()
    assert wait_until(lambda: len(service.processes("granian")) == 3, seconds=SECONDS)
    for name in ("amends.site.worker", "amends.site.monitor_loop"):
        assert wait_until(lambda name=name: service.processes(name), seconds=SECONDS), service.said()
    before = service.processes("granian")
    first = next(pid for pid in before if parent_of(pid) == service.process.pid)  # the one that made the others
    kill(first)
    assert wait_until(lambda: not any(is_alive(pid) for pid in before), seconds=SECONDS)
    assert wait_until(service.answers, seconds=SECONDS)
    assert "web was killed by SIGKILL; starting it again" in service.said()

    asked_at = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=SECONDS) == 0
    assert time.monotonic() - asked_at < 10
    assert service.is_gone()


def test_nothing_is_left_of_a_service_without_its_monitor_that_is_killed(serve: Callable[..., Service]):
    service = serve("--without-monitor")
    assert service.answers()
    assert service.processes("amends.site.worker")
    assert not service.processes("amends.site.monitor_loop")
    service.process.kill()
    service.process.wait()
    assert wait_until(service.is_gone, seconds=SECONDS), service.processes()


def test_a_port_that_is_taken_is_told_before_anything_starts(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AMENDS_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = subprocess.run(
            [sys.executable, "-m", "amends.cli", "serve", "--port", port], capture_output=True, text=True, check=False
        )
    assert said.returncode == 2
    assert f"Port {port}" in said.stderr
    assert not is_held(home / "postgres" / "server.lock")

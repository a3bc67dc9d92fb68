"""Data folders with a database of their own, and commands that hold it."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amends.site.postgres import running
from amends.site.postgres.locks import is_held, wait_until
from tests.site.processes import SECONDS, Holder


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first command leaves it."""
    home = tmp_path_factory.mktemp("made") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        with running(home, durable=False):
            pass
    return home


@pytest.fixture
def empty_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that is yet to be made, with a short name. After the test no server may be left on it."""
    above = Path(tempfile.mkdtemp(prefix="amends-"))
    home = above / "home"
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AMENDS_HOME", str(home))
    yield home
    assert wait_until(lambda: not is_held(home / "postgres" / "server.lock"), seconds=SECONDS), "a server was left"
    assert wait_until(lambda: not is_held(home / "postgres" / "guardian.lock"), seconds=SECONDS), "a guardian was left"
    shutil.rmtree(above)


@pytest.fixture
def home(empty_home: Path, made_home: Path) -> Path:
    """A data folder with a database that nobody uses yet."""
    subprocess.run(["cp", "-a", made_home, empty_home], check=True)
    return empty_home


@pytest.fixture
def hold(empty_home: Path) -> Iterator[Callable[[], Holder]]:
    """Starts commands that hold a lease; ends those that a test leaves."""
    holders: list[Holder] = []

    def start() -> Holder:
        holders.append(Holder())
        return holders[-1]

    yield start
    for holder in holders:
        if holder.process.poll() is None:
            holder.kill()

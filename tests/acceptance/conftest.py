"""Data folders for demos: one that has all its tables already is made once a run, for tests of what comes after."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from tests.acceptance import demo
from tests.acceptance.watching import airline_watched
from tests.browsers import airline, chromium, visit

__all__ = ["airline", "airline_watched", "chromium", "visit"]  # fixtures


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder of one's own whose database has its tables, and in them nothing."""
    made = Path(os.environ["AMENDS_HOME"]) / "made"  # the folder of this run; its workers share it
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            demo.make_tables(made.with_suffix(".half"))
            made.with_suffix(".half").rename(made)
    subprocess.run(["cp", "-a", made, tmp_path / "home"], check=True)
    return tmp_path / "home"

"""Data folders whose database has all its tables already: one is made once a run, for tests of what comes after."""

import fcntl
import os
import subprocess
from pathlib import Path

from tests.acceptance import demo


def copy_of_made_home(above: Path) -> Path:
    """A data folder of one's own below that one, as the first command that needs the database leaves it."""
    made = Path(os.environ["AMENDS_TESTS_HOME"]) / "made"  # the folder of this run; its workers share it
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            demo.make_tables(made.with_suffix(".half"))
            made.with_suffix(".half").rename(made)
    subprocess.run(["cp", "-a", made, above / "home"], check=True)
    return above / "home"

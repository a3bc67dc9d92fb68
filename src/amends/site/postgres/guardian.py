"""The process that keeps one server alive as long as anybody needs it, and no longer.

Started by the first command (`python -m amends.site.postgres.guardian ROOT LOCK-DESCRIPTOR`), it detaches itself,
holds guardian.lock, starts the server again when it dies, and stops it when it gets leases.lock for itself, which
means that no command holds a lease any more. One thread; it only looks at locks ten times a second."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from amends.site.postgres.error import NOT_STARTED, PostgresError
from amends.site.postgres.folder import Folder
from amends.site.postgres.locks import try_lock
from amends.site.postgres.server import Server, wait_until_ready

_LOOK = 0.1  # seconds between two looks at the leases
_START = 600.0  # seconds: going through the log after a crash can take long
_LOG_LIMIT = 16 * 2**20  # bytes after which server.log becomes server.log.1
_SHORT_LIFE, _ATTEMPTS = 60.0, 5  # so many deaths, each within so many seconds, and the guardian gives up


def main(arguments: list[str]) -> int:
    """Detach, start the server, tell the starter whether that went well, watch."""
    folder, lock, durable = Folder(root=Path(arguments[0])), int(arguments[1]), "--not-durable" not in arguments
    os.set_inheritable(lock, False)
    heard, told = os.pipe()
    if os.fork():
        os.close(told)
        os.close(lock)
        return _report(heard)
    os.close(heard)
    _detach(folder)
    server: Server | None = None
    try:
        server = Server(folder, durable=durable)
        _start(server)
    except (PostgresError, OSError) as error:
        problem = error if isinstance(error, PostgresError) else PostgresError(str(error), place=folder.root)
        os.write(told, f"{problem.place}\0{problem.reason}\0{problem.remedy}".encode())
        if server is not None:
            server.stop()
        return NOT_STARTED
    os.write(told, b"ready")
    os.close(told)
    _watch(server, lock)
    return 0


def _report(heard: int) -> int:
    """In the process that the starter waits for: pass on what the guardian says."""
    with os.fdopen(heard, "rb") as pipe:
        said = pipe.read()
    if said == b"ready":
        return 0
    sys.stderr.buffer.write(said)
    sys.stderr.flush()
    return NOT_STARTED


def _detach(folder: Folder) -> None:
    os.setsid()
    os.chdir("/")
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)


def _start(server: Server) -> None:
    before = server.folder.log.stat().st_size
    server.start()
    if not wait_until_ready(server, seconds=_START):
        with server.folder.log.open("rb") as log:
            log.seek(before)
            said = log.read()[-4000:].decode(errors="replace").strip()
        raise PostgresError(said or "the server does not answer", place=server.folder.data)


def _watch(server: Server, lock: int) -> None:
    """Until nobody has a lease, someone asks us to stop, or our folder was deleted."""
    asked: list[int] = []
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, lambda number, _frame: asked.append(number))
    deaths: list[float] = []
    while not asked and os.fstat(lock).st_nlink and try_lock(server.folder.leases) is None:
        if server.has_died():
            deaths = [*(then for then in deaths if time.monotonic() - then < _SHORT_LIFE), time.monotonic()]
            if len(deaths) > _ATTEMPTS:
                return
            try:
                _start(server)
            except (PostgresError, OSError) as error:
                _say(f"could not be started again: {error}")
                time.sleep(len(deaths))
        _turn_log(server.folder.log)
        time.sleep(_LOOK)
    server.stop()


def _turn_log(log: Path) -> None:
    """Keep the log small: the server appends to one open file, so it is copied and emptied."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def _say(text: str) -> None:
    sys.stderr.write(f"guardian: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The process that keeps one server alive as long as anybody needs it, and no longer.

Started by the first command (`python -m amends.site.postgres.guardian ROOT LOCK-DESCRIPTOR`), it detaches itself,
holds guardian.lock, starts the server again when it dies, and stops it when it gets leases.lock for itself, which
means that no command holds a lease any more. One thread; it only looks at locks ten times a second."""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from amends.site.postgres.error import KILLED, NOT_STARTED, PostgresError
from amends.site.postgres.folder import Folder
from amends.site.postgres.locks import POLL, try_lock
from amends.site.postgres.server import Server

_LOOK = 0.1  # seconds between two looks at the leases
_LOG_LIMIT = 16 * 2**20  # bytes after which server.log becomes server.log.1
_to_stop: list[str] = []  # reasons why this guardian has to stop
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
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, lambda number, _frame: _to_stop.append(signal.Signals(number).name))
    server: Server | None = None
    try:
        server = Server(folder, durable=durable)
        _start(server, lock)
    except (PostgresError, OSError) as error:
        problem = error if isinstance(error, PostgresError) else PostgresError(str(error), place=folder.root)
        with contextlib.suppress(BrokenPipeError):
            os.write(told, f"{problem.place}\0{problem.reason}\0{problem.remedy}".encode())
        if server is not None:
            server.stop()
        return NOT_STARTED
    with contextlib.suppress(BrokenPipeError):  # the starter may have been killed; the leases tell
        os.write(told, b"ready")
    os.close(told)
    _watch(server, lock)
    server.stop()
    folder.remove_socket_folder()
    return 0


def _report(heard: int) -> int:
    """In the process that the starter waits for: pass on what the guardian says."""
    with os.fdopen(heard, "rb") as pipe:
        said = pipe.read()
    if said == b"ready":
        return 0
    sys.stderr.buffer.write(said)
    sys.stderr.flush()
    return NOT_STARTED if said else KILLED


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


def _start(server: Server, lock: int) -> None:
    """Start it and wait until it takes connections. After a crash it may go through its log for as long as it needs."""
    before = server.folder.log.stat().st_size
    server.start()
    while not server.is_ready() and not server.has_died() and not _is_abandoned(server, lock):
        time.sleep(POLL)
    if server.has_died():
        with server.folder.log.open("rb") as log:
            log.seek(before)
            said = log.read()[-4000:].decode(errors="replace").strip()
        raise PostgresError(said or "the server ended without a word", place=server.folder.data)


def _watch(server: Server, lock: int) -> None:
    """Until nobody has a lease, someone asks us to stop, or our folder was deleted."""
    deaths: list[float] = []
    while not _is_abandoned(server, lock):
        if server.has_died():
            deaths = [*(then for then in deaths if time.monotonic() - then < _SHORT_LIFE), time.monotonic()]
            if len(deaths) > _ATTEMPTS:
                return
            try:
                _start(server, lock)
            except (PostgresError, OSError) as error:
                _say(f"could not be started again: {error}")
                time.sleep(len(deaths))
        _turn_log(server.folder.log)
        time.sleep(_LOOK)


def _is_abandoned(server: Server, lock: int) -> bool:
    """From the moment that this is true no command can get a lease until we have ended."""
    if not os.fstat(lock).st_nlink:
        _to_stop.append("the folder was deleted")
    elif not _to_stop and try_lock(server.folder.leases) is not None:  # ours until we end
        _to_stop.append("nobody needs the server")
    return bool(_to_stop)


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

"""A command's claim on the embedded server: while one is held, the server is up."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from amends.site.home import open_home
from amends.site.postgres.error import KILLED, NOT_STARTED, PostgresError
from amends.site.postgres.folder import DATABASE, Folder
from amends.site.postgres.locks import POLL, is_held, relock, try_lock, wait_for_lock

_PATIENCE = 60.0  # seconds for someone else's start or stop
_KEEP = 0.5  # seconds between two looks whether the guardian lives


class Lease:
    """Shared lock on leases.lock. Ends with `release`, or by itself when the process ends, however it ends."""

    def __init__(self, home: Path | None = None, *, durable: bool = True) -> None:
        self.folder = Folder(root=_open(home) / "postgres")
        self.folder.prepare()
        self._durable = durable
        held = wait_for_lock(self.folder.leases, seconds=_PATIENCE, shared=True)
        if held is None:
            remedy = "Look into server.log beside it; if the server hangs, stop it by hand."
            raise PostgresError("the server takes too long to stop", place=self.folder.root, remedy=remedy)
        self._held = held
        try:
            self._bring_up()
        except BaseException:
            os.close(held)
            raise

    @property
    def url(self) -> str:
        return self.folder.url()

    def keep(self) -> None:
        """Bring the server back if its guardian was killed; to be called now and then."""
        if not is_held(self.folder.guardian):
            self._bring_up()

    def release(self) -> None:
        """Give the claim up. Whoever was the last waits until the server has stopped."""
        alone = relock(self._held, self.folder.leases)
        os.close(self._held)
        deadline = time.monotonic() + _PATIENCE
        while alone and is_held(self.folder.guardian) and time.monotonic() < deadline:
            time.sleep(POLL)
            alone = not self._taken_by_another()

    def _taken_by_another(self) -> bool:
        """Whether someone has a lease now: it can be shared, but not had alone."""
        mine = try_lock(self.folder.leases, shared=True)
        if mine is None:
            return False  # the guardian has it and is stopping
        shared = not relock(mine, self.folder.leases)
        os.close(mine)
        return shared

    def _bring_up(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            lock = try_lock(self.folder.guardian)
            if lock is not None:
                try:
                    self._start_guardian(lock)
                finally:
                    os.close(lock)
            problem = self._problem()
            if problem is None:
                return
            if time.monotonic() > deadline:
                raise PostgresError(problem, place=self.folder.root, remedy="Look into server.log beside it.")
            time.sleep(POLL)

    def _start_guardian(self, lock: int) -> None:
        options = [] if self._durable else ["--not-durable"]
        command = [sys.executable, "-m", "amends.site.postgres.guardian", str(self.folder.root), str(lock), *options]
        said = subprocess.run(command, pass_fds=[lock], capture_output=True, check=False)  # noqa: S603 - ourselves
        if said.returncode == NOT_STARTED:
            place, reason, remedy = said.stderr.decode(errors="replace").split("\0")
            raise PostgresError(reason, place=place, remedy=remedy)
        if said.returncode not in {0, KILLED, -signal.SIGKILL}:
            raise PostgresError(said.stderr.decode(errors="replace").strip(), place=self.folder.root)

    def _problem(self) -> str | None:
        """Why the database can't be used yet; makes it if only that is missing."""
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if f'database "{DATABASE}" does not exist' not in str(error):
                return str(error)
            existing = psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation  # another command was faster
            with (
                contextlib.suppress(*existing),
                psycopg.connect(self.folder.url(database="postgres"), autocommit=True) as connection,
            ):
                connection.execute(f"CREATE DATABASE {DATABASE}")
        return None


@contextlib.contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """A thread that calls `lease.keep` now and then."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_KEEP):
            try:
                lease.keep()
            except PostgresError as error:
                sys.stderr.write(f"{error}\n")

    thread = threading.Thread(target=watch, name="amends-postgres", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _open(home: Path | None) -> Path:
    try:
        return open_home(home)
    except OSError as error:
        place = error.filename or str(home)
        raise PostgresError(
            os.strerror(error.errno or 0), place=place, remedy="Set AMENDS_HOME to a folder that can be made."
        ) from error

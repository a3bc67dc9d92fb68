"""One `postgres` process on one data folder: made once, started, waited for, stopped.

Root can't run PostgreSQL: then the programs run as an ordinary user, who is given the data folder and the socket
folder as open descriptors (/proc/self/fd/N). So the folders above need not be opened to anybody."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from amends.site.orphans import die_with_parent
from amends.site.postgres import binaries
from amends.site.postgres.error import PostgresError
from amends.site.postgres.folder import ROLE, Folder
from amends.site.postgres.locks import wait_for_lock

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "wal_buffers": "64MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "temp_buffers": "64MB",
    "maintenance_work_mem": "128MB",
    "autovacuum_work_mem": "32MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
}
_FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SMALL = 256 * 2**20  # containers often give 64 MB of shared memory, too little for parallel queries
_OLD_SERVER = 60.0  # seconds that the server of a guardian that died may take to stop


class Server:
    """A server process and what it needs; only the guardian makes one."""

    def __init__(self, folder: Folder, *, durable: bool) -> None:
        self.folder, self.durable = folder, durable
        self.servant = folder.servant()
        found = binaries.find(major=folder.major())
        if self.servant is not None:
            found = binaries.for_user(found, self.servant.pw_uid, self.servant.pw_gid)
        self.binaries = found
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, making the data first if there is none. Returns at once: see `is_ready`."""
        lock = wait_for_lock(self.folder.server, seconds=_OLD_SERVER)
        if lock is None:
            remedy = "Wait until it has stopped, or stop it yourself; then start again."
            raise PostgresError("an older server is still stopping", place=self.folder.data, remedy=remedy)
        try:
            self._sweep()
            if not self.folder.data.exists():
                self._make_data()
            self._write_access_rules()
            with self._open(self.folder.make_socket_folder(self.servant)) as (sockets, first):
                for left in Path(sockets if self.servant is None else f"/proc/self/fd/{first[0]}").iterdir():
                    left.unlink()  # of a server that was killed: we hold its lock, so it is gone
                with self._open(self.folder.data) as (data, second):
                    settings = _settings(self.binaries.major, durable=self.durable)
                    settings |= {"unix_socket_directories": sockets}
                    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
                    with self.folder.log.open("ab") as log:
                        self.process = subprocess.Popen(  # noqa: S603 - our own program
                            [self.binaries.program("postgres"), "-D", data, *options],
                            pass_fds=[lock, *first, *second],
                            stdin=subprocess.DEVNULL,
                            stdout=log,
                            stderr=log,
                            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - the guardian has one thread
                            **self._as_servant(),
                        )
        finally:
            os.close(lock)  # from here on only the server and its own processes hold it

    def is_ready(self) -> bool:
        """Whether it takes connections, as it notes itself in the eighth line of postmaster.pid."""
        try:
            lines = (self.folder.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Stop cleanly; the hard way if that takes too long (the write-ahead log then makes it whole)."""
        if self.process is None:
            return
        for how, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=patience)
                return

    def _sweep(self) -> None:
        """Remove what killed processes left. We hold the server's lock: none of them lives, whatever its number."""
        for half in self.folder.root.glob("data.new.*"):
            shutil.rmtree(half)
        (self.folder.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_data(self) -> None:
        """Make the data beside its place and move it there when it is whole."""
        half = Path(tempfile.mkdtemp(prefix="data.new.", dir=self.folder.root))
        if self.servant is not None:
            os.chown(half, self.servant.pw_uid, self.servant.pw_gid)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.binaries.major >= 17 else []
        sync = [] if self.durable else ["--no-sync"]
        with self._open(half) as (data, descriptors):
            said = subprocess.run(  # noqa: S603 - our own program
                [
                    *(self.binaries.program("initdb"), "-D", data, "-U", ROLE, "--auth=reject"),
                    *("--encoding=UTF8", "--locale=C", *locale, "--data-checksums", *sync),
                ],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                preexec_fn=die_with_parent(signal.SIGKILL),
                **self._as_servant(),
            )
        if said.returncode:
            shutil.rmtree(half, ignore_errors=True)
            raise PostgresError(said.stderr.strip() or f"initdb ended with {said.returncode}", place=self.folder.data)
        half.rename(self.folder.data)

    def _write_access_rules(self) -> None:
        """Only the user who runs Amends (and the server's own user) gets in, and only through the socket."""
        users = {pwd.getpwuid(os.geteuid()).pw_name, *([self.servant.pw_name] if self.servant else [])}
        rules = {
            "pg_hba.conf": "local all all peer map=amends\n",
            "pg_ident.conf": "".join(f'amends "{user}" {ROLE}\n' for user in sorted(users)),
        }
        for name, text in rules.items():
            file = self.folder.data / name
            try:
                file.write_text(f"# Written by Amends at each start.\n{text}", encoding="utf-8")
                if self.servant is not None:
                    os.chown(file, self.servant.pw_uid, self.servant.pw_gid)
            except OSError as error:
                raise PostgresError(os.strerror(error.errno or 0), place=file) from error

    @contextlib.contextmanager
    def _open(self, place: Path) -> Iterator[tuple[str, list[int]]]:
        """How the server should call a folder, and the descriptors that it must be given for that."""
        if self.servant is None or not sys.platform.startswith("linux"):
            yield str(place), []
            return
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{descriptor}", [descriptor]
        finally:
            os.close(descriptor)

    def _as_servant(self) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        asked: dict[str, Any] = {"cwd": "/", "env": environment | {"LC_ALL": "C", "TZ": "UTC"}, "umask": 0o077}
        if self.servant is not None:
            asked |= {"user": self.servant.pw_uid, "group": self.servant.pw_gid, "extra_groups": []}
        return asked


def _settings(major: int, *, durable: bool) -> dict[str, str]:
    chosen = _SETTINGS | ({} if durable else _FOR_TESTS)
    if major >= 18:
        chosen |= {"io_method": "sync"}  # nearly all is in memory; processes of its own for reading only cost turns
    with contextlib.suppress(OSError):
        memory = os.statvfs("/dev/shm")  # noqa: S108 - only its size is read
        if memory.f_frsize * memory.f_blocks < _SMALL:
            chosen |= {"dynamic_shared_memory_type": "mmap"}
    return chosen

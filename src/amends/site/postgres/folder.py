"""What lies where in `AMENDS_HOME/postgres`, and which user owns it.

The folder holds: data/ and run/ (the server's own), server.log, socket (where the socket is), and three lock files:
leases.lock (shared: one for each command that needs the server), guardian.lock and server.lock (exclusive)."""

import contextlib
import os
import pwd
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from amends.site.postgres.error import PostgresError

DATABASE = ROLE = "amends"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_LIMIT = 107  # bytes of a Unix socket's path on Linux; 103 elsewhere
_SERVANTS = ("amends", "postgres", "nobody")  # whom root asks to run the server, the first that exists


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The places of one embedded database."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def leases(self) -> Path:
        return self.root / "leases.lock"

    @property
    def guardian(self) -> Path:
        return self.root / "guardian.lock"

    @property
    def server(self) -> Path:
        return self.root / "server.lock"

    @property
    def _socket_note(self) -> Path:
        return self.root / "socket"

    def prepare(self) -> None:
        try:
            self.root.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise PostgresError(os.strerror(error.errno or 0), place=self.root) from error

    def servant(self) -> pwd.struct_passwd | None:
        """The user who runs the server when we are root, since PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        for owned in (self.data, self.root):
            uid = owned.stat().st_uid if owned.is_dir() else 0
            if uid:
                return _user(uid, owned)
        for name in _SERVANTS:
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        remedy = "Run Amends as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
        raise PostgresError(f"root can't run a server, and none of {_SERVANTS} exists", place=self.root, remedy=remedy)

    def major(self) -> int | None:
        """The version of PostgreSQL that wrote the data; None when there is none yet."""
        if not self.data.exists():
            return None
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise PostgresError(f"this is not a whole data folder ({error})", place=self.data) from error

    def socket_folder(self) -> Path | None:
        """Where the running server's socket is, as its guardian noted."""
        try:
            place, root = self._socket_note.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return None
        return Path(place) if root == str(self.root) else None  # a copy of a folder must not use the first one's socket

    def make_socket_folder(self, owner: pwd.struct_passwd | None) -> Path:
        """A folder that only the owner may enter, with a path short enough for a socket; the same one each time."""
        place = self.root / "run"
        if len(os.fsencode(place / _SOCKET_NAME)) > _SOCKET_LIMIT - 4:
            noted = self.socket_folder()
            again = noted is not None and noted != place and _is_private(noted, owner)
            place = noted if noted is not None and again else Path(tempfile.mkdtemp(prefix="amends-"))
        place.mkdir(mode=0o700, exist_ok=True)
        if owner is not None:
            os.chown(place, owner.pw_uid, owner.pw_gid)
        half = self._socket_note.with_name(f"socket.{secrets.token_hex(4)}")
        half.write_text(f"{place}\n{self.root}\n", encoding="utf-8")
        half.rename(self._socket_note)
        return place

    def remove_socket_folder(self) -> None:
        """Leave nothing in the folder for temporary files. The note stays: the next server uses the same name."""
        place = self.socket_folder()
        if place is not None and place.parent != self.root:
            with contextlib.suppress(OSError):
                place.rmdir()

    def url(self, *, database: str = DATABASE) -> str:
        """How libpq, psycopg and Django reach the server."""
        place = self.socket_folder() or self.root / "run"
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={quote(str(place), safe='/')}"


def _is_private(place: Path, owner: pwd.struct_passwd | None) -> bool:
    """Whether nobody else can have put anything there; makes the folder if it is gone."""
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        found = place.lstat()
    except OSError:
        return False
    else:
        return True
    mine = {os.geteuid(), owner.pw_uid if owner else os.geteuid()}
    return stat.S_ISDIR(found.st_mode) and found.st_uid in mine and stat.S_IMODE(found.st_mode) == 0o700


def _user(uid: int, place: Path) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError as error:
        remedy = "Give the folder to a user that exists, or set DATABASE_URL to a PostgreSQL of your own."
        raise PostgresError(f"belongs to user number {uid}, who has no name", place=place, remedy=remedy) from error

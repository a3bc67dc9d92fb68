"""What went wrong with the database, where, and what to do about it."""

from pathlib import Path

_REMEDIES = (
    ("No space left on device", "The disk is full: make room, then start again; nothing that was committed is lost."),
    (
        "Disk quota exceeded",
        "The disk quota is used up: make room, then start again; nothing that was committed is lost.",
    ),
    ("Read-only file system", "The file system is read-only: set AMENDS_HOME to a folder that can be written."),
    ("Permission denied", "Give this user the right to read and write the folder, or set AMENDS_HOME to another one."),
    ("Operation not permitted", "Run Amends as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."),
    ("pre-existing shared memory block", "A server that was started by hand is using this folder: stop it first."),
    ("is not compatible with this version", "Back up with the older version of Amends and restore with this one."),
    (
        "could not create shared memory",
        "The machine gives too little shared memory: raise its limit, or set DATABASE_URL.",
    ),
    ("Cannot allocate memory", "There is too little free memory to start a database: free some, or set DATABASE_URL."),
)
_DAMAGED = "The data folder seems damaged: move it away and run `amends db restore` with your last backup."


NOT_STARTED = 3  # the guardian's exit code when place, reason and remedy are on its standard error
KILLED = 4  # the same when the guardian was killed before it could say anything


class PostgresError(Exception):
    """The database can't be had; names the place and the remedy."""

    def __init__(self, reason: str, *, place: Path | str, remedy: str | None = None) -> None:
        self.reason, self.place = reason, str(place)
        self.remedy = remedy or remedy_for(reason)
        super().__init__(f"{self.place}: {reason}\n{self.remedy}")


def remedy_for(reason: str) -> str:
    """What usually helps against what a PostgreSQL program said."""
    return next((remedy for sign, remedy in _REMEDIES if sign in reason), _DAMAGED)

"""Writes letters as NDJSON files, `outbox/<day>/<first>-<last>-<digest>.ndjson`: whole files only, and durable.

The name follows from the letters' keys alone, so sending the same letters again writes the same file in its place.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import orjson
from django.conf import settings

from amends.channels.letter import Letter


class Outbox:
    """Files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letters: Sequence[Letter]) -> str:
        """Write the letters into one file and make it durable; its path below the data folder is the receipt."""
        ordered = sorted(letters, key=lambda letter: letter.id)
        day = self.folder / f"{ordered[0].created_at:%Y-%m-%d}"
        day.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = day / _name(ordered)
        fresh = place.with_suffix(f".{os.getpid()}.part")
        try:
            with fresh.open("wb") as file:
                file.writelines(_line(letter) for letter in ordered)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        for folder in (day, self.folder):
            _make_durable(folder)
        return str(place.relative_to(self.folder.parent))


def make() -> Outbox:
    """The outbox of this deployment."""
    folder = Path(settings.OUTBOX_PATH)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Outbox(folder)


def _name(letters: Sequence[Letter]) -> str:
    digest = hashlib.sha256("\n".join(letter.key for letter in letters).encode()).hexdigest()[:16]
    return f"{letters[0].id:012d}-{letters[-1].id:012d}-{digest}.ndjson"


def _line(letter: Letter) -> bytes:
    fields = {
        "key": letter.key,
        "customer": letter.customer,
        "address": letter.address,
        "locale": letter.locale,
        "subject": letter.subject,
        "body": letter.body,
        "created_at": letter.created_at.isoformat(),
    }
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _make_durable(folder: Path) -> None:
    """A file's name lasts only once its folder is on disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Writes letters as NDJSON files, `outbox/<day>/<first>-<last>-<digest>.ndjson`: whole files only, and durable.

The name follows from the letters' keys alone, so sending the same letters again writes the same file in its place.
Channels that have nobody to hand their letters to write them here, too, in folders of their own: `outbox/email/<day>`.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

import orjson
from django.conf import settings

from amends.channels.letter import Handed, Letter, Send
from amends.kernel.text_message import length_of

TEXTS: Final = "sms"  # the folder of those whose lines say how long they are


class Outbox:
    """Files below one folder, or below one of its folders."""

    at_once = noted = 10_000

    def __init__(self, folder: Path, within: str = "") -> None:
        self.folder, self._within = folder / within, within
        self._home = folder.parent

    def opened(self) -> AbstractContextManager[Send]:
        """Each lot is a file of its own."""
        return nullcontext(self.send)

    def send(self, letters: Sequence[Letter]) -> Handed:
        """Write the letters into one file and make it durable; its path below the data folder is the receipt.

        Raises:
            OSError: it could not be written; nothing of it is there.
        """
        ordered = sorted(letters, key=lambda letter: letter.id)
        day = self.folder / f"{ordered[0].created_at:%Y-%m-%d}"
        day.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = day / _name(ordered)
        fresh = place.with_suffix(f".{os.getpid()}.part")
        try:
            with fresh.open("wb") as file:
                file.writelines(_line(letter, text=self._within == TEXTS) for letter in ordered)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        for folder in (day, self.folder, *([self.folder.parent] if self._within else [])):
            _make_durable(folder)
        receipt = str(place.relative_to(self._home))
        return Handed(receipts={letter.id: receipt for letter in ordered})


def make() -> Outbox:
    """The outbox of this deployment."""
    return files()


def files(within: str = "") -> Outbox:
    """The outbox of this deployment, or a folder in it."""
    folder = Path(settings.OUTBOX_PATH)
    (folder / within).mkdir(mode=0o700, parents=True, exist_ok=True)
    return Outbox(folder, within)


def _name(letters: Sequence[Letter]) -> str:
    digest = hashlib.sha256("\n".join(letter.key for letter in letters).encode()).hexdigest()[:16]
    return f"{letters[0].id:012d}-{letters[-1].id:012d}-{digest}.ndjson"


def _line(letter: Letter, *, text: bool) -> bytes:
    fields: dict[str, object] = {
        "key": letter.key,
        "customer": letter.customer,
        "address": letter.address,
        "locale": letter.locale,
        "subject": letter.subject,
        "body": letter.body,
        "created_at": letter.created_at.isoformat(),
    }
    if text:
        fields["segments"] = length_of(letter.body).segments
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _make_durable(folder: Path) -> None:
    """A file's name lasts only once its folder is on disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

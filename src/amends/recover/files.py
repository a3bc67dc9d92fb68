"""Where the bytes of attachments lie: under their digest in the data folder, outside of anything the web serves.

A file is on the disk for good before its row is written. Whoever writes or sweeps a file holds the lock of its digest
until the transaction ends, so a file is never swept away while somebody is about to rely on it.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from amends.recover.models import Attachment

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    """The folder of all attachments."""
    return Path(settings.ATTACHMENTS_PATH)


def place_of(digest: str) -> Path:
    """Where the bytes of a digest lie."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no digest")
    return folder() / digest[:2] / digest


def digest_of(data: bytes) -> str:
    """By which bytes are known."""
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes) -> str:
    """Write bytes so that they outlast a power cut; their digest. Within a transaction, which then names them."""
    digest = digest_of(data)
    _lock(digest)
    place = place_of(digest)
    if place.exists():
        return digest
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, fresh = tempfile.mkstemp(dir=place.parent, prefix="new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(place)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    for directory in (place.parent, folder()):
        _sync(directory)
    return digest


def sweep_orphans(*, older_than: float) -> int:
    """Delete files that no row names (any more), such as those of an upload whose transaction failed; how many.

    Args:
        older_than: seconds since 1970; half-written files of later than that are left to whoever writes them.
    """
    swept = 0
    for place in sorted(folder().glob("??/*")):
        if place.name.startswith("new-"):
            if place.stat().st_mtime < older_than:
                place.unlink(missing_ok=True)
                swept += 1
        elif _DIGEST.fullmatch(place.name):
            swept += _sweep(place)
    return swept


@transaction.atomic
def _sweep(place: Path) -> int:
    if Attachment.objects.filter(digest=place.name, removed_at=None).exists():
        return 0
    _lock(place.name)  # from here on nobody can begin to rely on it
    if Attachment.objects.filter(digest=place.name, removed_at=None).exists():
        return 0
    place.unlink(missing_ok=True)
    return 1


def _lock(digest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('attachment'), hashtext(%s))", [digest])


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

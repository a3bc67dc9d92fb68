"""Files of signals in a folder: the monitor's process takes them in beside its ticks, in a thread of its own.

How far a file was taken in stands in the database with its signals; so whoever comes after a killed process goes on
where that stopped. A file goes to `done`, or to `refused` beside a list of the rows that were refused, with reasons.
"""

import csv
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from typing import Final

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from amends.kernel.text import Localised
from amends.monitor.core.intake import CHUNK, seconds_to_wait
from amends.monitor.models import IntakeFile, RejectedRow
from amends.monitor.selectors import backlog
from amends.monitor.services import end_file, found_file, take_rows
from amends.monitor.sources.folder import DONE, REFUSED, Folder, Found
from amends.monitor.sources.packed import Unreadable
from amends.monitor.sources.rows import rows_of
from amends.policy.present import present

LOOK_EVERY: Final = 1.0  # seconds
AFTER_TROUBLE: Final = 10.0  # seconds
CHANGED: Final = Localised(
    en="it changed while it was being taken in; it is taken in anew", zh="导入过程中文件发生变化，将重新导入"
)
TROUBLE: Final = Localised(en="it could not be read; the reason is in our log", zh="无法读取，原因见系统日志")

log = logging.getLogger(__name__)


@contextmanager
def inbox_watched() -> Iterator[None]:
    """While inside, what is put into the folder is taken in."""
    stop = Event()
    watching = Thread(target=_watch, args=(stop,), name="inbox", daemon=True)
    watching.start()
    try:
        yield
    finally:
        stop.set()
        watching.join(timeout=5)  # whatever it is at can be broken off


def _watch(stop: Event) -> None:
    folder = None
    try:
        while not stop.is_set():
            wait = LOOK_EVERY
            try:
                close_old_connections()
                folder = folder or Folder(settings.INBOX_PATH)
                for found in folder.finished(now=time.monotonic()):
                    take_in(folder, found, stop)
            except (OSError, DatabaseError):
                log.exception("the folder %s could not be looked after", settings.INBOX_PATH)
                wait = AFTER_TROUBLE
            stop.wait(wait)
    finally:
        connections.close_all()


def take_in(folder: Folder, found: Found, stop: Event) -> IntakeFile | None:
    """Take a finished file in, or go on with it, and put it away; None if stopped before its end."""
    name = found.path.name.encode("utf-8", "replace").decode("utf-8")[:255]
    file = found_file(name=name, size=found.size, mark=found.mark, now=present())
    if file.state == "running":
        try:
            if not _take_rows(file, found.path, stop):
                return None
            why = None if found.is_unchanged() else CHANGED
        except Unreadable as unreadable:
            why = unreadable.said
        except OSError as error:
            said = error.strerror or type(error).__name__
            why = Localised(en=f"it could not be read: {said}", zh=f"无法读取：{said}")
        except (DatabaseError, MemoryError):
            raise
        except Exception:
            log.exception("%s could not be read", found.path)
            why = TROUBLE
        file = end_file(file.pk, now=present(), why=why)
    if found.is_unchanged():
        _put_away(folder, found, file)
    IntakeFile.objects.filter(pk=file.pk).update(mark=f"away {file.pk}")  # put there again, it is read again
    log.info("%s: %s accepted, %s duplicate, %s rejected", name, file.accepted, file.duplicate, file.rejected)
    return file


def _take_rows(file: IntakeFile, path: Path, stop: Event) -> bool:
    """All rows that were not taken in yet; False if stopped before the end."""
    start = file.done
    rows = (row for row in rows_of(path) if row.number > start)
    while chunk := list(islice(rows, CHUNK)):
        while wait := seconds_to_wait(backlog(), settings.SIGNALS_BACKLOG):
            if stop.wait(min(wait, LOOK_EVERY)):
                return False
        if stop.is_set():
            return False
        take_rows(file.pk, chunk, now=present())
    return True


def _put_away(folder: Folder, found: Found, file: IntakeFile) -> None:
    refused = file.state == "refused" or file.rejected
    place = folder.place_for(found, REFUSED if refused else DONE)
    if refused:
        _write_reasons(place.with_name(f"{place.name}.reasons.csv"), file)
    found.path.rename(place)


def _write_reasons(place: Path, file: IntakeFile) -> None:
    """Which rows were refused and why; whole or not at all."""
    fresh = place.with_name(f".{place.name}")
    kept = RejectedRow.objects.filter(file=file).order_by("row").values_list("row", "said_en", "said_zh")
    with fresh.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["row", "reason", "原因"])
        if file.said_en:
            table.writerow(["", file.said_en, file.said_zh])
        table.writerows(kept.iterator(chunk_size=5_000))
        if file.rejected > kept.count():
            more = file.rejected - kept.count()
            table.writerow(["", f"and {more} more rows", f"另有 {more} 行"])
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(place)

"""Signals become history: each that PostgreSQL accepted lands in a Parquet file, once, whatever is killed when.

One process at a time works on it, the one that holds the row of its progress. Files are written first; what is on the
list and how far the signals have come is committed together. A file that no commit listed is an orphan and swept.
"""

import errno
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.models import Count

from amends.kernel.blueprint.history import History
from amends.monitor.core.history_days import day_of, span_of
from amends.monitor.models import HistoryFile, HistoryProgress
from amends.monitor.recorded import history_progress
from amends.monitor.selectors import settled_after
from amends.monitor.sources.history import (
    SCHEMA,
    Unsound,
    Written,
    by_day,
    read_file,
    remove,
    set_aside,
    sweep_orphans,
    write_file,
)

BATCH: Final = 50_000  # signals a step
MOST: Final = 2_000_000  # signals of one file
FEW: Final = 8  # files of the present day that are not yet worth putting together
DELETED_AT_ONCE: Final = 20_000  # rows a transaction
_COLUMNS: Final = "id, signal_id, source, type, subject, time, customer, unit, data::text, received_at"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """What one round did."""

    landed: int = 0  # signals
    compacted: int = 0  # files that went into others
    pruned: int = 0  # rows that are now in the history alone
    retired: int = 0  # files whose time is over
    swept: int = 0  # files of writers that were killed


class Busy(RuntimeError):
    """Another process works on the history at the moment."""


def tidy_history(*, root: Path, policy: History, judged_to: int, now: datetime) -> Tidied:
    """Bring the history up to date and in order, and keep to what the blueprint says about how long."""
    return Tidied(
        landed=land_all(root=root, now=now),
        compacted=compact_history(root=root, now=now),
        pruned=prune_signals(root=root, at_hand=policy.at_hand, judged_to=judged_to, now=now),
        retired=retire_history(root=root, keep=policy.keep, now=now),
        swept=sweep_history(root=root),
    )


def land_all(*, root: Path, now: datetime) -> int:
    """Write all signals that were accepted; how many they were.

    Raises:
        Busy: another process is at it.
        OSError: the disk is full, or may not be written; it is on record, nothing is half done, and the next call
            goes on.
    """
    landed = 0
    while more := land_signals(root=root, now=now):
        landed += more
    return landed


def land_signals(*, root: Path, now: datetime, limit: int = BATCH) -> int:
    """Write the next signals, in the order of their arrival; how many."""
    settled = settled_after(history_progress().position)  # before the row is held: no intake waits for files
    if settled is None:
        return 0
    with _noting_trouble(now), _held() as progress:
        signals = at_hand("id > %s and id <= %s", [progress.position, settled], limit=limit)
        if not signals.num_rows:
            return 0
        with _written(root, by_day(signals)) as files:
            _list(files, now=now)
        progress.position = signals["arrival"][-1].as_py()
        progress.trouble, progress.troubled_at, progress.written_at = "", None, now
        progress.save()
    return signals.num_rows


def compact_history(*, root: Path, now: datetime, most: int = MOST) -> int:
    """Put the many small files of a day into one; how many went into others.

    Late signals come to days of long ago, so any day can have some. A day with more than `most` signals has several.
    """
    days = HistoryFile.objects.filter(fault="").order_by("day").values("day").annotate(files=Count("pk"))
    today = day_of(now)
    gone = 0
    for day in [row["day"] for row in days if row["files"] > (1 if row["day"] < today else FEW)]:
        gone += _compact_day(day, root=root, now=now, most=most)
    return gone


def _compact_day(day: date, *, root: Path, now: datetime, most: int) -> int:
    gone = []
    with _noting_trouble(now), _held():
        for group in _groups(HistoryFile.objects.filter(fault="", day=day).order_by("first"), most):
            signals = pa.concat_tables([read_or_mend(file, root=root, now=now) for file in group])
            still = HistoryFile.objects.filter(fault="", day=day, first__gte=group[0].first, last__lte=group[-1].last)
            paths = list(still.values_list("path", flat=True))
            pruned, lost = all(file.pruned for file in group), sum(file.lost for file in still)
            if not signals.num_rows or len(paths) < 2:
                continue
            with _written(root, [(day, signals.sort_by("arrival"))]) as files:
                HistoryFile.objects.filter(path__in=paths).delete()
                _list(files, now=now, pruned=pruned, lost=lost)
            gone += paths
    for path in gone:
        remove(root, path)
    return len(gone)


def _groups(files: Sequence[HistoryFile] | Any, most: int) -> Iterator[list[HistoryFile]]:
    """Neighbours that fit into one file, where there is more than one."""
    group: list[HistoryFile] = []
    for file in files:
        if group and sum(one.signals for one in group) + file.signals > most:
            if len(group) > 1:
                yield group
            group = []
        group.append(file)
    if len(group) > 1:
        yield group


def prune_signals(*, root: Path, at_hand: timedelta | None, judged_to: int, now: datetime) -> int:
    """Delete rows of signals that are old enough, were judged, and have just been read back from the history.

    Args:
        at_hand: how long the blueprint wants them as rows; None: for ever.
        judged_to: the monitor of the version in force has judged all up to this one.
    """
    if at_hand is None:
        return 0
    oldest = now - at_hand
    old = HistoryFile.objects.filter(fault="", pruned=False, day__lt=day_of(oldest), received_to__lt=oldest)
    deleted = 0
    for file_id in list(old.filter(last__lte=judged_to).order_by("day", "first").values_list("pk", flat=True)):
        with _held():
            file = HistoryFile.objects.filter(pk=file_id, fault="").first()
            there = read_or_mend(file, root=root, now=now) if file else None
        if file is None or there is None or file.fault:
            continue  # it was put into another, or it was broken and is written anew; the next round looks again
        for start in range(0, there.num_rows, DELETED_AT_ONCE):
            chunk = there["arrival"].slice(start, DELETED_AT_ONCE).to_pylist()
            with _held() as progress, connection.cursor() as cursor:
                progress.pruned_to = max(progress.pruned_to, file.last)
                progress.save(update_fields=["pruned_to"])
                cursor.execute("delete from monitor_signal where id = any(%s)", [chunk])
                deleted += cursor.rowcount
        with _held():
            HistoryFile.objects.filter(pk=file_id).update(pruned=True)
    return deleted


def retire_history(*, root: Path, keep: timedelta | None, now: datetime) -> int:
    """Remove the days that are older than the blueprint wants to keep; how many files."""
    if keep is None:
        return 0
    with _held():
        old = HistoryFile.objects.filter(day__lt=day_of(now - keep))
        paths = list(old.values_list("path", flat=True))
        old.delete()
    for path in paths:
        remove(root, path)
    return len(paths)


def sweep_history(*, root: Path) -> int:
    """Delete the files that no commit listed."""
    with _held():
        return sweep_orphans(root, listed=set(HistoryFile.objects.filter(fault="").values_list("path", flat=True)))


# -- reading, which may find a file broken ----------------------------------------------------------------------------


def signals_of(
    first: date,
    last: date,
    *,
    root: Path,
    now: datetime,
    times: tuple[datetime, datetime] | None = None,
    arrived_to: int,
) -> pa.Table:
    """What history has of some days, in the order of time; a file that cannot be read is set aside, the rest goes on.

    Args:
        first: the first day.
        last: the last, included.
        times: only of this part of them.
        arrived_to: without what came after this signal.
    """
    listed = HistoryFile.objects.filter(fault="", day__range=(first, last), first__lte=arrived_to).order_by("first")
    for _ in range(listed.count() + 5):  # while we read, files may go into another, or be found broken
        files = list(listed.all())
        parts = []
        for file in files:
            part = _read(file, root=root, now=now, times=times)
            if part is None:
                break
            parts.append(part)
        else:
            signals = pa.concat_tables([SCHEMA.empty_table(), *parts])
            signals = signals.filter(pc.less_equal(signals["arrival"], arrived_to))
            return signals.sort_by([("time", "ascending"), ("arrival", "ascending")])
    raise Busy("The files of the history change faster than they can be read.")


def signals_anew(position: int, *, root: Path, now: datetime, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Signals in the order of their arrival after a position, of those that may be in the history alone.

    Returns:
        the signals, and the position after them: `pruned_to` once there are no more.
    """
    last = history_progress().pruned_to
    window = limit
    while position < last:
        upto = min(position + window, last)
        found = {row["arrival"]: row for row in at_hand("id > %s and id <= %s", [position, upto]).to_pylist()}
        for file in HistoryFile.objects.filter(fault="", last__gt=position, first__lte=upto).order_by("first"):
            part = _read(file, root=root, now=now, arrivals=(position, upto))
            if part is None:
                return signals_anew(position, root=root, now=now, limit=limit)
            found |= {row["arrival"]: row for row in part.to_pylist()}
        if found:
            rows = [found[arrival] for arrival in sorted(found)[:limit]]
            return rows, upto if len(rows) == len(found) else rows[-1]["arrival"]
        position, window = upto, window * 2  # numbers that were never given to a signal
    return [], position


def _read(
    file: HistoryFile,
    *,
    root: Path,
    now: datetime,
    times: tuple[datetime, datetime] | None = None,
    arrivals: tuple[int, int] | None = None,
) -> pa.Table | None:
    """The signals of a file; None where the list has changed meanwhile, so that it has to be asked again."""
    try:
        return read_file(root, file.path, signals=file.signals, times=times, arrivals=arrivals)
    except Unsound:
        with _held(wait=True):
            if (still := HistoryFile.objects.filter(pk=file.pk, fault="").first()) is not None:
                read_or_mend(still, root=root, now=now)
        return None


def read_or_mend(file: HistoryFile, *, root: Path, now: datetime) -> pa.Table:
    """The signals of a file. One that cannot be read is set aside, and what of its signals is at hand as rows is
    written anew. For whoever holds the history."""
    try:
        return read_file(root, file.path, signals=file.signals)
    except Unsound as unsound:
        file.fault = str(unsound)[:500]
    since, before = span_of(file.day)
    # files of a day never overlap: what lies between its first and its last was in it
    signals = at_hand("id between %s and %s and time >= %s and time < %s", [file.first, file.last, since, before])
    lost = max(0, file.signals - signals.num_rows)
    log.warning(
        "The history's file %s is set aside: %s. Of its %d signals %d are written anew%s.",
        *(root / file.path, file.fault, file.signals, signals.num_rows, f", {lost} are lost" if lost else ""),
    )
    if signals.num_rows:
        with _written(root, [(file.day, signals)]) as files:
            _list(files, now=now, lost=lost)
    else:
        file.lost = lost
    file.save(update_fields=["fault", "lost"])
    transaction.on_commit(lambda: set_aside(root, file.path))
    return signals


# -- writing ----------------------------------------------------------------------------------------------------------


@contextmanager
def _held(*, wait: bool = False) -> Iterator[HistoryProgress]:
    """The history for this process alone, in one transaction."""
    history_progress()
    with transaction.atomic():
        progress = HistoryProgress.objects.select_for_update(skip_locked=not wait).filter(pk=1).first()
        if progress is None:
            raise Busy("Another process works on the history at the moment.")
        yield progress


@contextmanager
def _written(root: Path, parts: Any) -> Iterator[list[Written]]:
    """Files of these days, there while they are listed; where that fails they are deleted again.

    Not where the commit fails: whether it did is not known then, and orphans are swept.
    """
    files: list[Written] = []
    try:
        for day, signals in parts:
            files.append(write_file(root, day, signals))
        yield files
    except BaseException:
        for file in files:
            remove(root, file.path)
        raise


def _list(files: Sequence[Written], *, now: datetime, pruned: bool = False, lost: int = 0) -> None:
    HistoryFile.objects.bulk_create(
        HistoryFile(**vars(file), written_at=now, pruned=pruned, lost=lost) for file in files
    )


@contextmanager
def _noting_trouble(now: datetime) -> Iterator[None]:
    """What the disk refuses is on record, for people to see, and raised again."""
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "EIO")
        HistoryProgress.objects.filter(pk=1).update(trouble=code, troubled_at=now)
        raise


def at_hand(where: str, parameters: Sequence[Any], *, limit: int | None = None) -> pa.Table:
    """Signals that are there as rows, in the order of arrival."""
    with connection.cursor() as cursor:
        bound = "" if limit is None else f" limit {int(limit)}"
        cursor.execute(f"select {_COLUMNS} from monitor_signal where {where} order by id{bound}", parameters)
        rows = cursor.fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in SCHEMA)
    return pa.table([pa.array(list(values), field.type) for values, field in zip(columns, SCHEMA, strict=True)], SCHEMA)

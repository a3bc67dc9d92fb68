"""History on disk: the signals that were accepted, as Parquet in hive partitions by the day of their time (UTC).

Nothing here knows which files count: that is a list in the database. A file appears under its name only when it is
whole, and one that is on no list is an orphan.
"""

import errno
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

INSTANT: Final = pa.timestamp("us", tz="UTC")
SCHEMA: Final = pa.schema(
    [
        ("arrival", pa.int64()),  # the signal's number: the order in which signals were accepted
        ("id", pa.string()),
        ("source", pa.string()),
        ("type", pa.string()),
        ("subject", pa.string()),
        ("time", INSTANT),
        ("customer", pa.string()),
        ("unit", pa.string()),
        ("data", pa.string()),  # a JSON object
        ("received_at", INSTANT),
    ]
)
SET_ASIDE: Final = "_set_aside"  # readers of folders pass over names that begin like this
_ROWS: Final = 65_536  # of a row group: what is read to find one signal
_BROKEN: Final = (errno.EIO, errno.EUCLEAN)  # what the system says where the disk itself lost something


class Unsound(Exception):
    """A file of the history that cannot be read whole, and why."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file as it was written."""

    path: str  # below the history's folder
    day: date
    first: int  # arrival of its first signal, and of its last
    last: int
    signals: int
    size: int  # bytes
    received_to: datetime


def by_day(signals: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    """The signals of each day, in the order of their arrival."""
    days = pc.cast(signals["time"], pa.date32())
    for day in sorted(pc.unique(days).to_pylist()):
        yield day, signals.filter(pc.equal(days, pa.scalar(day, pa.date32()))).sort_by("arrival")


def write_file(root: Path, day: date, signals: pa.Table) -> Written:
    """Put signals of one day, sorted by arrival, into a new file. It is durable, and whole, or not there."""
    first, last = (signals["arrival"][place].as_py() for place in (0, -1))
    folder = root / f"date={day.isoformat()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{first:012d}-{last:012d}-{secrets.token_hex(4)}.parquet"
    unfinished, finished = folder / f".{name}.tmp", folder / name
    try:
        with unfinished.open("xb") as file:
            pq.write_table(
                signals.cast(SCHEMA), file, compression="zstd", row_group_size=_ROWS, write_page_checksum=True
            )
            file.flush()
            os.fsync(file.fileno())
        size = unfinished.stat().st_size
        unfinished.rename(finished)
        for changed in (folder, root):
            _sync(changed)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        finished.unlink(missing_ok=True)
        raise
    return Written(
        path=f"{folder.name}/{name}",
        day=day,
        first=first,
        last=last,
        signals=signals.num_rows,
        size=size,
        received_to=pc.max(signals["received_at"]).as_py(),
    )


def read_file(
    root: Path,
    path: str,
    *,
    signals: int,
    arrivals: tuple[int, int] | None = None,
    times: tuple[datetime, datetime] | None = None,
) -> pa.Table:
    """The signals of a file, or those after an arrival up to another, or of a span of time; sorted by arrival.

    Args:
        signals: how many there are in the whole file, as its writer said.

    Raises:
        Unsound: the file is gone, cut short, or has bytes that were not written so.
    """
    span: tuple[str, Any, Any] | None = None
    if arrivals is not None:
        span = ("arrival", arrivals[0] + 1, arrivals[1] + 1)
    elif times is not None:
        span = ("time", *times)
    try:
        with pq.ParquetFile(root / path, page_checksum_verification=True) as file:
            if not file.schema_arrow.equals(SCHEMA) or file.metadata.num_rows != signals:
                raise Unsound(f"it has {file.metadata.num_rows:,} rows, and {signals:,} were written")
            table = file.read_row_groups(_groups(file.metadata, span))
    except FileNotFoundError:
        raise Unsound("the file is gone") from None
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None and error.errno not in _BROKEN:
            raise  # the file may be sound: it may not be read, or too many are open
        raise Unsound(f"it cannot be read: {str(error).strip().splitlines()[0]}") from None
    if span is None:
        return table
    column, since, before = span
    kind = SCHEMA.field(column).type
    within = pc.and_(
        pc.greater_equal(table[column], pa.scalar(since, kind)), pc.less(table[column], pa.scalar(before, kind))
    )
    return table.filter(within)


def _groups(metadata: pq.FileMetaData, span: tuple[str, Any, Any] | None) -> list[int]:
    """The row groups that can have something of the span."""
    every = range(metadata.num_row_groups)
    if span is None:
        return list(every)
    name, since, before = span
    column = SCHEMA.get_field_index(name)
    chosen = []
    for group in every:
        found = metadata.row_group(group).column(column).statistics
        if found is None or not found.has_min_max or (found.max >= since and found.min < before):
            chosen.append(group)
    return chosen


def set_aside(root: Path, path: str) -> None:
    """Take a file out of the way of all readers, and keep it."""
    kept = root / SET_ASIDE / path
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        (root / path).replace(kept)


def remove(root: Path, path: str) -> None:
    """Delete a file, and the folder of its day if that was its last."""
    for file in (root / path, root / SET_ASIDE / path):
        file.unlink(missing_ok=True)
        with suppress(OSError):
            file.parent.rmdir()


def sweep_orphans(root: Path, *, listed: Collection[str]) -> int:
    """Delete what a killed writer left behind: files that are on no list. For whoever alone may write."""
    swept = 0
    for folder in root.glob("date=*"):
        for file in folder.iterdir():
            if f"{folder.name}/{file.name}" not in listed:
                file.unlink(missing_ok=True)
                swept += 1
        with suppress(OSError):
            folder.rmdir()
    return swept


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

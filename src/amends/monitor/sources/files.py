"""Signals from files: Parquet, CSV and NDJSON, plain or packed (.gz, .zst), as a stream in the order given.

Nothing is dropped: what cannot be read arrives as a row with a fault. What makes a whole file unusable (no such file,
unknown ending, a missing column) raises SourceError naming file and column before anything is read.
"""

import csv
import gzip
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, Self, cast

import duckdb
import numpy as np
import orjson
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

from amends.monitor.engines.connecting import connect
from amends.monitor.engines.statements import ARRIVED, readable_from
from amends.monitor.tables.signals import DEFAULT_SOURCE, OPTIONAL, REQUIRED

Form = Literal["parquet", "csv", "ndjson"]

_ENDINGS: dict[str, Form] = {".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_PACKINGS: dict[str, Literal["gzip", "zstd"]] = {".gz": "gzip", ".zst": "zstd"}
_SAMPLE = 1_000  # objects of an NDJSON file that are looked at for its columns
_LONGEST_LINE = 4 * 2**20  # bytes; the reader takes a buffer of sixteen times that
_CHUNK = 100_000  # rows

SCHEMA = pa.schema(
    [(name, pa.string() if kind == "string" else pa.int64()) for name, kind in ARRIVED.items() if name != "seq"]
)


class SourceError(Exception):
    """A file that cannot be used at all; the message names it."""


@dataclass(frozen=True, kw_only=True)
class SignalFile:
    path: Path
    form: Form
    packing: Literal["gzip", "zstd"] | None


def signal_files(events: Sequence[str]) -> list[SignalFile]:
    """The files that the arguments name, in the order given; those of a folder or a glob sorted by name."""
    files: list[SignalFile] = []
    for event in events:
        path = Path(event)
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        elif path.is_file():
            found = [path]
        elif has_magic(event):
            names = sorted(glob(event, recursive=True))  # noqa: PTH207  absolute patterns too
            found = [Path(name) for name in names if Path(name).is_file()]
        else:
            raise SourceError(f"{event}: there is no such file or folder")
        if not found:
            raise SourceError(f"{event}: no signals here; give Parquet, CSV or NDJSON files")
        files += map(_signal_file, found)
    return files


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _signal_file(path: Path) -> SignalFile:
    endings = [ending.lower() for ending in path.suffixes]
    packing = _PACKINGS.get(endings[-1]) if endings else None
    form = _ENDINGS.get(endings[-2 if packing and len(endings) > 1 else -1]) if endings else None
    if form is None:
        raise SourceError(
            f"{path}: cannot tell the form of signals from the name; it should end in .parquet, .csv or .ndjson, "
            "with .gz or .zst after it if packed"
        )
    return SignalFile(path=path, form=form, packing=packing)


def read_signals(files: Sequence[SignalFile], *, rows: int, unpacked: Path) -> Iterator[pa.Table]:
    """All signals, in tables of `rows` rows across file borders (the last may be smaller).

    `unpacked` is a folder for packed Parquet files, which have to be unpacked to be read.
    """
    connection = connect(threads=2, memory_limit="1GB")
    try:
        plans = [_Plan.of(connection, file, unpacked) for file in files]
        waiting: list[pa.RecordBatch] = []
        count = 0
        for plan in plans:
            for batch in plan.batches(connection, min(rows, _CHUNK)):
                start = 0
                while count + batch.num_rows - start >= rows:
                    cut = rows - count
                    yield pa.Table.from_batches([*waiting, batch.slice(start, cut)], SCHEMA)
                    waiting, count, start = [], 0, start + cut
                if start < batch.num_rows:
                    waiting.append(batch.slice(start))
                    count += batch.num_rows - start
        if waiting:
            yield pa.Table.from_batches(waiting, SCHEMA)
    finally:
        connection.close()


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How one file is read: a query for its raw rows, and the statement that makes signals of them."""

    file: SignalFile
    raw: str
    statement: str

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, file: SignalFile, unpacked: Path) -> Self:
        try:
            raw = _RAW[file.form](file, unpacked)
            described = connection.execute(f"DESCRIBE {raw}").fetchall()
        except (duckdb.Error, OSError, UnicodeError, csv.Error) as error:
            raise SourceError(f"{file.path}: cannot be read as {file.form}: {_first_line(error)}") from None
        columns = tuple((name, str(DuckDBType.from_string(kind))) for name, kind, *_ in described)
        missing = [name for name in REQUIRED if name not in dict(columns)]
        if missing:
            raise _missing(file, missing, [name for name, _ in columns])
        keep = ("row",) if file.form == "ndjson" else ()
        return cls(file=file, raw=raw, statement=readable_from(columns, "raw", keep=keep))

    def batches(self, connection: duckdb.DuckDBPyConnection, size: int) -> Iterator[pa.RecordBatch]:
        row = 0
        cursor = connection.cursor()
        try:
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {self.raw}")
            reader = cursor.execute(self.statement).to_arrow_reader(size)
            for batch in reader:
                yield _placed(batch, self.file, row)
                row += batch.num_rows
            if "store_rejects" in self.raw:
                yield from _rejects(cursor, self.file)
        except duckdb.Error as error:
            raise SourceError(f"{self.file.path}: cannot be read after row {row}: {_first_line(error)}") from None
        finally:
            cursor.close()


def _missing(file: SignalFile, missing: Sequence[str], columns: Sequence[str]) -> SourceError:
    noun = "column" if len(missing) == 1 else "columns"
    return SourceError(f"{file.path}: {noun} {', '.join(missing)} missing; it has {', '.join(columns) or 'none'}")


def _placed(batch: pa.RecordBatch, file: SignalFile, row: int) -> pa.RecordBatch:
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns["file"] = pa.repeat(str(file.path), batch.num_rows)
    if "row" not in columns:
        columns["row"] = pa.array(np.arange(row + 1, row + 1 + batch.num_rows, dtype=np.int64))
    return pa.RecordBatch.from_arrays([columns[field.name].cast(field.type) for field in SCHEMA], schema=SCHEMA)


def _rejects(cursor: duckdb.DuckDBPyConnection, file: SignalFile) -> Iterator[pa.RecordBatch]:
    """The lines of a text file that are no rows of it."""
    rejected = cursor.execute(
        "SELECT line, any_value(csv_line), first(error_message) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    cursor.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    if rejected:
        rows = [
            {
                "source": DEFAULT_SOURCE,
                "fault": f"line {line} cannot be read: {message}",
                "unread": text,
                "file": str(file.path),
                "row": line - (file.form == "csv"),
            }
            for line, text, message in rejected
        ]
        yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def _parquet(file: SignalFile, unpacked: Path) -> str:
    path = file.path
    if file.packing:
        path = unpacked / f"{len(list(unpacked.iterdir()))}.parquet"
        with _opened(file) as packed, path.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    return f"SELECT * FROM read_parquet({_quoted(path)})"


def _csv(file: SignalFile, _: Path) -> str:
    with _opened(file) as stream:
        header = next(csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")), None)
    if header is None:
        return _NOTHING
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in header)
    return (
        f"SELECT * FROM read_csv({_quoted(file.path)}, auto_detect = false, header = true, delim = ',', quote = '\"', "
        f"escape = '\"', columns = {{{columns}}}, compression = '{file.packing or 'none'}', "
        f"max_line_size = {_LONGEST_LINE}, ignore_errors = true, store_rejects = true)"
    )


def _ndjson(file: SignalFile, _: Path) -> str:
    names = (*REQUIRED, *OPTIONAL)
    seen: set[str] = set()
    objects = 0
    with _opened(file) as stream:
        for line in islice(stream, _SAMPLE):
            with suppress(ValueError):
                found = orjson.loads(line)
                if isinstance(found, dict):
                    objects += 1
                    seen |= found.keys()
    if objects and not seen.issuperset(REQUIRED):
        raise _missing(file, [name for name in REQUIRED if name not in seen], sorted(seen))
    paths = ", ".join(f"'$.{name}'" for name in names)
    fields = ", ".join(f"fields[{n}] AS {name}" for n, name in enumerate(names, 1) if name != "data")
    data = f"coalesce(fields[{names.index('data') + 1}], broken)"
    return f"""
        SELECT "row", {fields}, {data} AS data,
            CASE WHEN broken IS NOT NULL THEN 'the line is no JSON object' END AS fault
        FROM (
            SELECT "row", CASE WHEN sound THEN json_extract_string(line, [{paths}]) END AS fields,
                CASE WHEN NOT sound THEN line END AS broken
            FROM (
                SELECT "row", line, CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END AS sound
                FROM (
                    SELECT line, row_number() OVER () AS "row"
                    FROM read_csv({_quoted(file.path)}, auto_detect = false, header = false, delim = '', quote = '',
                        escape = '', columns = {{'line': 'VARCHAR'}}, compression = '{file.packing or "none"}',
                        max_line_size = {_LONGEST_LINE}, ignore_errors = true, store_rejects = true)
                ) WHERE trim(line) <> ''
            )
        )
    """


_RAW: dict[Form, Callable[[SignalFile, Path], str]] = {"parquet": _parquet, "csv": _csv, "ndjson": _ndjson}
_NOTHING = "SELECT " + ", ".join(f"NULL::VARCHAR AS {name}" for name in REQUIRED) + " WHERE false"


def _opened(file: SignalFile) -> BinaryIO:
    if file.packing == "gzip":
        return cast("BinaryIO", gzip.open(file.path))
    if file.packing == "zstd":
        return cast("BinaryIO", io.BufferedReader(pa.CompressedInputStream(pa.OSFile(str(file.path)), "zstd")))
    return file.path.open("rb")


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]

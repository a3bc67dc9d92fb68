"""Signals from files: Parquet, CSV and NDJSON, plain or packed (.gz, .zst), as a stream of readable signals in the order given.

Nothing is dropped: what cannot be read arrives as a row with a fault. What makes a whole file unusable (no such file, unknown ending, a
missing column) raises SourceError naming file and column before anything is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from glob import glob, has_magic
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa

from amends.monitor.engines.statements import ARRIVED, readable_from
from amends.monitor.tables.signals import REQUIRED, SIGNALS

Form = Literal["parquet", "csv", "ndjson"]

_ENDINGS: dict[str, Form] = {".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_PACKINGS = {".gz": "gzip", ".zst": "zstd"}
_SAMPLE = 1_000  # objects of an NDJSON file that are looked at for its columns
_LONGEST_LINE = 64 * 2**20  # bytes
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
    packing: str | None

    @cached_property
    def name(self) -> str:
        return str(self.path)


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
            found = [Path(name) for name in sorted(glob(event, recursive=True)) if Path(name).is_file()]
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
    connection = duckdb.connect(config={"TimeZone": "UTC", "threads": 2, "memory_limit": "1GB"})
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
    """How one file is read: a relation of raw rows, and the statement that makes signals of it."""

    file: SignalFile
    relation: str
    statement: str | None  # None: nothing in it

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, file: SignalFile, unpacked: Path) -> "_Plan":
        relation = _RELATIONS[file.form](_unpack(file, unpacked) if file.form == "parquet" else file)
        if file.form != "parquet" and _is_empty(file):
            return cls(file=file, relation=relation, statement=None)
        try:
            columns = _columns(connection, file, relation)
        except duckdb.Error as error:
            raise SourceError(f"{file.name}: cannot be read as {file.form}: {_first_line(error)}") from None
        _check(file, [name for name, _ in columns])
        keep = tuple(name for name in ("line",) if file.form == "ndjson" and (name, "string") in columns)
        return cls(file=file, relation=relation, statement=readable_from(tuple(columns), "raw", keep=keep))

    def batches(self, connection: duckdb.DuckDBPyConnection, size: int) -> Iterator[pa.RecordBatch]:
        if self.statement is None:
            return
        row = 0
        try:
            cursor = connection.cursor()
            cursor.execute("SET TimeZone = 'UTC'")
            reader = cursor.execute(f"WITH raw AS ({self.relation}) {self.statement}").to_arrow_reader(max(size, 1))
            for batch in reader:
                yield _placed(batch, self.file, row)
                row += batch.num_rows
        except duckdb.Error as error:
            raise SourceError(f"{self.file.name}: cannot be read after row {row}: {_first_line(error)}") from None


def _placed(batch: pa.RecordBatch, file: SignalFile, row: int) -> pa.RecordBatch:
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(batch.num_rows, np.int32)), pa.array([file.name]))
    rows = pa.array(np.arange(row + 1, row + 1 + batch.num_rows, dtype=np.int64))
    columns = {name: batch.column(name) for name in SIGNALS} | {"file": names.cast(pa.string()), "row": rows}
    return pa.RecordBatch.from_arrays(
        [columns[name].cast(SCHEMA.field(name).type) for name in SCHEMA.names], schema=SCHEMA
    )


def _columns(connection: duckdb.DuckDBPyConnection, file: SignalFile, relation: str) -> list[tuple[str, str]]:
    described = connection.execute(f"DESCRIBE {relation}").fetchall()
    from ibis.backends.sql.datatypes import DuckDBType

    columns = [(name, str(DuckDBType.from_string(kind))) for name, kind, *_ in described]
    return columns


def _check(file: SignalFile, columns: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise SourceError(
            f"{file.name}: column {' and '.join(missing)} missing; it has {', '.join(columns) or 'no columns'}"
        )

"""Files of signals row by row, in every form and packing of the contract: numbered, resumable, in bounded memory.

`files.py` reads for the replay, all at once and set-wise; this reads for the live intake, which has to name a row, stop
after any of them and go on there, and trusts no file.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from amends.monitor.core.columns import ATTRIBUTES, DEFAULT_SOURCE, FURTHER, Columns, told_of
from amends.monitor.core.intake import LARGEST_UNPACKED, LONGEST_LINE, MOST_VALUES
from amends.monitor.core.local_time import time_of
from amends.monitor.core.signal import Unusable
from amends.monitor.sources.delimited import SAMPLE, form_of, records
from amends.monitor.sources.packed import PACKINGS, Unreadable, check, opened

REQUIRED: Final = ("id", "type", "subject", "time")
_FORMS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
_AT_ONCE: Final = 1_000  # rows of a Parquet file


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of a file; `fault` says why it tells nothing."""

    number: int  # from 1, the head not counted; of lines of JSON, the line
    told: Mapping[str, Any] | None = None
    fault: Unusable | None = None
    cells: tuple[str, ...] = ()


def form_by_name(name: str) -> str | None:
    """`csv`, `ndjson` or `parquet` by a file's ending, one for packing not counted; None for all others."""
    path = Path(name.lower())
    return _FORMS.get(path.with_suffix("").suffix if path.suffix in PACKINGS else path.suffix)


def rows_of(path: Path) -> Iterator[Row]:
    """All rows of a file in their order.

    Raises:
        Unreadable: it is no file of signals, or can be read no further; the rows before were good.
    """
    form = form_by_name(path.name)
    if form is not None:
        check(path)
    match form:
        case "csv":
            return _csv(path)
        case "ndjson":
            return _ndjson(path)
        case "parquet":
            return _parquet(path)
    raise Unreadable(
        "its name should end in .csv, .ndjson or .parquet, with .gz or .zst after it if packed",
        "文件名应以 .csv、.ndjson 或 .parquet 结尾，压缩文件再加 .gz 或 .zst",
    )


def rows_by(records_of: BinaryIO, columns: Columns, beginning: bytes) -> Iterator[Row]:
    """The rows of a table of text by columns that somebody settled on."""
    for record in records(records_of, form_of(beginning)):
        if record.fault is not None:
            yield Row(number=record.number, fault=record.fault)
            continue
        try:
            told = told_of(record.cells, columns)
        except Unusable as fault:
            yield Row(number=record.number, fault=fault, cells=record.cells)
        else:
            yield Row(number=record.number, told=told, cells=record.cells)


def _csv(path: Path) -> Iterator[Row]:
    with opened(path) as stream:
        beginning = stream.read(SAMPLE)
    header = form_of(beginning).header
    _need(header)
    targets = tuple(name if name in ATTRIBUTES or name.startswith(FURTHER) else "" for name in header)
    with opened(path) as stream:
        for row in rows_by(stream, Columns(targets=targets), beginning):
            yield Row(number=row.number, told=row.told, fault=row.fault)


def _ndjson(path: Path) -> Iterator[Row]:
    number = 0
    with opened(path) as stream:
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                raise Unreadable(f"line {number} is longer than any signal", f"第 {number} 行过长")
            if not line.strip():
                continue
            try:
                told = orjson.loads(line)
            except orjson.JSONDecodeError:
                told = None
            if isinstance(told, dict):
                yield _told(number, told)
            else:
                yield Row(number=number, fault=Unusable("the line is no JSON object", "该行不是 JSON 对象"))


def _parquet(path: Path) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        plain = path
        if path.suffix.lower() in PACKINGS:
            plain = Path(folder) / "plain.parquet"
            with opened(path) as packed, plain.open("wb") as file:
                while piece := packed.read(2**20):
                    file.write(piece)
        try:
            yield from _parquet_rows(plain)
        except (pa.ArrowException, OSError) as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise Unreadable(f"it cannot be read as Parquet: {said}", f"无法按 Parquet 读取：{said}") from None


def _parquet_rows(path: Path) -> Iterator[Row]:
    with pq.ParquetFile(path) as schema:
        _need(schema.schema_arrow.names)
        names = [name for name in schema.schema_arrow.names if name in ATTRIBUTES or name.startswith(FURTHER)]
        if "data" in names:  # else columns `data.x` tell them
            names = [name for name in names if not name.startswith(FURTHER)]
        _bounded(schema.metadata)
        texts = [one.name for one in schema.schema_arrow if pa.types.is_string(one.type)]
    number = 0
    # texts stay a dictionary until their length is known: a small file may repeat a long one a million times
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(batch_size=_AT_ONCE, columns=names):
            for told in _told_in(batch):
                number += 1
                yield _told(number, told)


def _told_in(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    columns = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            longest = pc.max(pc.binary_length(values)).as_py() or 0
            if longest > LONGEST_LINE:
                raise Unreadable(f"it has a {name} that is longer than any signal", f"{name} 的值过长")
        elif pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            tz = getattr(column.type, "tz", None)
            column = column.cast(pa.timestamp("us", tz=tz), safe=False)  # noqa: PLW2901 -- the same, in our unit
        columns[name] = column.to_pylist()
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _bounded(metadata: pq.FileMetaData) -> None:
    size = 0
    for place in range(metadata.num_row_groups):
        group = metadata.row_group(place)
        size += group.total_byte_size
        if size > LARGEST_UNPACKED or any(
            group.column(number).num_values > MOST_VALUES for number in range(group.num_columns)
        ):
            raise Unreadable("it unpacks to far more than a file of signals would", "解压后的体积远超正常的信号文件")


def _need(names: object) -> None:
    given = list(names)  # type: ignore[call-overload]  # names of columns
    if missing := [name for name in REQUIRED if name not in given]:
        listed, has = ", ".join(missing), ", ".join(given)[:200] or "none"
        raise Unreadable(f"it has no column {listed}; it has {has}", f"缺少列 {listed}；现有列：{has}")


def _told(number: int, told: Mapping[str, Any]) -> Row:
    """A row of typed values as one of ours: numbers that are ids as text, times as moments."""
    given = {name: told.get(name) for name in ATTRIBUTES}
    try:
        for name in ATTRIBUTES:
            value = given[name]
            if value == "" or value is None:
                given[name] = None
            elif name not in {"time", "data"} and isinstance(value, int) and not isinstance(value, bool):
                given[name] = str(value)
        given["time"] = _moment(given["time"])
        further = {name.removeprefix(FURTHER): value for name, value in told.items() if name.startswith(FURTHER)}
        if further and given["data"] is None:
            given["data"] = {name: value for name, value in further.items() if value is not None} or None
        if isinstance(given["data"], dict):
            given["data"] = {name: _json(value) for name, value in given["data"].items()}
        given["source"] = given["source"] or DEFAULT_SOURCE
    except Unusable as fault:
        return Row(number=number, fault=fault)
    return Row(number=number, told=given)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str):
        return time_of(value, UTC, "month_first")
    raise Unusable("time is no time", "时间（time）不是时间类型")


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_json(inner) for inner in value]
    if isinstance(value, bytes):
        raise Unusable("data has bytes, which JSON can't hold", "data 含有 JSON 无法表示的字节")
    return value

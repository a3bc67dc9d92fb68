"""Signals of files and of Kafka topics, read where the workers are by the readers that one machine uses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.signal import AHEAD, LENGTHS, Ahead
from amends.monitor.engines.spark.state import arrow_schema, spark_schema
from amends.monitor.engines.statements import ARRIVED
from amends.monitor.sources.files import read_signals, signal_files
from amends.monitor.sources.kafka import KafkaSettings, told_in
from amends.monitor.tables.moments import micros

PLACES: Final = 2**36  # rows that a file can have; the order of arrival is first that of the files


class Source(Protocol):
    """Where a stream of signals comes from."""

    def stream(self, session: Any) -> Any:
        """What Structured Streaming is to follow."""

    def arrived(self, rows: Any, *, first: int, now: datetime) -> tuple[Any, int]:
        """A batch of the stream as ARRIVED from the place `first` on, and how many places it takes."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """Files that are put into a folder, whole; those whose names begin with a dot are left alone until renamed."""

    folder: Path
    at_once: int = 100  # files a batch at most

    def stream(self, session: Any) -> Any:
        """The names of the files, not what is in them."""
        told = "path string, modificationTime timestamp, length bigint, content binary"
        reader = session.readStream.format("binaryFile").schema(told).option("maxFilesPerTrigger", self.at_once)
        return reader.load(str(self.folder)).select("path", "modificationTime")

    def arrived(self, rows: Any, *, first: int, now: datetime) -> tuple[Any, int]:
        """The signals of the files, the oldest file first; what could not be kept is told as unreadable."""
        told = sorted((row.modificationTime, row.path) for row in rows.collect())
        files = [Path(unquote(urlsplit(path).path)) for _, path in told]
        return arrived_from(rows.sparkSession, files, first=first, now=now), PLACES * len(files)


@dataclass(frozen=True, kw_only=True)
class Topics:
    """CloudEvents in topics of Kafka."""

    settings: KafkaSettings
    at_once: int = 500_000  # messages a batch at most, but for one of each partition

    def stream(self, session: Any) -> Any:
        """The messages, from the oldest that there are on."""
        from amends.monitor.sources.topics_on_spark import FORMAT, TopicsSource, options_of

        session.dataSource.register(TopicsSource)
        return session.readStream.format(FORMAT).options(**options_of(self.settings, at_most=self.at_once)).load()

    def arrived(self, rows: Any, *, first: int, now: datetime) -> tuple[Any, int]:
        """The signals of the messages in the order in which the brokers had them."""
        rows.createOrReplaceTempView("messages")
        placed = rows.sparkSession.sql(
            f"""
            SELECT row_number() OVER (ORDER BY timestamp, topic, partition, offset) + {first - 1} AS seq,
                value, headers, concat(topic, '/', partition) AS file, offset AS row FROM messages
            """
        )
        columns = spark_schema(ARRIVED)

        def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield pa.RecordBatch.from_pylist([_told(one, now) for one in batch.to_pylist()], arrow_schema(ARRIVED))

        return placed.mapInArrow(read, columns), int(rows.count())


def _told(message: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What a message tells, as a row of ARRIVED."""
    headers = [(one["key"], one["value"]) for one in message["headers"] or ()]
    signal, fault = told_in(headers, message["value"], now=now)
    row: dict[str, Any] = dict.fromkeys(ARRIVED) | {name: message[name] for name in ("seq", "file", "row")}
    if signal is None:
        return row | {"fault": str(fault), "unread": (message["value"] or b"").decode("utf-8", "replace")}
    row |= {name: getattr(signal, name) for name in ("source", "id", "type", "subject", "customer", "unit")}
    data = None if signal.data is None else orjson.dumps(signal.data).decode()
    return row | {"at": micros(signal.time), "data": data}


def arrived_from(session: Any, files: Sequence[Path], *, first: int, now: datetime | None = None) -> Any:
    """The signals of the files as ARRIVED, in the order given, from the place `first` on.

    Given `now`, they come from operations that go on: none may lie in the future, or be too long for the record.
    """
    asked = session.createDataFrame(
        [(str(file), first + number * PLACES, now) for number, file in enumerate(files)],
        "file string, first bigint, now timestamp",
    )
    return asked.repartitionByRange(len(files), "first").mapInArrow(_read, spark_schema(ARRIVED))


def _read(asked: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in asked:
        for one in batch.to_pylist():
            place = one["first"]
            with TemporaryDirectory(prefix="amends-unpacked-") as folder:
                for table in read_signals(signal_files([one["file"]]), rows=100_000, unpacked=Path(folder)):
                    seq = pa.array(np.arange(place, place + table.num_rows, dtype=np.int64))
                    place += table.num_rows
                    told = table if one["now"] is None else _kept_apart(table, one["now"])
                    yield from told.append_column("seq", seq).select(list(ARRIVED)).combine_chunks().to_batches()


def _kept_apart(table: pa.Table, now: datetime) -> pa.Table:
    """What the API would refuse is unreadable here too, for the same reasons."""
    faults = table["fault"]

    def refuse(wrong: pa.ChunkedArray, why: str) -> None:
        nonlocal faults
        faults = pc.coalesce(faults, pc.if_else(wrong, why, pa.scalar(None, pa.string())))

    for name, most in LENGTHS.items():
        refuse(pc.greater(pc.utf8_length(table[name]), most), f"{name} must have 1 to {most} characters")
        refuse(pc.match_substring(table[name], "\0"), f"{name} has characters that can't be kept")
    refuse(pc.greater(table["at"], micros(now + AHEAD)), str(Ahead("", AHEAD, now)))
    return table.set_column(table.schema.get_field_index("fault"), "fault", faults)

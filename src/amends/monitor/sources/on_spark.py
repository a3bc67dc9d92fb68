"""Signals of files and of Kafka topics, read where the workers are by the readers that one machine uses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import numpy as np
import orjson
import pyarrow as pa

from amends.monitor.engines.spark.state import arrow_schema, spark_schema
from amends.monitor.engines.statements import ARRIVED
from amends.monitor.sources.files import read_signals, signal_files
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
        """The signals of the files, the oldest file first."""
        del now
        told = sorted((row.modificationTime, row.path) for row in rows.collect())
        files = [Path(unquote(urlsplit(path).path)) for _, path in told]
        return arrived_from(rows.sparkSession, files, first=first), PLACES * len(files)


@dataclass(frozen=True, kw_only=True)
class Topics:
    """CloudEvents in topics of Kafka; Spark's own reader must be among its packages."""

    servers: str
    topics: str  # with commas between
    more: dict[str, str] = field(default_factory=dict)  # settings of Spark's reader: security and the like
    at_once: int = 500_000  # messages a batch at most

    def stream(self, session: Any) -> Any:
        """The messages, from the oldest that there are on."""
        reader = session.readStream.format("kafka").option("kafka.bootstrap.servers", self.servers)
        reader = reader.option("subscribe", self.topics).option("startingOffsets", "earliest")
        reader = reader.option("includeHeaders", "true").option("maxOffsetsPerTrigger", self.at_once)
        return reader.options(**self.more).load()

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
    from amends.monitor.sources.kafka import told_in

    headers = [(one["key"], one["value"]) for one in message["headers"] or ()]
    signal, fault = told_in(headers, message["value"], now=now)
    row: dict[str, Any] = dict.fromkeys(ARRIVED) | {name: message[name] for name in ("seq", "file", "row")}
    if signal is None:
        return row | {"fault": str(fault), "unread": (message["value"] or b"").decode("utf-8", "replace")}
    row |= {name: getattr(signal, name) for name in ("source", "id", "type", "subject", "customer", "unit")}
    data = None if signal.data is None else orjson.dumps(signal.data).decode()
    return row | {"at": micros(signal.time), "data": data}


def arrived_from(session: Any, files: Sequence[Path], *, first: int) -> Any:
    """The signals of the files as ARRIVED, in the order given, from the place `first` on."""
    asked = session.createDataFrame(
        [(str(file), first + number * PLACES) for number, file in enumerate(files)], "file string, first bigint"
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
                    yield from table.append_column("seq", seq).select(list(ARRIVED)).combine_chunks().to_batches()

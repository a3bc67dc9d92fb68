"""Signals of files read where the workers are, by the reader that one machine uses: a file is a task."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa

from amends.monitor.engines.spark.state import spark_schema
from amends.monitor.engines.statements import ARRIVED
from amends.monitor.sources.files import read_signals, signal_files

PLACES: Final = 2**36  # rows that a file can have; the order of arrival is first that of the files


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

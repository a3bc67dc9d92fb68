"""Signals on DuckDB as they arrive: made readable, and told apart by what becomes of them."""

from collections.abc import Mapping
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from amends.monitor.engines.statements import ARRIVED, readable_from
from amends.monitor.tables.arrivals import DUPLICATE, LATE, TAKEN, UNREADABLE
from amends.monitor.tables.moments import BEGINNING
from amends.monitor.tables.signals import REQUIRED

_TOLD = f"""
    SELECT {", ".join(f'"{name}"' for name in ARRIVED)}, watermark,
        CASE WHEN fault IS NOT NULL THEN '{UNREADABLE}' ELSE ['{TAKEN}', '{LATE}', '{DUPLICATE}'][mark] END AS fate
    FROM marked WHERE coalesce("at", $beginning) <= $until
"""


def readable(connection: duckdb.DuckDBPyConnection, raw: pa.Table) -> pa.Table:
    """Signals as a source gives them, made readable; the row is the place in the batch.

    Raises:
        ValueError: a column is missing.
    """
    missing = [name for name in REQUIRED if name not in raw.column_names]
    if missing:
        raise ValueError(f"signals without {', '.join(missing)}; there are {', '.join(raw.column_names)}")
    rows = pa.array(np.arange(1, raw.num_rows + 1, dtype=np.int64))
    raw = raw.append_column("row", rows).append_column("file", pa.nulls(raw.num_rows, pa.string()))
    columns = tuple((name, str(kind)) for name, kind in ibis.Schema.from_pyarrow(raw.schema).items())
    connection.register("raw", raw)
    try:
        statement = readable_from(columns, "raw", keep=("file", "row"))
        return connection.execute(f'{statement} ORDER BY "row"').to_arrow_table()
    finally:
        connection.unregister("raw")


def tell_apart(
    connection: duckdb.DuckDBPyConnection, apart: str, arrived: pa.Table, *, first: int, high: int, until: int
) -> None:
    """Make the table `told` of what arrived, from seq `first` on, with its fate, by the statement of `arrivals.apart`.

    `high` is the largest time before this batch; what is later than `until` is left out. Both in microseconds.
    """
    connection.register("arrived", arrived)
    few = connection.execute(apart, {"high": high, "until": until}).fetchnumpy()
    connection.unregister("arrived")
    connection.register("marked", _marked(arrived, few, first=first))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS {_TOLD}", {"until": until, "beginning": BEGINNING})
    connection.unregister("marked")


def _marked(arrived: pa.Table, apart: Mapping[str, Any], *, first: int) -> pa.Table:
    """What arrived, from seq `first` on, with a `mark` for its fate, and the `watermark` of those that are apart."""
    mark = np.full(arrived.num_rows, 1, dtype=np.int64)
    watermark = np.zeros(arrived.num_rows, dtype=np.int64)
    rows = np.asarray(apart["seq"], dtype=np.int64) - first
    mark[rows] = np.where(np.asarray(apart["fate"]) == LATE, 2, 3)
    watermark[rows] = apart["watermark"]
    arrived = arrived.append_column("mark", pa.array(mark))
    return arrived.append_column("watermark", pa.array(watermark, mask=mark == 1))

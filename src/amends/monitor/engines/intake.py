"""Signals as a source gives them, made readable on DuckDB."""

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from amends.monitor.engines.connecting import another
from amends.monitor.engines.statements import readable_from
from amends.monitor.tables.signals import REQUIRED


def readable(connection: duckdb.DuckDBPyConnection, raw: pa.Table) -> pa.Table:
    """Signals as a source gives them, made readable; the row is the place in the batch. The connection is not used
    itself: whatever it has planned stays so.

    Raises:
        ValueError: a column is missing.
    """
    missing = [name for name in REQUIRED if name not in raw.column_names]
    if missing:
        raise ValueError(f"signals without {', '.join(missing)}; there are {', '.join(raw.column_names)}")
    rows = pa.array(np.arange(1, raw.num_rows + 1, dtype=np.int64))
    raw = raw.append_column("row", rows).append_column("file", pa.nulls(raw.num_rows, pa.string()))
    columns = tuple((name, str(kind)) for name, kind in ibis.Schema.from_pyarrow(raw.schema).items())
    with another(connection) as reading:
        reading.register("raw", raw)
        statement = readable_from(columns, "raw", keep=("file", "row"))
        return reading.execute(f'{statement} ORDER BY "row"').to_arrow_table()

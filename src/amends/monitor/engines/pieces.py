"""Tables kept whole: each is a single value of the engine, in Arrow's form, and written in a fraction of the time that
its rows would take one by one.
"""

from collections.abc import Iterator

import duckdb
import pyarrow as pa

PIECES = "number BIGINT, piece BLOB"
"""The columns of a table that has pieces; the number is what they are found by."""

_SMALL = pa.ipc.IpcWriteOptions(compression="zstd")


def packed(rows: pa.Table) -> bytes:
    """The rows as one piece."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=_SMALL) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue().to_pybytes())


def add_piece(connection: duckdb.DuckDBPyConnection, table: str, number: int, piece: bytes) -> None:
    """Keep one piece more."""
    connection.execute(f"INSERT INTO {table} VALUES ($number, $piece)", {"number": number, "piece": piece})


def pieces(connection: duckdb.DuckDBPyConnection, table: str, *, after: int = -1) -> Iterator[pa.Table]:
    """The pieces with a greater number, in the order of their numbers."""
    query = f"SELECT piece FROM {table} WHERE number > $after ORDER BY number"
    for (piece,) in connection.execute(query, {"after": after}).fetchall():
        yield pa.ipc.open_stream(pa.py_buffer(piece)).read_all()


def forget_pieces(connection: duckdb.DuckDBPyConnection, table: str, *, before: int) -> None:
    """Let go of those with a smaller number. The table is made anew: the room of pieces that are only deleted would not
    be used again.
    """
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {table} WHERE number >= $before", {"before": before}
    )

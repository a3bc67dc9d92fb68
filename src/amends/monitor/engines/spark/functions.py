"""What Spark's workers ask DuckDB: texts read as JSON, times and numbers, so that both engines read the same."""

import threading
from typing import Any, Final

import duckdb
import pyarrow as pa

from amends.monitor.engines.spark import dialect
from amends.monitor.engines.voice import evidence_of

_ASKED: Final = {
    dialect.JSON_TEXT: ("string", "CASE WHEN json_valid(a) THEN json_extract_path_text(a, b) END"),
    dialect.READ_NUMBER: ("double", "TRY_CAST(a AS DOUBLE)"),
    dialect.READ_INSTANT: (
        "bigint",
        "CASE WHEN isfinite(TRY_CAST(a AS TIMESTAMPTZ)) THEN epoch_us(TRY_CAST(a AS TIMESTAMPTZ)) END",
    ),
}
_here = threading.local()


def know_functions(session: Any) -> None:
    """Let statements of this Spark session use them."""
    from pyspark.sql.functions import arrow_udf, udf

    # a lambda for each number of arguments: Spark reads how many there are
    text, number, instant = dialect.JSON_TEXT, dialect.READ_NUMBER, dialect.READ_INSTANT
    one_of = {number: arrow_udf(_Asked(number).of_one, "double"), instant: arrow_udf(_Asked(instant).of_one, "bigint")}
    for name, function in one_of.items():
        session.udf.register(name, function)
    session.udf.register(text, arrow_udf(_Asked(text).of_two, "string"))
    session.udf.register(dialect.EVIDENCE, udf(evidence_of, "string", useArrow=False))


class _Asked:
    """One question, asked of whole columns."""

    def __init__(self, name: str) -> None:
        self._name = name

    def of_one(self, a: pa.Array) -> pa.Array:
        return _answer(self._name, a)

    def of_two(self, a: pa.Array, b: pa.Array) -> pa.Array:
        return _answer(self._name, a, b)


_ARROW: Final = {"string": pa.string(), "double": pa.float64(), "bigint": pa.int64()}


def _answer(name: str, *columns: pa.Array) -> pa.Array:
    kind, question = _ASKED[name]
    connection = getattr(_here, "connection", None)
    if connection is None:
        connection = _here.connection = duckdb.connect(config={"threads": 1})
        connection.execute("SET TimeZone = 'UTC'")
    asked = pa.table([column.cast(pa.string()) for column in columns], names=list("ab")[: len(columns)])
    connection.register("asked", asked)
    answer = connection.execute(f"SELECT {question} AS said FROM asked").to_arrow_table()["said"]
    connection.unregister("asked")
    return pa.concat_arrays(answer.cast(_ARROW[kind]).chunks) if answer.num_chunks else pa.array([], _ARROW[kind])

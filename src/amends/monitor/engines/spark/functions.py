"""What Spark's workers ask DuckDB: texts read as JSON, times and numbers, so that both engines read the same."""

import threading
from typing import Any, Final

import pyarrow as pa

from amends.monitor.engines.connecting import connect

JSON_TEXT, READ_INSTANT, READ_NUMBER, EVIDENCE = "amends_json_text", "amends_instant", "amends_number", "voice_evidence"
_ASKED: Final = {
    JSON_TEXT: ("string", "CASE WHEN json_valid(a) THEN json_extract_path_text(a, b) END"),
    READ_NUMBER: ("double", "TRY_CAST(a AS DOUBLE)"),
    READ_INSTANT: (
        "bigint",
        "CASE WHEN isfinite(TRY_CAST(a AS TIMESTAMPTZ)) THEN epoch_us(TRY_CAST(a AS TIMESTAMPTZ)) END",
    ),
}
_here = threading.local()


def know_functions(session: Any) -> None:
    """Let statements of this Spark session use them."""
    from pyspark.sql.functions import arrow_udf, udf

    from amends.monitor.engines.voice import evidence_of

    # Spark reads from a function how many arguments it has
    session.udf.register(READ_NUMBER, arrow_udf(_Asked(READ_NUMBER).of_one, "double"))
    session.udf.register(READ_INSTANT, arrow_udf(_Asked(READ_INSTANT).of_one, "bigint"))
    session.udf.register(JSON_TEXT, arrow_udf(_Asked(JSON_TEXT).of_two, "string"))
    session.udf.register(EVIDENCE, udf(evidence_of, "string", useArrow=False))


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
        connection = _here.connection = connect()
    asked = pa.table([column.cast(pa.string()) for column in columns], names=list("ab")[: len(columns)])
    connection.register("asked", asked)
    answer = connection.execute(f"SELECT {question} AS said FROM asked").to_arrow_table()["said"]
    connection.unregister("asked")
    return pa.concat_arrays(answer.cast(_ARROW[kind]).chunks) if answer.num_chunks else pa.array([], _ARROW[kind])

"""Conditions tried on signals: values are read as what they are compared with, and unknown does not match."""

import duckdb
import ibis
import pyarrow as pa
import pytest

from amends.monitor.core.condition import parse_condition
from amends.monitor.engines.statements import sql
from amends.monitor.tables.conditions import matches

SIGNALS = {
    "a": ("u1", '{"n": 5, "text": "UA", "yes": true, "at": "2026-01-05T09:00:00Z", "m": "10"}'),
    "b": (None, '{"n": "7", "text": null, "yes": "false", "m": 9}'),
    "c": ("u2", None),
}


SCHEMA = {"subject": "string", "unit": "string", "data": "string", "at": "int64"}
NINE = 1_767_603_600_000_000  # 2026-01-05T09:00:00Z


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    rows = [{"subject": name, "unit": unit, "data": data, "at": NINE} for name, (unit, data) in SIGNALS.items()]
    connection.register("signals", pa.Table.from_pylist(rows))
    return connection


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("data.n > 5", "b"),
        ("data.n >= 5", "ab"),
        ("data.n = '5'", "a"),
        ("data.n IN (5, 8)", "a"),
        ("data.n NOT IN (5, 8)", "b"),
        ("data.text = 'UA'", "a"),
        ("data.text <> 'UA'", ""),
        ("NOT data.text = 'UA'", ""),
        ("data.text IS NULL", "bc"),
        ("unit IS NOT NULL AND data.text IS NULL", "c"),
        ("unit LIKE 'u%'", "ac"),
        ("unit NOT LIKE '%1'", "c"),
        ("data.yes", "a"),
        ("NOT data.yes", "b"),
        ("data.yes = FALSE", "b"),
        ("data.m > data.n", "ab"),
        ("data.n * 2 - 4 = data.m - 4 OR subject = 'c'", "ac"),
        ("data.n / 0 = 1 OR data.n % 2 = 1", "ab"),
        ("time >= '2026-01-05T10:00:00+01:00'", "abc"),
        ("data.at = time", "a"),
        ("data.missing = 1", ""),
    ],
)
def test_who_matches(connection: duckdb.DuckDBPyConnection, where: str, found: str) -> None:
    signals = ibis.table(SCHEMA, name="signals")
    matching = signals.filter(matches(signals, parse_condition(where))).order_by("subject")
    assert "".join(row[0] for row in connection.execute(sql(matching)).fetchall()) == found

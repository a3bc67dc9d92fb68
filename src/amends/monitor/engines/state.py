"""What the monitor keeps between steps, as DuckDB tables."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from amends.monitor.engines.pieces import PIECES
from amends.monitor.engines.statements import log_table
from amends.monitor.tables import kept, rate_windows, rates, repeats
from amends.monitor.tables.findings import FINDINGS
from amends.monitor.tables.keys import KEY
from amends.monitor.tables.moments import BEGINNING
from amends.monitor.tables.moves import MOVES
from amends.monitor.tables.registry import DETECTORS

FORM = 7  # of these tables and of what is let go of; a file of another form is begun anew
_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN", KEY: "UBIGINT"}

SET_ASIDE = {
    "id": "VARCHAR",
    "source": "VARCHAR",
    "type": "VARCHAR",
    "subject": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "customer": "VARCHAR",
    "unit": "VARCHAR",
    "data": "VARCHAR",
    "reason": "VARCHAR",
    "file": "VARCHAR",
    "row": "BIGINT",
}
FINDINGS_SCHEMA = pa.schema(
    [(name, pa.timestamp("us", tz="UTC") if name in ("at", "due", "opened_at") else pa.string()) for name in FINDINGS]
)
_ARROW = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_(), KEY: pa.uint64()}
POINTS_SCHEMA = pa.schema(
    [
        (name, pa.timestamp("us", tz="UTC") if name in ("at", "start", "end") else _ARROW[kind])
        for name, kind in rates.POINTS.items()
    ]
)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What arrived so far."""

    signals: int = 0
    duplicates: int = 0
    late: int = 0
    rejected: int = 0


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that are not there yet."""
    tables = {"moves": MOVES}
    tables |= {log_table(name): detector.LOG for name, detector in DETECTORS.items()}
    tables[log_table("rates")] = rate_windows.LOG
    columns = {name: {c: _TYPES[t] for c, t in fields.items()} for name, fields in tables.items()}
    columns["parts"] = dict.fromkeys(("number", "since", "openings", "last"), "BIGINT")
    columns["points"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in rates.POINTS.items()}
    columns["set_aside"] = {"step": "BIGINT", "seq": "BIGINT"} | SET_ASIDE
    columns["kept"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in kept.KEPT.items()}
    columns["outcomes"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in kept.OUTCOMES.items()}
    columns["measured"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in kept.MEASURED.items()}
    columns["counted"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in repeats.COUNTED.items()}
    columns["heard"] = {"step": "BIGINT"} | {"standard": "VARCHAR", "subject": "VARCHAR", "at": "BIGINT"}
    columns["heard"] |= {"ends": "BOOLEAN"}
    columns["progress"] = {"step": "BIGINT", "seq": "BIGINT", "position": "VARCHAR", "high": "BIGINT"}
    columns["progress"] |= {"given": "BIGINT"} | dict.fromkeys(vars(Counts()), "BIGINT")
    connection.begin()
    _clear_other_form(connection)
    for name, kinds in columns.items():
        fields = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({fields})")
    for name in ("findings", "seen"):
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({PIECES})")
    connection.execute(
        "INSERT INTO progress SELECT 0, 0, 'null', $beginning, $beginning, 0, 0, 0, 0 WHERE NOT EXISTS (FROM progress)",
        {"beginning": BEGINNING},
    )
    connection.commit()


def points_since(connection: duckdb.DuckDBPyConnection, step: int) -> pa.Table:
    """The windows of rates as judged in all steps after that one."""
    found = connection.execute(
        f"""
        SELECT {_names(rates.POINTS)} FROM points WHERE step > $step ORDER BY "at", standard, subject, unit, start
        """,
        {"step": step},
    )
    return found.to_arrow_table().cast(POINTS_SCHEMA)


def set_aside_since(connection: duckdb.DuckDBPyConnection, step: int) -> pa.Table:
    """The late and the unreadable of all steps after that one, with reasons."""
    return connection.execute(
        f"SELECT {_names(SET_ASIDE)} FROM set_aside WHERE step > $step ORDER BY seq, reason", {"step": step}
    ).to_arrow_table()


def kept_since(connection: duckdb.DuckDBPyConnection, step: int) -> pa.Table:
    """How often the steps after that one found promises and limits kept and broken, by standard, unit and hour."""
    return connection.execute(
        """
        SELECT standard, unit, make_timestamptz(hour) AS hour, sum(kept)::BIGINT AS kept,
            sum(broken)::BIGINT AS broken
        FROM kept WHERE step > $step GROUP BY ALL ORDER BY ALL
        """,
        {"step": step},
    ).to_arrow_table()


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def arrow_schema(columns: dict[str, str]) -> pa.Schema:
    """The columns as Arrow has them."""
    return pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])


def _clear_other_form(connection: duckdb.DuckDBPyConnection) -> None:
    """`seen` has hashes of the engine's: another engine may have others."""
    there = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    ours = f"SELECT {FORM} AS number, hash('form') AS hash"
    if there and (
        "form" not in there or connection.execute("FROM form").fetchall() != connection.execute(ours).fetchall()
    ):
        for name in there:
            connection.execute(f'DROP TABLE "{name}"')
        there = set()
    if not there:
        connection.execute(f"CREATE TABLE form AS {ours}")

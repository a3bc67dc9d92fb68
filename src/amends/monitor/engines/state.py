"""What the monitor keeps between steps, as DuckDB tables."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from amends.monitor.tables import arrivals, kept, promises
from amends.monitor.tables.keys import KEY
from amends.monitor.tables.moments import BEGINNING

_TYPES = {"string": "VARCHAR", "int64": "BIGINT", KEY: "UBIGINT"}

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
    [
        (name, pa.timestamp("us", tz="UTC") if name in ("at", "due", "opened_at") else pa.string())
        for name in promises.FINDINGS
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
    tables = {
        "openings": promises.OPENINGS,
        "closings": promises.CLOSINGS,
        "violations": promises.VIOLATIONS,
        "due_days": promises.DUE_DAYS,
        "seen": arrivals.SEEN,
    }
    columns = {name: {c: _TYPES[t] for c, t in fields.items()} for name, fields in tables.items()}
    columns["findings"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in promises.FINDINGS.items()}
    columns["set_aside"] = {"step": "BIGINT", "seq": "BIGINT"} | SET_ASIDE
    columns["kept"] = {"step": "BIGINT"} | {c: _TYPES[t] for c, t in kept.KEPT.items()}
    columns["progress"] = {"step": "BIGINT", "seq": "BIGINT", "position": "VARCHAR", "high": "BIGINT"}
    columns["progress"] |= {"given": "BIGINT"} | dict.fromkeys(vars(Counts()), "BIGINT")
    connection.begin()
    for name, kinds in columns.items():
        fields = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({fields})")
    connection.execute("DELETE FROM due_days")  # calendars may have changed since the file was written
    connection.execute(
        "INSERT INTO progress SELECT 0, 0, 'null', $beginning, $beginning, 0, 0, 0, 0 WHERE NOT EXISTS (FROM progress)",
        {"beginning": BEGINNING},
    )
    connection.commit()

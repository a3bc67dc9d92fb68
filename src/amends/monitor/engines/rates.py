"""Rates on DuckDB: their log, and the stages of the query over it, each a table for the next."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import duckdb
import ibis
import pyarrow as pa

from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.engines.asking import Shown
from amends.monitor.engines.found import Found
from amends.monitor.engines.state import arrow_schema
from amends.monitor.engines.statements import BEFORE, SINCE, TAKEN, Compiler, log_table, sql
from amends.monitor.tables import rate_windows, rates
from amends.monitor.tables.findings import FINDINGS

LOG: Final = log_table("rates")
_TYPES: Final = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}
_STAGES: Final = {
    "rate_windows": rate_windows.WINDOWS,
    "rate_scores": rates.SCORES,
    "rate_levels": rates.LEVELS,
    "rate_judged": rates.JUDGED,
    "rate_points": rates.POINTS,
}
_POINTS: Final = ", ".join(f'"{name}"' for name in rates.POINTS)


class RateLog:
    """The rates of one monitor; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, standards: Standards) -> None:
        self._con = connection
        self._stages = {name: Shown(connection, name, arrow_schema(columns)) for name, columns in _STAGES.items()}
        self._standards = standards
        self._declared = json.dumps(standards.model_dump(mode="json", exclude_none=True), sort_keys=True)
        self._types = {pattern.type for rate in standards.of_kind(Rate) for pattern in rate.patterns()}
        given = rate_windows.settings_of(standards)
        self._charts = frozenset(setting["chart"] for setting in given)
        self._at_once = any(setting["at_once"] for setting in given)
        self.echoes = any(rate.rate.failures is not None for rate in standards.of_kind(Rate))
        settings = pa.Table.from_pylist(
            given, schema=pa.schema([(n, _TYPES[t]) for n, t in rate_windows.SETTINGS.items()])
        )
        Shown(connection, "rate_settings", settings.schema).show(settings)

    def looks_at(self, types: Collection[str]) -> bool:
        """Whether signals of any of these types can add to the log."""
        return not self._types.isdisjoint(types)

    def take(self) -> int:
        """Log what was taken of the batch; how many rows were added."""
        return self._number(f"INSERT INTO {LOG} {entries_of(self._declared)}")

    def hear_of_findings(self) -> int:
        """Log what the others found in the step that runs, as the table `found` has it; how many rows were added."""
        return self._number(f"INSERT INTO {LOG} {echoes_of(self._declared)}")

    def find(self, found: Found, *, since: int, before: int) -> None:
        """Put the windows judged in [since, before) on record, and add the findings among them."""
        span = {"since": since, "before": before}
        if rate_windows.nothing_ends(self._standards, since=since, before=before) and not self._number(
            f'SELECT count(*) FROM {LOG} WHERE "at" >= $since AND "at" < $before', span
        ):
            return
        sql = self._sql
        for name, statement in sql.stages.items():
            wanted = {key: value for key, value in span.items() if f"${key}" in statement}
            self._stages[name].show(self._con.execute(statement, wanted).to_arrow_table())
        self._con.execute(f"INSERT INTO points SELECT {found.step}, {_POINTS} FROM rate_points")
        found.add(self._con.execute(sql.findings).to_arrow_table())

    def compact(self, *, before: int) -> None:
        """Clear out what is settled; changes no finding."""
        self._con.execute(f"CREATE OR REPLACE TABLE {LOG} AS {self._sql.unsettled}", {"before": before})

    def size(self) -> int:
        return self._number(f"SELECT count(*) FROM {LOG}")

    @property
    def _sql(self) -> "Stages":
        return stages_of(self._charts, at_once=self._at_once)

    def _number(self, statement: str, parameters: dict[str, Any] | None = None) -> int:
        row = self._con.execute(statement, parameters).fetchone()
        assert row is not None  # noqa: S101  an aggregate and an insertion have a row
        return int(row[0])


@dataclass(frozen=True, kw_only=True)
class Stages:
    stages: dict[str, str]  # the table that each makes, in order
    findings: str
    unsettled: str


@lru_cache(maxsize=16)
def entries_of(declared: str, sql: Compiler = sql) -> str:
    """taken -> the log"""
    return sql(rate_windows.entries(ibis.table(TAKEN, name="taken"), Standards.model_validate_json(declared)))


@lru_cache(maxsize=16)
def echoes_of(declared: str, sql: Compiler = sql) -> str:
    """found -> the log"""
    return sql(rate_windows.echoes(ibis.table(FINDINGS, name="found"), Standards.model_validate_json(declared)))


@lru_cache(maxsize=16)
def stages_of(charts: frozenset[str | None], *, at_once: bool, sql: Compiler = sql) -> Stages:
    """They depend on nothing else that the rates say."""
    log = ibis.table(rate_windows.LOG, name=LOG)
    settings = ibis.table(rate_windows.SETTINGS, name="rate_settings")
    windows, scores, levels, judged, points = (ibis.table(columns, name=name) for name, columns in _STAGES.items())
    stages = {
        "rate_windows": rate_windows.windows(log, settings, since=SINCE, before=BEFORE),
        "rate_scores": rates.scores(windows, settings),
        "rate_levels": rates.levels(scores, settings, since=SINCE),
        "rate_judged": rates.judged(scores, levels, settings, charts=charts),
        "rate_points": rates.points(judged, log, settings, since=SINCE, before=BEFORE, at_once=at_once),
    }
    if "ewma" not in charts:
        del stages["rate_levels"]
    return Stages(
        stages={name: sql(stage) for name, stage in stages.items()},
        findings=sql(rates.findings(points)),
        unsettled=sql(rate_windows.unsettled(log, settings, before=BEFORE)),
    )

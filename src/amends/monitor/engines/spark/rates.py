"""Rates on Spark: windows of failures and events, judged by the statements of `engines.rates`."""

from typing import Any

from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.engines.rates import echoes_of, entries_of, stages_of
from amends.monitor.engines.spark.dialect import spark_sql
from amends.monitor.engines.spark.tables import SparkTables
from amends.monitor.engines.statements import log_table
from amends.monitor.tables import rate_windows

LOG = log_table("rates")


class SparkRates:
    """The rates of one state."""

    def __init__(self, tables: SparkTables, standards: Standards, declared: str) -> None:
        self._tables = tables
        self._standards = standards
        self._declared = declared
        self._settings = rate_windows.settings_of(standards)
        tables.view("rate_settings", tables.rows(self._settings, rate_windows.SETTINGS))

    def entries(self) -> Any:
        """What the signals taken add to the log."""
        return self._tables.run(entries_of(self._declared, spark_sql))

    def find(self, span: dict[str, int]) -> None:
        """Judge the windows that end in a span of time."""
        tables = self._tables
        if any(rate.rate.failures is not None for rate in self._standards.of_kind(Rate)):
            tables.add({LOG: tables.run(echoes_of(self._declared, spark_sql))})
        if rate_windows.nothing_ends(self._standards, **span) and not (
            tables.run(f"SELECT 1 FROM {LOG} WHERE at >= :since AND at < :before LIMIT 1", **span).count()
        ):
            return
        stages = self._stages()
        for name, statement in stages.stages.items():
            tables.keep(name, tables.run(statement, **span))
        tables.add({"points": tables.run("SELECT * FROM rate_points")})
        tables.add({"findings": tables.run(stages.findings)})

    def unsettled(self, before: int) -> Any:
        """What of the log can still matter from that instant on."""
        return self._tables.run(self._stages().unsettled, before=before)

    def _stages(self) -> Any:
        charts = frozenset(setting["chart"] for setting in self._settings)
        at_once = any(setting["at_once"] for setting in self._settings)
        return stages_of(charts, at_once=at_once, sql=spark_sql)

"""The monitor on Spark: the same tables and steps as `engines.duckdb`, with the rows in Parquet folders.

A step writes its rows, then commits them, its read position and the watermark by renaming one file: see `state`.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
import pyarrow as pa

from amends.monitor.core.kinds import Limit
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.engines.aside import LATE
from amends.monitor.engines.spark import rates as spark_rates
from amends.monitor.engines.spark.dialect import spark_sql
from amends.monitor.engines.spark.promises import SparkPromises
from amends.monitor.engines.spark.rates import SparkRates
from amends.monitor.engines.spark.session import session_of_its_own
from amends.monitor.engines.spark.state import Progress
from amends.monitor.engines.spark.tables import SparkTables
from amends.monitor.engines.state import FINDINGS_SCHEMA, POINTS_SCHEMA, Counts
from amends.monitor.engines.statements import ARRIVED, log_table, statements_for
from amends.monitor.tables import arrivals, kept, promises, rate_windows, rates
from amends.monitor.tables.findings import FINDINGS, ORDER
from amends.monitor.tables.moments import BEGINNING, END, length, micros
from amends.monitor.tables.moves import MOVES
from amends.monitor.tables.registry import DETECTORS

SET_ASIDE = {"seq": "int64"} | dict.fromkeys(("id", "source", "type", "subject"), "string")
SET_ASIDE |= {"time": "int64"} | dict.fromkeys(("customer", "unit", "data", "reason", "file"), "string")
SET_ASIDE |= {"row": "int64"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC = pa.timestamp("us", tz="UTC")
_ASIDE = "id, source, type, subject, at AS time, customer, unit"
_ROWS_FOR_MANY = 20_000  # below, several tasks take longer than one
_FOR_CONSUMERS = ("findings", "points", "set_aside", "kept")  # tables that nothing here reads again
_TOLD = f"""
    SELECT {", ".join(f"arrived.`{name}`" for name in ARRIVED)}, watermark,
        CASE WHEN fault IS NOT NULL THEN '{arrivals.UNREADABLE}' ELSE coalesce(fate, '{arrivals.TAKEN}') END AS fate
    FROM arrived LEFT JOIN apart ON arrived.seq = apart.seq WHERE coalesce(`at`, :beginning) <= :until
"""


class SparkMonitor:
    """The monitor for one set of standards on a cluster; one driver a state folder."""

    def __init__(
        self,
        spark: Any,
        standards: Standards,
        folder: Path,
        *,
        until: datetime | None = None,
        compact_from: int = 12,
        counting: bool = False,
    ) -> None:
        """
        Args:
            spark: a session, as `session.session` makes it.
            standards: what is judged by.
            folder: of the state; every machine of the cluster sees it under this path.
            until: later signals do not count.
            compact_from: steps after which what is settled is cleared out.
            counting: keep how often promises and limits were kept and broken, for `kept_since`.
        """
        self.standards = standards
        self._spark = session_of_its_own(spark)
        declared = json.dumps(standards.model_dump(mode="json", exclude_none=True), sort_keys=True)
        self._sql = statements_for(standards, spark_sql)
        self._until = END if until is None else micros(until)
        self._lateness = length(standards.lateness)
        self._compact_from = compact_from
        self._counting = counting
        self._tables = SparkTables(self._spark, folder, declared, self._columns())
        self._run = self._tables.run
        self._promises = SparkPromises(self._tables, standards, self._sql.promises)
        self._rates = SparkRates(self._tables, standards, declared) if standards.of_kind(Rate) else None

    def _columns(self) -> dict[str, dict[str, str]]:
        columns = {
            "openings": promises.OPENINGS,
            "closings": promises.CLOSINGS,
            "moves": MOVES,
            "seen": arrivals.SEEN,
            "findings": FINDINGS,
            "set_aside": SET_ASIDE,
            "points": rates.POINTS,
            "kept": kept.KEPT,
        }
        columns |= {log_table(name): DETECTORS[name].LOG for name in self._sql.detectors}
        if self.standards.of_kind(Rate):
            columns[spark_rates.LOG] = rate_windows.LOG
        return columns

    def close(self) -> None:
        """Let go of what the cluster holds in memory."""
        self._tables.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # what is known

    @property
    def position(self) -> int | str | None:
        return self._tables.last.position

    @property
    def step_number(self) -> int:
        return self._tables.last.step

    @property
    def counts(self) -> Counts:
        return self._tables.last.counts

    @property
    def watermark(self) -> datetime | None:
        """Findings before this instant were given."""
        return (
            None if self._tables.last.given == BEGINNING else _EPOCH + timedelta(microseconds=self._tables.last.given)
        )

    def findings_since(self, step: int) -> pa.Table:
        """The findings of all steps after that one, in a stable order, as `duckdb.Monitor` gives them."""
        found = self._tables.since("findings", step)
        said = [
            None if text is None else orjson.dumps(orjson.loads(text)).decode()
            for text in found["evidence"].to_pylist()
        ]
        found = found.set_column(found.column_names.index("evidence"), "evidence", pa.array(said, pa.string()))
        return found.sort_by([(name, "ascending") for name in ORDER]).cast(FINDINGS_SCHEMA)

    def set_aside_since(self, step: int) -> pa.Table:
        """The late and the unreadable of all steps after that one, with reasons."""
        aside = self._tables.since("set_aside", step).sort_by([("seq", "ascending"), ("reason", "ascending")])
        place = aside.column_names.index("time")
        return aside.set_column(place, "time", aside["time"].cast(_UTC)).drop_columns(["seq"])

    def points_since(self, step: int) -> pa.Table:
        """The windows of rates as judged in all steps after that one: the dots of control charts."""
        order = [(name, "ascending") for name in ("at", "standard", "subject", "unit", "start")]
        return self._tables.since("points", step).sort_by(order).cast(POINTS_SCHEMA)

    def kept_since(self, step: int) -> pa.Table:
        """How often the steps after that one found promises and limits kept and broken, as `duckdb.Monitor` has it."""
        counts = self._tables.since("kept", step).group_by(["standard", "unit", "hour"])
        counts = counts.aggregate([("kept", "sum"), ("broken", "sum")]).rename_columns(list(kept.KEPT))
        return counts.set_column(2, "hour", counts["hour"].cast(_UTC))

    def still_due(self, now: datetime, *, since: datetime) -> tuple[pa.Table, pa.Table]:
        """What is still promised, for people: see `duckdb.Monitor.still_due`."""
        with self._tables.held():
            self._promises.follow_all()
            soonest = self._run(self._sql.promises.soonest, since=micros(since), before=micros(now)).toArrow()
            return soonest, self._run(self._sql.promises.still_due, before=micros(now)).toArrow()

    # what happens

    def step(self, signals: pa.Table, position: int | str | None = None, *, emit: bool = True) -> None:
        """Take a batch of readable signals, as a source gives them, in order of arrival."""
        seq = pa.array(np.arange(self._now.seq, self._now.seq + signals.num_rows, dtype=np.int64))
        arrived = signals.append_column("seq", seq).select(list(ARRIVED))
        rows = self._spark.createDataFrame(arrived)
        if signals.num_rows < _ROWS_FOR_MANY:
            rows = rows.coalesce(1)
        self._whole_step(rows, signals.num_rows, position, emit=emit)

    def step_table(self, arrived: Any, places: int, position: int | str | None = None, *, emit: bool = True) -> None:
        """Take a Spark table of ARRIVED, of any session, whose `seq` lie within so many places from `next_place` on."""
        name = f"arrived_{id(self)}"
        arrived.createOrReplaceGlobalTempView(name)
        try:
            self._whole_step(self._spark.table(f"global_temp.{name}"), places, position, emit=emit)
        finally:
            self._spark.catalog.dropGlobalTempView(name)

    @property
    def session(self) -> Any:
        """Where the tables that it takes are to be made."""
        return self._spark

    @property
    def next_place(self) -> int:
        """The first place in the order of arrival that is free."""
        return self._now.seq

    def tick(self, now: datetime) -> None:
        """Let time alone move on: the watermark as if a signal of this instant had come."""

        def act() -> None:
            self._set(high=max(self._now.high, micros(now)))
            self._end_step(self._now.high - self._lateness)

        self._tables.attempt(act)

    def forget_before(self, step: int) -> None:
        """Drop the findings and the signals set aside of steps before that one, once their consumer has them: the next
        step that is committed is without them.
        """
        self._tables.forget_before(step, _FOR_CONSUMERS)

    def finish(self, until: datetime | None = None) -> int:
        """Judge everything up to and including `until` (default: the largest time seen); gives the promises open."""
        last = self._now.high if until is None else micros(until)
        still_open = 0

        def act() -> None:
            nonlocal still_open
            self._end_step(last + 1, everything=True)
            if self.standards.promises:
                still_open = self._promises.still_open(before=self._now.given)

        self._tables.attempt(act)
        return still_open

    def _whole_step(self, arrived: Any, places: int, position: int | str | None, *, emit: bool) -> None:
        def act() -> None:
            self._take(arrived)
            self._set(seq=self._now.seq + places, position=position)
            self._end_step(self._now.high - self._lateness if emit else self._now.given)

        self._tables.attempt(act)

    # a step, part by part

    def _take(self, arrived: Any) -> None:
        self._tables.keep("arrived", arrived)
        self._tables.view("apart", self._run(self._sql.apart, high=self._now.high, until=self._until))
        self._tables.keep("told", self._run(_TOLD, until=self._until, beginning=BEGINNING))
        self._tables.view("taken", self._run("SELECT *, xxhash64(type) AS kind FROM told WHERE fate = 'taken'"))
        fates = self._run("SELECT fate, count(*) AS n, max(at) AS high FROM told GROUP BY fate").collect()
        number = {row.fate: row.n for row in fates}
        rejected = number.get(arrivals.UNREADABLE, 0)
        if number.get(arrivals.TAKEN):
            rejected += self._log()
        if number.get(arrivals.LATE) or number.get(arrivals.UNREADABLE):
            aside = f"""
                SELECT seq, {_ASIDE}, coalesce(data, unread) AS data, CASE fate WHEN 'unreadable' THEN fault ELSE
                    concat('{LATE}older than the watermark ', date_format(timestamp_micros(watermark),
                        "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")) END AS reason, file, row
                FROM told WHERE fate IN ('late', 'unreadable')"""
            self._tables.add({"set_aside": self._run(aside)})
        high = max((row.high for row in fates if row.fate != arrivals.UNREADABLE and row.high), default=BEGINNING)
        counts = self._now.counts
        self._set(
            high=max(self._now.high, high),
            counts=Counts(
                signals=counts.signals + sum(number.values()),
                duplicates=counts.duplicates + number.get(arrivals.DUPLICATE, 0),
                late=counts.late + number.get(arrivals.LATE, 0),
                rejected=counts.rejected + rejected,
            ),
        )
        seen = """
            SELECT xxhash64(source) ^ xxhash64(id) AS ident, source, id, at FROM told
            WHERE fate IN ('taken', 'duplicate') AND at >= :oldest"""
        self._tables.add({"seen": self._run(seen, oldest=self._oldest())})

    def _log(self) -> int:
        """Log what was taken; gives the number of signals whose due time cannot be told."""
        without = 0
        if self.standards.promises:
            self._tables.keep("unclear_signals", self._promises.log())
            without = int(self._run("SELECT * FROM unclear_signals").count())
        if without:
            unclear = f"""SELECT told.seq, {_ASIDE}, data, reason, file, row
                FROM told JOIN unclear_signals u ON told.seq = u.seq"""
            self._tables.add({"set_aside": self._run(unclear)})
        logs = {log_table(name): self._run(detector.entries) for name, detector in self._sql.detectors.items()}
        if self._rates is not None:
            logs[spark_rates.LOG] = self._rates.entries()
        if self._counting and self.standards.of_kind(Limit):
            logs["kept"] = self._run(self._sql.limits.within)
        self._tables.add(logs)
        return without

    def _count(self, span: dict[str, int]) -> None:
        """Put on record what was kept and broken in the span whose findings were found last, by whatever standard."""
        self._tables.view("found", self._tables.of_this_step("findings"))
        counts = self._run(self._sql.promises.failed)
        if self.standards.promises:
            counts = counts.unionByName(self._run(self._sql.promises.settled, **span))
        self._tables.add({"kept": counts})

    def _end_step(self, before: int, *, everything: bool = False) -> None:
        if before <= self._now.given and not everything:
            return
        self._find({"since": self._now.given, "before": before}, everything=everything)
        self._set(given=before)
        if not everything and self._tables.most_folders > self._compact_from:
            self._compact(before)

    def _find(self, span: dict[str, int], *, everything: bool) -> None:
        tables, found = self._tables, []
        if self.standards.promises:
            found.append(self._promises.find(span, everything=everything, counting=self._counting))
        found += [self._run(one.findings, **span) for one in self._sql.detectors.values() if not one.is_echo]
        if found:
            tables.add({"findings": reduce(lambda a, b: a.unionByName(b), found)})
        tables.view("found", tables.of_this_step("findings"))
        for name, detector in self._sql.detectors.items():
            if detector.is_echo:
                tables.add({log_table(name): self._run(detector.echoes)})
                tables.add({"findings": self._run(detector.findings, **span)})
        if self._rates is not None:
            self._rates.find(span)
        if self._counting:
            self._count(span)

    def _compact(self, before: int) -> None:
        """Clear out what is settled; changes no finding."""
        fresh = {"seen": self._run("SELECT * FROM seen WHERE at >= :oldest", oldest=self._oldest())}
        if self.standards.promises:
            fresh |= self._promises.unsettled(before)
        for name, detector in self._sql.detectors.items():
            fresh[log_table(name)] = self._run(detector.unsettled, before=before)
        if self._rates is not None:
            fresh[spark_rates.LOG] = self._rates.unsettled(before)
        self._tables.put(fresh)

    @property
    def _now(self) -> Progress:
        """How far the step under way has come."""
        return self._tables.now

    def _oldest(self) -> int:
        """Signals of before are late whatever comes, so none of them can be told to have come already."""
        return self._now.high - self._lateness

    def _set(self, **progress: Any) -> None:
        self._tables.now = replace(self._tables.now, **progress)

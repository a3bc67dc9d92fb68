"""The monitor on Spark: the same tables and steps as `engines.duckdb`, with the rows in Parquet folders.

A step writes its rows, then commits them, its read position and the watermark by renaming one file: see `state`.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
import pyarrow as pa

from amends.monitor.core.due_days import spans_of
from amends.monitor.core.kinds import Limit
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.engines.aside import LATE, reasons_without_due
from amends.monitor.engines.rates import echoes_of, entries_of, stages_of
from amends.monitor.engines.spark.dialect import spark_sql
from amends.monitor.engines.spark.session import session_of_its_own
from amends.monitor.engines.spark.state import StateFolder, arrow_schema, spark_schema
from amends.monitor.engines.state import FINDINGS_SCHEMA, POINTS_SCHEMA, Counts
from amends.monitor.engines.statements import ARRIVED, log_table, statements_for
from amends.monitor.tables import arrivals, kept, promises, rate_windows, rates
from amends.monitor.tables.findings import FINDINGS, ORDER
from amends.monitor.tables.moments import BEGINNING, END, length, micros
from amends.monitor.tables.moves import MOVES, movable
from amends.monitor.tables.registry import DETECTORS

SET_ASIDE = {"seq": "int64"} | dict.fromkeys(("id", "source", "type", "subject"), "string")
SET_ASIDE |= {"time": "int64"} | dict.fromkeys(("customer", "unit", "data", "reason", "file"), "string")
SET_ASIDE |= {"row": "int64"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC = pa.timestamp("us", tz="UTC")
_ASIDE = "id, source, type, subject, at AS time, customer, unit"
_AT_A_TIME = 4  # tables that are written beside each other
_ROWS_FOR_MANY = 20_000  # below, several tasks take longer than one
_RATES = log_table("rates")
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
        self._declared = json.dumps(standards.model_dump(mode="json", exclude_none=True), sort_keys=True)
        self._sql = statements_for(standards, spark_sql)
        self._until = END if until is None else micros(until)
        self._lateness = length(standards.lateness)
        self._compact_from = compact_from
        self._counting = counting
        self._columns = {
            "openings": promises.OPENINGS,
            "closings": promises.CLOSINGS,
            "moves": MOVES,
            "seen": arrivals.SEEN,
            "findings": FINDINGS,
            "set_aside": SET_ASIDE,
            "points": rates.POINTS,
            "kept": kept.KEPT,
        }
        self._columns |= {log_table(name): DETECTORS[name].LOG for name in self._sql.detectors}
        self._has_rates = bool(standards.of_kind(Rate))
        if self._has_rates:
            self._columns[_RATES] = rate_windows.LOG
            self._view("rate_settings", self._rows(rate_windows.settings_of(standards), rate_windows.SETTINGS))
        self._days: list[dict[str, Any]] = []
        self._view("due_days", self._rows(self._days, promises.DUE_DAYS))
        self._state = StateFolder(folder, self._declared)
        self._now = self._last = self._state.last()
        self._held = ExitStack()
        self._show_all()

    def close(self) -> None:
        """Let go of what the cluster holds in memory."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # what is known

    @property
    def position(self) -> int | str | None:
        return self._last.position

    @property
    def step_number(self) -> int:
        return self._last.step

    @property
    def counts(self) -> Counts:
        return self._last.counts

    @property
    def watermark(self) -> datetime | None:
        """Findings before this instant were given."""
        return None if self._last.given == BEGINNING else _EPOCH + timedelta(microseconds=self._last.given)

    def findings_since(self, step: int) -> pa.Table:
        """The findings of all steps after that one, in a stable order, as `duckdb.Monitor` gives them."""
        found = self._since("findings", step)
        said = [
            None if text is None else orjson.dumps(orjson.loads(text)).decode()
            for text in found["evidence"].to_pylist()
        ]
        found = found.set_column(found.column_names.index("evidence"), "evidence", pa.array(said, pa.string()))
        return found.sort_by([(name, "ascending") for name in ORDER]).cast(FINDINGS_SCHEMA)

    def set_aside_since(self, step: int) -> pa.Table:
        """The late and the unreadable of all steps after that one, with reasons."""
        aside = self._since("set_aside", step).sort_by([("seq", "ascending"), ("reason", "ascending")])
        place = aside.column_names.index("time")
        return aside.set_column(place, "time", aside["time"].cast(_UTC)).drop_columns(["seq"])

    def points_since(self, step: int) -> pa.Table:
        """The windows of rates as judged in all steps after that one: the dots of control charts."""
        order = [(name, "ascending") for name in ("at", "standard", "subject", "unit", "start")]
        return self._since("points", step).sort_by(order).cast(POINTS_SCHEMA)

    def kept_since(self, step: int) -> pa.Table:
        """How often the steps after that one found promises and limits kept and broken, as `duckdb.Monitor` has it."""
        counts = self._since("kept", step).group_by(["standard", "unit", "hour"])
        counts = counts.aggregate([("kept", "sum"), ("broken", "sum")]).rename_columns(list(kept.KEPT))
        return counts.set_column(2, "hour", counts["hour"].cast(_UTC))

    def still_due(self, now: datetime, *, since: datetime) -> tuple[pa.Table, pa.Table]:
        """What is still promised, for people: see `duckdb.Monitor.still_due`."""
        with ExitStack() as self._held:
            self._follow(self._sql.promises.followed)
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
            self._now = replace(self._now, high=max(self._now.high, micros(now)))
            self._end_step(self._now.high - self._lateness)

        self._attempt(act)

    def forget_before(self, step: int) -> None:
        """Drop the findings and the signals set aside of steps before that one, once their consumer has them: the next
        step that is committed is without them.
        """
        tables = self._last.tables | {
            name: tuple(one for one in self._last.tables.get(name, ()) if _step_of(one) >= step)
            for name in ("findings", "points", "set_aside", "kept")
        }
        self._now = self._last = replace(self._last, tables=tables, sizes=_sizes_of(tables, self._last.sizes))

    def finish(self, until: datetime | None = None) -> int:
        """Judge everything up to and including `until` (default: the largest time seen); gives the promises open."""
        last = self._now.high if until is None else micros(until)
        still_open = 0

        def act() -> None:
            nonlocal still_open
            self._end_step(last + 1, everything=True)
            still_open = self._still_open()

        self._attempt(act)
        return still_open

    def _whole_step(self, arrived: Any, places: int, position: int | str | None, *, emit: bool) -> None:
        def act() -> None:
            self._take(arrived)
            self._now = replace(self._now, seq=self._now.seq + places, position=position)
            self._end_step(self._now.high - self._lateness if emit else self._now.given)

        self._attempt(act)

    def _attempt(self, act: Any) -> None:
        try:
            with ExitStack() as held:
                self._held = held
                self._now = replace(self._last, step=self._last.step + 1)
                act()
                self._last = self._now = self._state.commit(self._now)
        except BaseException:
            self._now = self._last
            self._show_all()
            raise

    # a step, part by part

    def _take(self, arrived: Any) -> None:
        self._keep("arrived", arrived)
        self._view("apart", self._run(self._sql.apart, high=self._now.high, until=self._until))
        self._keep("told", self._run(_TOLD, until=self._until, beginning=BEGINNING))
        fates = self._run("SELECT fate, count(*) AS n, max(at) AS high FROM told GROUP BY fate").collect()
        number = {row.fate: row.n for row in fates}
        rejected = number.get(arrivals.UNREADABLE, 0)
        if number.get(arrivals.TAKEN):
            rejected += self._log()
        if number.get(arrivals.LATE) or number.get(arrivals.UNREADABLE):
            self._add(
                "set_aside",
                self._run(f"""
                SELECT seq, {_ASIDE}, coalesce(data, unread) AS data, CASE fate WHEN 'unreadable' THEN fault ELSE
                    concat('{LATE}older than the watermark ', date_format(timestamp_micros(watermark),
                        "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")) END AS reason, file, row
                FROM told WHERE fate IN ('late', 'unreadable')"""),
            )
        high = max((row.high for row in fates if row.fate != arrivals.UNREADABLE and row.high), default=BEGINNING)
        counts = self._now.counts
        self._now = replace(
            self._now,
            high=max(self._now.high, high),
            counts=Counts(
                signals=counts.signals + sum(number.values()),
                duplicates=counts.duplicates + number.get(arrivals.DUPLICATE, 0),
                late=counts.late + number.get(arrivals.LATE, 0),
                rejected=counts.rejected + rejected,
            ),
        )
        self._add(
            "seen",
            self._run(
                "SELECT xxhash64(source) ^ xxhash64(id) AS ident, source, id, at FROM told "
                "WHERE fate IN ('taken', 'duplicate') AND at >= :oldest",
                oldest=self._now.high - self._lateness,
            ),
        )

    def _log(self) -> int:
        """Log what was taken; gives the number of signals whose due time cannot be told."""
        without = self._log_promises() if self.standards.promises else 0
        logs = {log_table(name): self._run(detector.entries) for name, detector in self._sql.detectors.items()}
        if self._has_rates:
            logs[_RATES] = self._run(entries_of(self._declared, spark_sql))
        if self._counting and self.standards.of_kind(Limit):
            logs["kept"] = self._run(self._sql.limits.within)
        self._add_all(logs)
        return without

    def _count(self, span: dict[str, int]) -> None:
        """Put on record what was kept and broken in the span whose findings were found last, by whatever standard."""
        self._view("found", self._read("findings", self._of_step(self._now.step)))
        counts = self._run(self._sql.promises.failed)
        if self.standards.promises:
            counts = counts.unionByName(self._run(self._sql.promises.settled, **span))
        self._add("kept", counts)

    def _log_promises(self) -> int:
        by_calendar = promises.by_calendar(self.standards)
        if by_calendar:
            for row in self._run(self._sql.promises.days_wanted).collect():
                due = by_calendar[row.standard][1]
                self._days += [
                    {"standard": row.standard, "day": row.day, "start": span.start, "end": span.end, "due": span.due}
                    for span in spans_of(row.day, due, self.standards.calendar(due.calendar))
                ]
            self._view("due_days", self._rows(self._days, promises.DUE_DAYS))
        self._keep("new_openings", self._run(self._sql.promises.openings))
        logs = {
            "openings": self._run("SELECT * FROM new_openings WHERE due IS NOT NULL"),
            "closings": self._run(self._sql.promises.closings),
        }
        unclear = "SELECT seq, standard, false AS moves FROM new_openings WHERE due IS NULL"
        if self._sql.promises.can_move:
            self._keep("new_moves", self._run(self._sql.promises.moves))
            logs["moves"] = self._run("SELECT * FROM new_moves WHERE due IS NOT NULL OR cancels")
            unclear += " UNION ALL SELECT seq, standard, true FROM new_moves WHERE due IS NULL AND NOT cancels"
        self._add_all(logs)
        reasons = {"standard": "string", "moves": "boolean", "reason": "string"}
        self._view("reasons", self._rows(reasons_without_due(self.standards), reasons))
        self._keep(
            "unclear_signals",
            self._run(
                f"SELECT seq, array_join(array_sort(collect_list(reason)), '; ') AS reason "
                f"FROM ({unclear}) JOIN reasons USING (standard, moves) GROUP BY seq"
            ),
        )
        number = int(self._run("SELECT * FROM unclear_signals").count())
        if number:
            self._add(
                "set_aside",
                self._run(
                    f"SELECT told.seq, {_ASIDE}, data, reason, file, row "
                    "FROM told JOIN unclear_signals u ON told.seq = u.seq"
                ),
            )
        return number

    def _end_step(self, before: int, *, everything: bool = False) -> None:
        if before <= self._now.given and not everything:
            return
        self._find(since=self._now.given, before=before, everything=everything)
        self._now = replace(self._now, given=before)
        if not everything and max(map(len, self._now.tables.values()), default=0) > self._compact_from:
            self._compact(before)

    def _find(self, *, since: int, before: int, everything: bool) -> None:
        span = {"since": since, "before": before}
        sql, found = self._sql, []
        if self.standards.promises:
            if everything or since == BEGINNING:
                self._follow(sql.promises.followed)
            else:
                touched = sql.promises.touched_or_kept if self._counting else sql.promises.touched
                self._keep("candidates", self._run(touched, **span))
                self._follow(sql.promises.followed_candidates if self._counting else sql.promises.troubled_candidates)
            found.append(self._run(sql.promises.findings, **span))
        found += [self._run(one.findings, **span) for one in sql.detectors.values() if not one.is_echo]
        if found:
            self._add("findings", reduce(lambda a, b: a.unionByName(b), found))
        self._view("found", self._read("findings", self._of_step(self._now.step)))
        for name, detector in sql.detectors.items():
            if detector.is_echo:
                self._add(log_table(name), self._run(detector.echoes))
                self._add("findings", self._run(detector.findings, **span))
        if self._has_rates:
            self._find_rates(span)
        if self._counting:
            self._count(span)

    def _find_rates(self, span: dict[str, int]) -> None:
        if any(rate.rate.failures is not None for rate in self.standards.of_kind(Rate)):
            self._add(_RATES, self._run(echoes_of(self._declared, spark_sql)))
        if rate_windows.nothing_ends(self.standards, **span) and not (
            self._run(f"SELECT 1 FROM {_RATES} WHERE at >= :since AND at < :before LIMIT 1", **span).count()
        ):
            return
        stages = self._rate_stages()
        for name, statement in stages.stages.items():
            self._keep(name, self._run(statement, **span))
        self._add("points", self._run("SELECT * FROM rate_points"))
        self._add("findings", self._run(stages.findings))

    def _rate_stages(self) -> Any:
        given = rate_windows.settings_of(self.standards)
        charts = frozenset(setting["chart"] for setting in given)
        at_once = any(setting["at_once"] for setting in given)
        return stages_of(rate_windows.memory_of(self.standards), charts, at_once=at_once, sql=spark_sql)

    def _follow(self, statement: str) -> None:
        self._keep("followed", self._run(statement))
        if self._run("SELECT 1 FROM followed WHERE unclear LIMIT 1").count():
            columns = ", ".join(f"`{name}`" for name in promises.OPENINGS)
            self._view("unclear", self._run(f"SELECT {columns} FROM followed WHERE unclear"))
            searched = self._run(self._sql.promises.searched)
            self._keep("followed", self._run("SELECT * FROM followed WHERE NOT unclear").unionByName(searched))
        if self._sql.promises.can_move:
            self._keep("moved", self._run(self._sql.promises.moved))
            ids = ", ".join("'" + one.id.replace("'", "\\'") + "'" for one in movable(self.standards))
            self._view("followed", self._run(f"SELECT * FROM followed WHERE standard NOT IN ({ids})"))

    def _still_open(self) -> int:
        """Of the promises followed last: neither kept, as far as known, nor given up."""
        if not self.standards.promises:
            return 0
        return int(self._run(self._sql.promises.still_open, before=self._now.given).count())

    def _compact(self, before: int) -> None:
        """Clear out what is settled; changes no finding."""
        fresh = {"seen": self._run("SELECT * FROM seen WHERE at >= :oldest", oldest=self._now.high - self._lateness)}
        if self.standards.promises:
            self._follow(self._sql.promises.followed)
            fresh["openings"] = self._run(self._sql.promises.unsettled, before=before)
            fresh["closings"] = self._run("SELECT * FROM closings WHERE closed >= :before", before=before)
            if self._sql.promises.can_move:
                fresh["moves"] = self._run(
                    "SELECT m.* FROM moves m WHERE m.at >= :before OR EXISTS "
                    "(SELECT 1 FROM openings o WHERE o.standard = m.standard AND o.subject = m.subject)",
                    before=before,
                )
        for name, detector in self._sql.detectors.items():
            fresh[log_table(name)] = self._run(detector.unsettled, before=before)
        if self._has_rates:
            fresh[_RATES] = self._run(self._rate_stages().unsettled, before=before)
        written = self._write_all(fresh)
        self._now = replace(self._now, tables=self._now.tables | {name: (below,) for name, below in written.items()})
        self._show_all()

    # tables

    def _run(self, statement: str, **parameters: int) -> Any:
        return self._spark.sql(statement, args=parameters)

    def _rows(self, rows: Iterable[dict[str, Any]], columns: dict[str, str]) -> Any:
        table = pa.Table.from_pylist(list(rows), schema=arrow_schema(columns))
        return self._spark.createDataFrame(table)

    def _view(self, name: str, rows: Any) -> None:
        rows.createOrReplaceTempView(name)

    def _keep(self, name: str, rows: Any) -> None:
        """A table of this step: in the workers' memory, made again where a worker is lost."""
        rows = rows.persist()
        self._held.callback(rows.unpersist)
        self._view(name, rows)

    def _write(self, name: str, rows: Any) -> str:
        below, place = self._state.folder(self._now.step, name)
        rows.select(*self._columns[name]).write.parquet(str(place))
        return below

    def _write_all(self, tables: dict[str, Any]) -> dict[str, str]:
        """Write several tables beside each other: each alone has little for a cluster to do."""
        with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
            return dict(zip(tables, pool.map(self._write, tables, tables.values()), strict=True))

    def _add_all(self, tables: dict[str, Any]) -> None:
        for name, below in self._write_all(tables).items():
            folders = (*self._now.tables.get(name, ()), below)
            self._now = replace(self._now, tables=self._now.tables | {name: folders})
            self._view(name, self._read(name, folders))

    def _add(self, name: str, rows: Any) -> None:
        self._add_all({name: rows})

    def _read(self, name: str, folders: Iterable[str]) -> Any:
        places = [str(self._state.path / below) for below in folders]
        if not places:
            return self._rows([], self._columns[name])
        return self._spark.read.schema(spark_schema(self._columns[name])).parquet(*places)

    def _of_step(self, step: int) -> list[str]:
        return [one for one in self._now.tables.get("findings", ()) if _step_of(one) == step]

    def _since(self, name: str, step: int) -> pa.Table:
        folders = [one for one in self._last.tables.get(name, ()) if _step_of(one) > step]
        return self._read(name, folders).toArrow()

    def _show_all(self) -> None:
        for name in self._columns:
            self._view(name, self._read(name, self._now.tables.get(name, ())))


def _step_of(below: str) -> int:
    return int(below.removeprefix("rows/")[:9])


def _sizes_of(tables: dict[str, tuple[str, ...]], known: dict[str, int]) -> dict[str, int]:
    named = {one for folders in tables.values() for one in folders}
    return {one: size for one, size in known.items() if one in named}

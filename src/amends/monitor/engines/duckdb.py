"""The monitor on DuckDB: a log that only grows, in memory or in one file, and steps that commit everything together.

A step is one transaction: log, watermark, read position and the findings of the step. After kill -9 the file is
as after the last whole step; `position` says where to go on, `findings_since` gives again what was not received.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import duckdb
import numpy as np
import pyarrow as pa

from amends.monitor.core.kinds import Limit
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.engines.arriving import Arrivals, Told
from amends.monitor.engines.aside import set_aside_unjudged
from amends.monitor.engines.asking import Questions
from amends.monitor.engines.beside import Beside
from amends.monitor.engines.connecting import connect
from amends.monitor.engines.detecting import DetectorLog
from amends.monitor.engines.found import Found
from amends.monitor.engines.intake import readable
from amends.monitor.engines.observing import Observations
from amends.monitor.engines.promises import PromiseLog
from amends.monitor.engines.rates import RateLog
from amends.monitor.engines.state import Counts, create, kept_since, points_since, set_aside_since
from amends.monitor.engines.statements import ARRIVED, log_table, statements_for
from amends.monitor.engines.voice import know_voice
from amends.monitor.tables.arrivals import DUPLICATE, LATE, TAKEN, UNREADABLE
from amends.monitor.tables.moments import BEGINNING, END, length, micros
from amends.monitor.tables.registry import DETECTORS

Position = int | str | None

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHECKPOINT_FROM = "1GB"  # of the log of commits: most of what is in it is settled before it is ever in the tables
_CHECKPOINT_EVERY = 5_000  # steps, however small: each has to be done again after a crash
_ROWS_FOR_TWO = 10_000  # of a batch: below, no part of a step is worth doing beside another
_ROWS_FOR_MANY = 200_000  # below, several threads for one statement take more of the machine and no less time


class Monitor:
    """The running monitor for one set of standards; not for several threads at once."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        standards: Standards,
        *,
        until: datetime | None = None,
        threads: int = 1,
        compact_from: int = 400_000,
        counting: bool = False,
        observing: bool = False,
        on_disk: bool = False,
    ) -> None:
        self.standards = standards
        self._con = connection
        self._threads = threads
        self._spread = 1  # over how many threads statements are spread now
        self._sql = statements_for(standards)
        self._beside = Beside(there=threads > 1)
        questions = Questions(connection)
        self._promises = PromiseLog(
            connection,
            questions,
            standards,
            self._sql.promises,
            beside=self._beside,
            on_disk=on_disk,
            compact_from=compact_from,
        )
        self._logs: list[DetectorLog | RateLog] = [
            DetectorLog(connection, questions, log_table(name), standards.of_kind(DETECTORS[name].KIND), sql)
            for name, sql in self._sql.detectors.items()
        ]
        self._logs.sort(key=lambda log: log.echoes)  # whoever looks at what the others found comes after them
        self._compact_from = compact_from
        self._counting = counting
        self._observed = Observations(connection, standards, self._sql) if observing else None
        self._measured = {limit.limits.type for limit in standards.of_kind(Limit)}
        self._lateness = length(standards.lateness)
        self._arrivals = Arrivals(
            connection,
            questions,
            lateness=self._lateness,
            until=END if until is None else micros(until),
            on_disk=on_disk,
        )
        create(connection)
        self._found = Found(connection, on_disk=on_disk)
        know_voice(connection)
        if standards.of_kind(Rate):
            self._logs.append(RateLog(connection, standards))
        self._read_progress()
        self._arrivals.seen.read()
        self._promises.read()
        self._promises.settle(before=self._given)

    @classmethod
    def open(
        cls,
        path: Path | None,
        standards: Standards,
        *,
        until: datetime | None = None,
        memory_limit: str = "2GB",
        threads: int = 2,
        spill: Path | None = None,
        compact_from: int = 400_000,
        counting: bool = False,
        observing: bool = False,
    ) -> Self:
        """Open or create the state in a file, or in memory without one.

        `threads` is how many a step may use: with several, parts of a step go on beside each other, and large ones are
        cut; a step that has little to look at uses one, which others would only slow.
        `spill` is a folder for what does not fit into memory; fewer than `compact_from` rows of log are not worth
        clearing out. `counting` keeps how often promises and limits were kept and broken, for `kept_since`;
        `observing` keeps single promises as they were settled, values as they were measured, and news as it was heard.
        """
        spills = {} if spill is None else {"temp_directory": str(spill)}
        connection = connect(path, memory_limit=memory_limit, **spills)
        # what is kept is soon gone again: not worth compressing
        connection.execute(f"SET wal_autocheckpoint = '{_CHECKPOINT_FROM}'; SET force_compression = 'uncompressed'")
        return cls(
            connection,
            standards,
            until=until,
            threads=threads,
            compact_from=compact_from,
            counting=counting,
            observing=observing,
            on_disk=path is not None,
        )

    def close(self) -> None:
        self._beside.close()
        self._promises.close()
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # what is known

    @property
    def position(self) -> Position:
        """Where the reader of the stream is to go on: as given with the last step that was committed."""
        return self._position

    @property
    def step_number(self) -> int:
        return self._step

    @property
    def counts(self) -> Counts:
        return self._counts

    @property
    def watermark(self) -> datetime | None:
        """Findings before this instant were given."""
        return None if self._given == BEGINNING else _EPOCH + timedelta(microseconds=self._given)

    @property
    def latest(self) -> datetime | None:
        """The largest time seen."""
        return None if self._high == BEGINNING else _EPOCH + timedelta(microseconds=self._high)

    def promises_open(self) -> int:
        """Promises neither kept, as far as known, nor given up."""
        self._promises.follow_all()
        return self._promises.still_open(before=self._given)

    def findings_since(self, step: int) -> pa.Table:
        """The findings of all steps after that one, in a stable order."""
        return self._found.since(step)

    def points_since(self, step: int) -> pa.Table:
        """The windows of rates as judged in all steps after that one: the dots of control charts."""
        return points_since(self._con, step)

    def set_aside_since(self, step: int) -> pa.Table:
        """The late and the unreadable of all steps after that one, with reasons."""
        return set_aside_since(self._con, step)

    def kept_since(self, step: int) -> pa.Table:
        """How often the steps after that one found promises and limits kept and broken, as `tables.kept.KEPT`; `hour`
        is a time.
        """
        return kept_since(self._con, step)

    def asked(self, statement: str, parameters: dict[str, Any] | None = None, **tables: pa.Table) -> pa.Table:
        """What a query of one's own finds in what was kept, beside tables that it is given."""
        for name, table in tables.items():
            self._con.register(name, table)
        try:
            return self._con.execute(statement, parameters or {}).to_arrow_table()
        finally:
            for name in tables:
                self._con.unregister(name)

    def still_due(self, now: datetime, *, since: datetime) -> tuple[pa.Table, pa.Table]:
        """What is still promised, for people: per standard and unit the promises that are due soonest from `since` on,
        and how many there are; see `tables.still_due`. Reads the whole log, so not for each step.
        """
        return self._promises.still_due(now=micros(now), since=micros(since))

    def all_promises(self) -> str:
        """Follow every promise logged; gives the query of them, for `asked`: a row for each due time that was in force,
        and from when to when it was. Times are in microseconds.
        """
        self._promises.follow_all()
        return self._promises.told

    # what happens

    def step(self, signals: pa.Table, position: Position = None, *, emit: bool = True) -> pa.Table:
        """Take a batch in order of arrival and give the findings that it makes certain.

        The batch is a table of signals as the reference describes it, or one that a source made readable already.
        `position` is kept for the reader of the stream. Without `emit` the batch is only logged; its findings come
        with the next step that emits, or at the end.
        """
        if "fault" not in signals.column_names:
            signals = readable(self._con, signals)
        self._spread_over(signals.num_rows + self._kept + self._grown)
        self._beside.wanted = signals.num_rows >= _ROWS_FOR_TWO
        seq = pa.array(np.arange(self._seq, self._seq + signals.num_rows, dtype=np.int64))
        arrived = signals.append_column("seq", seq).select(list(ARRIVED))
        with self._transaction(stepping=True):
            self._judge(arrived)
            self._seq += signals.num_rows
            self._position = position
            self._end_step(self._high - self._lateness if emit else self._given)
        return self._found.last

    def tick(self, now: datetime) -> pa.Table:
        """Let time alone move on: the watermark as if a signal of this instant had come."""
        self._spread_over(self._kept + self._grown)
        with self._transaction(stepping=True):
            self._high = max(self._high, micros(now))
            self._end_step(self._high - self._lateness)
        return self._found.last

    def finish(self, until: datetime | None = None) -> int:
        """Judge everything up to and including `until` (default: the largest time seen); gives the promises still open.

        For replays: nothing may follow.
        """
        self._spread_over(self._kept + self._grown)
        with self._transaction():
            self._end_step((self._high if until is None else micros(until)) + 1, everything=True)
        return self.promises_open()

    def forget_before(self, step: int) -> None:
        """Drop the findings and the signals set aside of steps before that one, once their consumer has them."""
        with self._transaction():
            self._found.forget_before(step)
            for table in ("points", "set_aside", "kept"):
                self._con.execute(f"DELETE FROM {table} WHERE step < $step", {"step": step})

    # a step, part by part

    def _spread_over(self, rows: int) -> None:
        """As many threads as that many rows give work to."""
        threads = self._threads if rows >= _ROWS_FOR_MANY else 1
        if threads != self._spread:
            self._con.execute(f"SET threads = {threads}")
            self._spread = threads

    def _judge(self, arrived: pa.Table) -> None:
        come = self._arrivals.keyed(arrived)
        with self._promises.looking_up(come) as closings:
            told = self._arrivals.tell_apart(come, high=self._high)
            self._high = told.high
            place = {"first": self._seq, "step": self._step + 1, "given": self._given}
            with self._promises.taking(arrived, told, closings, **place) as without_due:
                if told.counts[TAKEN]:
                    self._log(told)
                if told.counts[LATE] or told.counts[UNREADABLE]:
                    set_aside_unjudged(self._con, self._step + 1)
                self._arrivals.remember(told.came, high=self._high)
        self._counts = Counts(
            signals=self._counts.signals + sum(told.counts.values()),
            duplicates=self._counts.duplicates + told.counts[DUPLICATE],
            late=self._counts.late + told.counts[LATE],
            rejected=self._counts.rejected + told.counts[UNREADABLE] + without_due,
        )

    def _log(self, told: Told) -> None:
        """Log what was taken, for all but promises."""
        if self._counting and not self._measured.isdisjoint(told.types):
            self._con.execute(f"INSERT INTO kept SELECT {self._step + 1}, * FROM ({self._sql.limits.within})")
        if self._observed is not None:
            self._observed.take(self._step + 1)
        self._grown += sum(log.take() for log in self._logs if log.looks_at(told.types))

    def _end_step(self, before: int, *, everything: bool = False) -> None:
        self._step += 1
        self._found.begin(self._step)
        if before > self._given or everything:
            self._find(before)
            self._given = before
            with self._beside.doing(self._found.end):
                if not everything:
                    self._promises.clear(before=before)
                    if self._grown > max(self._compact_from, 2 * self._kept):
                        self._compact()
            self._found.keep()
        self._con.execute(
            """
            UPDATE progress SET step = $step, seq = $seq, position = $position, high = $high, given = $given,
                signals = $signals, duplicates = $duplicates, late = $late, rejected = $rejected
            """,
            {
                "step": self._step,
                "seq": self._seq,
                "position": json.dumps(self._position),
                "high": self._high,
                "given": self._given,
                **vars(self._counts),
            },
        )

    def _find(self, before: int) -> None:
        span = {"since": self._given, "before": before}
        counting = self._counting or self._observed is not None
        self._promises.find(self._found, **span, counting=counting)
        for n, log in enumerate(self._logs):
            if log.echoes:
                if n == 0 or not self._logs[n - 1].echoes:
                    self._found.tell()
                self._grown += log.hear_of_findings()
            log.find(self._found, **span)
        if self._counting:
            self._found.tell()
            self._promises.count(step=self._step, **span)
        if self._observed is not None:
            self._promises.observe(step=self._step, **span)
            self._observed.count(self._step, **span)

    def _compact(self) -> None:
        """Clear out what is settled; changes no finding."""
        for log in self._logs:
            log.compact(before=self._given)
        self._kept, self._grown = self._log_size(), 0

    # the state

    def _read_progress(self) -> None:
        row = self._con.execute("FROM progress").fetchone()
        assert row is not None  # noqa: S101  create put it there
        self._step, self._seq, position, self._high, self._given, *counts = row
        self._position: Position = json.loads(position)
        self._counts = Counts(**dict(zip(vars(Counts()), counts, strict=True)))
        self._kept, self._grown = self._log_size(), 0

    @contextmanager
    def _transaction(self, *, stepping: bool = False) -> Iterator[None]:
        """All of it or nothing is kept. Of a step what was settled meanwhile is let go of, beside the commit."""
        self._con.begin()
        self._arrivals.seen.begin()
        self._promises.begin()
        given, kept = self._given, False
        try:
            yield
            with self._beside.doing(
                lambda: self._promises.settle(before=self._given) if stepping and self._given > given else None
            ):
                self._con.commit()
                kept = True
        except BaseException:
            if not kept:
                self._take_back()
            raise
        if stepping and self._step % _CHECKPOINT_EVERY == 0:
            self._con.execute("CHECKPOINT")

    def _take_back(self) -> None:
        """As it was when the transaction began: what is wrong is what was raised, so nothing is raised here."""
        # after a commit that failed nothing is left to roll back, and the engine may refuse all else
        with suppress(duckdb.Error):
            self._con.rollback()
        with suppress(duckdb.Error):
            self._read_progress()
            self._arrivals.seen.take_back()
            self._promises.take_back()

    def _log_size(self) -> int:
        return sum(log.size() for log in self._logs)

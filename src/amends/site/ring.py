"""One turn of the ring on one machine: signals -> findings -> failures -> incidents; the worker opens cases and acts.

The monitor's state is a DuckDB file that commits log, watermark, read position and findings together. Findings reach
PostgreSQL after that, under keys that make a repetition harmless: whoever was killed in between delivers them again at
the next start (Laws 1 and 2).
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import pyarrow as pa
from django.db import connection, transaction

from amends.monitor.core.rate import Rate
from amends.monitor.core.signal import AHEAD
from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.models import KeptCount, MonitorProgress
from amends.monitor.recorded import root_of
from amends.monitor.selectors import found_before, signals_after, stream_of
from amends.monitor.services import (
    add_kept,
    avert_risks,
    end_forgotten,
    end_quiet_incidents,
    keep_set_aside,
    keep_windows,
    lapse_candidates,
    record_findings,
    record_rates,
    wanted_findings,
)
from amends.monitor.services.recording import signals_anew
from amends.monitor.sources.files import SCHEMA
from amends.monitor.tables.moments import micros
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.queue import defer_open_cases
from amends.site.board_publisher import BoardPublisher, Speed
from amends.site.home import open_home

BATCH = 50_000  # signals a step
NO_FAILURE = ("at_risk", "out_of_control", "back_in_control")
EARLY = "ahead of the present of this deployment"
_MONITOR = 7_201_303  # advisory lock: one monitor a database

Roster = Callable[[frozenset[str]], None]


class MonitorBusy(RuntimeError):
    """Another process watches this deployment already."""


class Watch:
    """The running monitor of this deployment: takes what signals have come, and lets time pass. One at a time."""

    ENDING = ".duckdb"  # of the state's name

    def __init__(self, folder: Path, version: BlueprintVersion, *, roster: Roster | None = None) -> None:
        """
        Args:
            folder: where the monitor's state lies.
            version: the blueprint in force; another version has a state of its own and judges all signals anew. What
                it finds counts from where the version before had got to: a standard is not held against the past.
            roster: called with the subjects that failed, before it is recorded, to fetch who is served by them.

        Raises:
            MonitorBusy: another process has this deployment's monitor.
        """
        self.version = version
        self._roster = roster
        self._speed = Speed()
        self._newest: datetime | None = None  # time of a signal that the watermark has not passed yet
        self._alone = _held_alone()
        try:
            here, pack = deployment(), blueprint_of(version.pk)
            self._board = BoardPublisher(leaving_out=pack.watched_inside)
            self._history = root_of(here)
            self._progress, _ = MonitorProgress.objects.get_or_create(
                stream=stream_of(here, version),
                defaults={"position": "0", "since": found_before(here), "updated_at": version.published_at},
            )
            self._monitor = self._open(folder, Standards.model_validate(pack.judged_file()))
        except BaseException:
            self._alone.close()
            raise

    def _open(self, folder: Path, standards: Standards) -> Monitor:
        """The state that belongs to our progress. Where it is gone, or is another's, all signals are judged anew: what
        has a failure already keeps it, by its key."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = folder / f"{self._progress.stream}-{self._progress.state}{self.ENDING}"
        for other in folder.glob(f"{deployment().uid}-*{self.ENDING}*"):  # of versions that will never watch again
            if not other.name.startswith(place.name):
                _drop(other)
        monitor = self._monitor_at(place, standards)
        # each step is delivered before the next, so a state that fits is at most one step ahead
        if 0 <= monitor.step_number - int(self._progress.position) <= 1:
            return monitor
        monitor.close()
        _drop(place)
        with transaction.atomic():
            KeptCount.objects.filter(stream=self._progress).delete()  # all is counted anew, too
            self._progress.position = "0"
            self._progress.save()
        return self._monitor_at(place, standards)

    def _monitor_at(self, place: Path, standards: Standards) -> Monitor:
        return Monitor.open(place, standards, threads=2, counting=True)

    def _read_to(self) -> int:
        """The number of the last signal on record that was judged."""
        return int(self._monitor.position or 0)

    @classmethod
    def of_deployment(cls, *, roster: Roster | None = None) -> Self:
        """The watch over this database with the blueprint in force."""
        return cls(open_home() / "monitor", version_in_force(deployment().blueprint_name), roster=roster)

    def is_current(self) -> bool:
        """Whether the blueprint that it judges by is still the one in force."""
        return version_in_force(self.version.name).pk == self.version.pk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._monitor.close()
        with suppress(psycopg.Error):  # a session that is broken let go already
            self._alone.execute("select pg_advisory_unlock(%s)", [_MONITOR])  # at once, whoever stands by
        self._alone.close()

    def turn(self, *, now: datetime) -> int:
        """Take all signals that have come, in steps, and deliver what they led to; how many came."""
        self._deliver(now=now)  # what a killed process may have left behind
        taken = 0
        while True:
            signals, after = self._next(now=now)
            if not signals:
                return taken
            self._newest = max((one["time"] for one in signals if one["time"] <= now + AHEAD), default=self._newest)
            early = [signal | {"reason": EARLY} for signal in signals if signal["time"] > now + AHEAD]
            keep_set_aside(early, now=now)
            self._monitor.step(_arrived(signal for signal in signals if signal["time"] <= now + AHEAD), after)
            self._deliver(now=now)
            taken += len(signals)

    def certain_in(self, *, now: datetime) -> timedelta | None:
        """How long until a tick can judge all that came; None if nothing waits for that."""
        watermark = self._monitor.watermark
        if self._newest is None or (watermark is not None and watermark > self._newest):
            return None
        return self._newest + self._monitor.standards.lateness + timedelta(milliseconds=1) - now

    def _next(self, *, now: datetime) -> tuple[list[dict[str, Any]], str]:
        """What comes after what was judged; from the history where the rows may be gone."""
        position = str(self._monitor.position or "")
        anew, after = signals_anew(int(position or 0), root=self._history, now=now, limit=BATCH)
        return (anew, str(after)) if anew else signals_after(str(after), limit=BATCH)

    def tick(self, *, now: datetime) -> None:
        """Let time alone move on: promises whose time has come break, risks that came to nothing are averted."""
        self._monitor.tick(now)
        self._deliver(now=now)
        if self._monitor.watermark is not None:
            avert_risks(watermark=self._monitor.watermark)
            end_forgotten(self._monitor.standards.of_kind(Rate), watermark=self._monitor.watermark)
        end_quiet_incidents(now=now)
        lapse_candidates(now=now)
        self._take_up(now=now)
        self._board.keep_up(self._monitor, now=now)

    def _take_up(self, *, now: datetime) -> None:
        """What a person wants taken up of what a held standard found becomes failures, some at a time."""
        with transaction.atomic():
            findings = wanted_findings(self.version)
            if findings and self._roster is not None:
                self._roster(frozenset(finding["subject"] for finding in findings))
            recorded = record_findings(findings, version=self.version, now=now, guarded=False)
            defer_open_cases(sorted(recorded.incidents), now=now)

    def _deliver(self, *, now: datetime) -> None:
        delivered = int(self._progress.position)
        if self._monitor.step_number == delivered:
            return
        since = self._progress.since
        findings = [
            finding
            for finding in self._monitor.findings_since(delivered).to_pylist()
            if since is None or finding["at"] >= since
        ]
        broken = frozenset(finding["subject"] for finding in findings if finding["what"] not in NO_FAILURE)
        if broken and self._roster is not None:
            self._roster(broken)
        counts = self._monitor.counts
        progress = self._progress
        progress.position = str(self._monitor.step_number)
        progress.watermark = self._monitor.watermark
        progress.signals, progress.duplicates, progress.late = counts.signals, counts.duplicates, counts.late
        progress.read_to = max(progress.read_to, self._read_to())
        progress.per_second = self._speed.after(counts.signals)
        progress.updated_at = now
        try:
            with transaction.atomic():
                keep_set_aside(self._monitor.set_aside_since(delivered).to_pylist(), now=now)
                keep_windows(self._monitor.points_since(delivered).to_pylist())
                record_rates(findings, version=self.version)
                recorded = record_findings(findings, version=self.version, now=now)
                defer_open_cases(sorted(recorded.incidents), now=now)
                add_kept(progress, _kept(self._monitor.kept_since(delivered)))
                progress.save()
        except BaseException:
            progress.refresh_from_db()
            raise
        self._monitor.forget_before(self._monitor.step_number + 1)


def _drop(state: Path) -> None:
    if state.is_dir():
        shutil.rmtree(state)
    else:
        state.unlink()


def _held_alone() -> Any:
    """A database session that holds the deployment's monitor; it is let go when the process ends, however that is."""
    session = connection.get_new_connection(connection.get_connection_params())
    session.autocommit = True
    (alone,) = session.execute("select pg_try_advisory_lock(%s)", [_MONITOR]).fetchone()
    if not alone:
        session.close()
        raise MonitorBusy("Another process watches this deployment: an `amends serve` or an `amends demo` is running.")
    return session


def _kept(counts: pa.Table) -> list[dict[str, Any]]:
    return [{**row, "unit": row["unit"] or ""} for row in counts.to_pylist()]


def _arrived(signals: Iterable[Mapping[str, Any]]) -> pa.Table:
    place = {"fault": None, "unread": None, "file": None, "row": None}
    rows = [{**signal, "at": micros(signal["time"]), **place} for signal in signals]
    return pa.Table.from_pylist(rows, schema=SCHEMA)

"""One turn of the ring on one machine: signals -> findings -> failures -> incidents -> cases, then the worker acts.

The monitor's state is a DuckDB file that commits log, watermark, read position and findings together. Findings reach
PostgreSQL after that, under keys that make a repetition harmless: whoever was killed in between delivers them again at
the next start (Laws 1 and 2).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from django.db import transaction

from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.models import MonitorProgress
from amends.monitor.selectors import signals_after
from amends.monitor.services import avert_risks, end_quiet_incidents, record_findings
from amends.monitor.sources.files import SCHEMA
from amends.monitor.tables.moments import micros
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.services import open_cases
from amends.site.home import open_home

BATCH = 50_000  # signals a step

Roster = Callable[[frozenset[str]], None]


class Watch:
    """The running monitor of this deployment: takes what signals have come, and lets time pass."""

    def __init__(self, folder: Path, version: BlueprintVersion, *, roster: Roster | None = None) -> None:
        """
        Args:
            folder: where the monitor's state lies.
            version: the blueprint in force; another version has a state of its own and judges all signals anew.
            roster: called with the subjects that failed, before it is recorded, to fetch who is served by them.
        """
        self.version = version
        self._roster = roster
        self._stream = f"{deployment().uid}-{version.name}-{version.number}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        standards = Standards.model_validate(blueprint_of(version.pk).standards_file())
        self._monitor = Monitor.open(folder / f"{self._stream}.duckdb", standards)
        self._progress, _ = MonitorProgress.objects.get_or_create(
            stream=self._stream, defaults={"position": "0", "updated_at": version.published_at}
        )

    @classmethod
    def of_deployment(cls, *, roster: Roster | None = None) -> Self:
        """The watch over this database with the blueprint in force."""
        return cls(open_home() / "monitor", version_in_force(deployment().blueprint_name), roster=roster)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._monitor.close()

    def turn(self, *, now: datetime) -> int:
        """Take all signals that have come, in steps, and deliver what they led to; how many came."""
        self._deliver(now=now)  # what a killed process may have left behind
        taken = 0
        while True:
            position = str(self._monitor.position or "")
            signals, after = signals_after(position, limit=BATCH)
            if not signals:
                return taken
            self._monitor.step(_arrived(signals), after)
            self._deliver(now=now)
            taken += len(signals)

    def tick(self, *, now: datetime) -> None:
        """Let time alone move on: promises whose time has come break, risks that came to nothing are averted."""
        self._monitor.tick(now)
        self._deliver(now=now)
        if self._monitor.watermark is not None:
            avert_risks(watermark=self._monitor.watermark)
        end_quiet_incidents(now=now)

    def _deliver(self, *, now: datetime) -> None:
        delivered = int(self._progress.position)
        if self._monitor.step_number == delivered:
            return
        findings = self._monitor.findings_since(delivered).to_pylist()
        broken = frozenset(finding["subject"] for finding in findings if finding["what"] != "at_risk")
        if broken and self._roster is not None:
            self._roster(broken)
        counts = self._monitor.counts
        progress = self._progress
        progress.position = str(self._monitor.step_number)
        progress.watermark = self._monitor.watermark
        progress.signals, progress.duplicates, progress.late = counts.signals, counts.duplicates, counts.late
        progress.updated_at = now
        try:
            with transaction.atomic():
                recorded = record_findings(findings, version=self.version, now=now)
                if recorded.incidents:
                    open_cases(sorted(recorded.incidents), now=now)
                progress.save()
        except BaseException:
            progress.refresh_from_db()
            raise
        self._monitor.forget_before(self._monitor.step_number)


def _arrived(signals: Iterable[Mapping[str, Any]]) -> pa.Table:
    place = {"fault": None, "unread": None, "file": None, "row": None}
    rows = [{**signal, "at": micros(signal["time"]), **place} for signal in signals]
    return pa.Table.from_pylist(rows, schema=SCHEMA)

"""The monitor on a cluster: Spark Structured Streaming tells what came, the tables judge it, the ring takes it up.

A stream's batch is a step. Which one was judged last is committed with the state; so a batch that Spark gives again
after a restart is left out, and what was found by it is delivered under keys that make a repetition harmless.
"""

import json
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from django.db import close_old_connections, connections

from amends.monitor.core.standard import Standards
from amends.monitor.engines.spark.monitor import SparkMonitor
from amends.monitor.sources.on_spark import Source
from amends.policy.models import BlueprintVersion
from amends.policy.present import present
from amends.policy.selectors import deployment, version_in_force
from amends.site.monitor_loop import look_after
from amends.site.ring import Watch


def watch_on_spark(stop: Event, source: Source, *, session: Any, folder: Path, every: float | None) -> None:
    """Turn the ring until stopped.

    Args:
        stop: set by whoever wants it to end.
        source: of signals.
        session: of Spark.
        folder: where the state lies.
        every: seconds between two looks for signals; None: only one look.

    Raises:
        MonitorBusy: another process has this deployment's monitor.
    """
    while not stop.is_set():
        version = version_in_force(deployment().blueprint_name)
        with SparkWatch(folder, version, session=session) as watch:
            while not stop.is_set() and watch.is_current():
                close_old_connections()
                watch.take(source, now=present())
                watch.tick(now=present())
                look_after(0, now=present())
                if every is None:
                    return
                stop.wait(every)


class SparkWatch(Watch):
    """A watch that takes signals from files or topics, not from those on record."""

    ENDING = ".spark"

    def __init__(self, folder: Path, version: BlueprintVersion, *, session: Any) -> None:
        """
        Args:
            folder: where the state lies, and how far the stream was read; every machine of the cluster sees it there.
            version: the blueprint in force.
            session: of Spark.

        Raises:
            MonitorBusy: another process has this deployment's monitor.
        """
        self._session = session
        self._checkpoints = folder
        super().__init__(folder, version)

    def take(self, source: Source, *, now: datetime) -> None:
        """Judge all that has come since the last time, batch by batch, and deliver what it led to."""
        self._deliver(now=now)  # what a killed process may have left behind
        checkpoint = self._checkpoints / f"{self._progress.stream}-{self._progress.state}.stream"

        def step(rows: Any, number: int) -> None:
            # a checkpoint that was begun anew counts from 0 again
            place = f"{json.loads((checkpoint / 'metadata').read_text())['id']}:{number}"
            try:
                if self._monitor.position != place:
                    arrived, places = source.arrived(rows, first=self._monitor.next_place, now=present())
                    self._monitor.step_table(arrived, places, place)
                self._deliver(now=now)
            finally:
                connections.close_all()  # Spark calls from a thread of its own

        writer = source.stream(self._session).writeStream.foreachBatch(step).trigger(availableNow=True)
        query = writer.option("checkpointLocation", str(checkpoint)).start()
        try:
            query.awaitTermination()
        finally:
            query.stop()

    def _monitor_at(self, place: Path, standards: Standards) -> Any:
        return SparkMonitor(self._session, standards, place, counting=True)

    def _read_to(self) -> int:
        return self._progress.read_to  # what came over the API waits for the monitor of one machine

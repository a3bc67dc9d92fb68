"""Whoever turns signals into history, as a process that is killed."""

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from amends.monitor.services.recording import Busy, compact_history, land_signals, sweep_history


def write(root: Path, said: Connection) -> None:
    """What the history's jobs do, again and again; says each time when it goes to work."""
    now = datetime(2026, 3, 9, tzinfo=UTC)

    def at_work() -> bool:
        said.send(None)
        return True

    while at_work():
        try:
            while at_work() and land_signals(root=root, now=now, limit=3):
                pass
            at_work()
            compact_history(root=root, now=now)
            at_work()
            sweep_history(root=root)
        except Busy:
            pass

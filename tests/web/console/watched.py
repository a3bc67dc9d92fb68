"""What the board and the pages of standards show in tests: the rows that a monitor would have left."""

from datetime import datetime, timedelta
from math import sin
from typing import Any

from amends.monitor.models import Board, KeptCount, MonitorProgress
from amends.monitor.selectors import stream_of
from amends.monitor.services import add_kept, publish_board, want_board
from amends.policy.selectors import deployment, version_in_force
from tests.web.console.world import CANCELLED, LATE, NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def stream() -> str:
    here = deployment()
    version = version_in_force(here.blueprint_name)
    return stream_of(here, version)


def monitored(*, heard: datetime = NOW, watermark: datetime | None = None) -> MonitorProgress:
    """The monitor said something then."""
    progress, _ = MonitorProgress.objects.update_or_create(
        stream=stream(),
        defaults={
            "position": "7",
            "watermark": watermark or heard - 10 * MINUTE,
            "signals": 4_200,
            "per_second": 12.34,
            "updated_at": heard,
        },
    )
    return progress


def promise(
    subject: str, due: datetime, *, seq: int, standard: str = "arrive-on-time", unit: str = "XX-EWR", **more: Any
):
    row = {"standard": standard, "seq": seq, "subject": subject, "unit": unit, "customer": ""}
    return {**row, "opened_at": due - 6 * HOUR, "due": due, "warn_at": due - 30 * MINUTE, **more}


def put_on_board(
    now: datetime = NOW, *, extra: list[dict[str, Any]] | None = None, counted: list[dict[str, Any]] | None = None
) -> Board:
    """Promises from just broken to far off, at two stations; `extra` ones, and others that are only counted."""
    want_board(now=now)
    rows = [
        promise(CANCELLED, now - 4 * MINUTE, seq=1, unit="XX-JFK"),
        promise(LATE, now + 3 * MINUTE + timedelta(seconds=20), seq=2),
        promise("XX3/2026-03-02/EWR-DEN", now + 17 * MINUTE, seq=3, standard="depart-on-time", customer="C-4"),
        promise("XX4/2026-03-02/EWR-MIA", now + 95 * MINUTE, seq=4),
        promise("XX5/2026-03-02/JFK-LAX", now + 5 * HOUR, seq=5, unit="XX-JFK"),
        *(extra or []),
    ]
    counts = [
        {"standard": "arrive-on-time", "unit": "XX-EWR", "open": 2, "at_risk": 1, "overdue": 0},
        {"standard": "depart-on-time", "unit": "XX-EWR", "open": 1, "at_risk": 1, "overdue": 0},
        {"standard": "arrive-on-time", "unit": "XX-JFK", "open": 12, "at_risk": 0, "overdue": 11},
        *(counted or []),
    ]
    publish_board(added=rows, gone=[], counts=counts, uncounted=[], anew=True, now=now)
    return Board.objects.get()


def count_kept(*, days: int = 21, until: datetime = NOW) -> None:
    """Three weeks of departures, with a bad day in them, some cancellations, and calls answered."""
    progress = monitored()
    KeptCount.objects.filter(stream=progress).delete()
    rows = []
    first = until.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    for hour in range(24 * days):
        at = first + hour * HOUR
        due = 14 + round(4 * sin(hour))
        bad = 9 if hour // 24 == days - 6 else 2 + hour % 3
        for unit in ("XX-EWR", "XX-JFK"):
            row = {"standard": "depart-on-time", "hour": at, "unit": unit}
            rows.append({**row, "kept": max(0, due - bad), "broken": min(bad, due)})
        if hour % 17 == 0:
            rows.append({"standard": "not-cancelled", "hour": at, "unit": "XX-JFK", "kept": 0, "broken": 1 + hour % 2})
        if hour % 6 == 0:
            calls = {"standard": "call-answered-soon", "hour": at, "unit": "XX-EWR"}
            rows.append({**calls, "kept": 47 - hour % 4, "broken": 3 + hour % 4})
    add_kept(progress, rows)

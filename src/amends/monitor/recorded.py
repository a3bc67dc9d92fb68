"""Reads of the history's list: where it lies, from when to when it goes, and which signals still wait to get there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from amends.monitor.core.history_days import day_of
from amends.monitor.models import HistoryFile, HistoryProgress
from amends.policy.models import Deployment


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the history holds, as a person asks."""

    since: date | None  # its first day; None: there is none yet
    until: date | None
    files: int
    signals: int
    size: int  # bytes
    set_aside: int  # files that could not be read
    lost: int  # their signals that could not be written anew
    waiting: bool  # whether signals were accepted that are not there yet
    written_at: datetime | None
    trouble: str  # the system's code for what keeps signals from it, such as ENOSPC
    troubled_at: datetime | None


def root_of(deployment: Deployment) -> Path:
    """The folder of this deployment's history: two databases that share a data folder keep apart."""
    return Path(settings.HISTORY_PATH) / f"deployment={deployment.uid}"


def history_progress() -> HistoryProgress:
    return HistoryProgress.objects.get_or_create(pk=1)[0]


def history_now() -> Recorded:
    """What there is."""
    progress = HistoryProgress.objects.filter(pk=1).first() or HistoryProgress(pk=1)
    sound = Q(fault="")
    found = HistoryFile.objects.aggregate(
        since=Min("day", filter=sound),
        until=Max("day", filter=sound),
        files=Count("pk", filter=sound),
        signals=Sum("signals", filter=sound),
        size=Sum("size", filter=sound),
        set_aside=Count("pk", filter=~sound),
        lost=Sum("lost"),
    )
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from monitor_signal where id > %s)", [progress.position])
        (waiting,) = cursor.fetchone()
    return Recorded(
        **{name: found[name] or 0 for name in ("files", "signals", "size", "set_aside", "lost")},
        since=found["since"],
        until=found["until"],
        waiting=waiting,
        written_at=progress.written_at,
        trouble=progress.trouble,
        troubled_at=progress.troubled_at,
    )


def days_recorded(since: datetime, until: datetime) -> Sequence[tuple[date, int]]:
    """The days from one instant to another, both included, that history has, and how many signals each."""
    days = HistoryFile.objects.filter(fault="", day__range=(day_of(since), day_of(until)))
    return list(days.values_list("day").annotate(number=Sum("signals")).order_by("day"))

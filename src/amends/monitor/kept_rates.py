"""How well standards are kept, for a person: sums of the hourly counts of their units; nothing is counted anew."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from amends.kernel.blueprint.standard_parts import Standard
from amends.monitor.core.kept_rate import Period
from amends.monitor.live_board import Asked
from amends.monitor.models import Failure, KeptCount, MonitorProgress, RateWindow
from amends.monitor.selectors import stream_of
from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotFound, require
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force

DAYS: Final = 28  # by day, a chart shows so many
HOURS: Final = 48  # by hour
LATELY: Final = timedelta(days=7)  # what the list of standards tells
VERSIONS: Final = 20  # of the blueprint, the latest, that are looked through for changes of a standard
HOUR: Final = timedelta(hours=1)


def access_standard(staff: Staff, standard_id: str) -> Standard:
    """A standard of the blueprint in force.

    Raises:
        NotAllowed: the role sees no failures.
        NotFound: there is none of that name.
    """
    require(staff, "see_incidents")
    for standard in standards_in_force():
        if standard.id == standard_id:
            return standard
    raise NotFound(f"There is no standard {standard_id!r} here.")


def standards_in_force() -> tuple[Standard, ...]:
    """All of them, as the blueprint has them."""
    return blueprint_of(version_in_force(deployment().blueprint_name).pk).standards


def settled_until(now: datetime) -> datetime:
    """Up to when all promises are settled: the end of the last hour that the watermark has passed."""
    watermark = _streams().aggregate(at=Max("watermark"))["at"]
    return _hour(min(watermark or now, now))


def kept_lately(asked: Asked, *, until: datetime) -> Mapping[str, Period]:
    """Of each standard, what was kept and broken in the last days."""
    rows = _counts(asked).filter(hour__gte=until - LATELY, hour__lt=until)
    summed = rows.values("standard").annotate(all_kept=Sum("kept"), all_broken=Sum("broken"))
    return {
        row["standard"]: Period(start=until - LATELY, kept=row["all_kept"], broken=row["all_broken"]) for row in summed
    }


def in_control_lately(asked: Asked, *, until: datetime) -> Mapping[str, Period]:
    """Of each rate, how many of its units' windows in the last days were in control, as `kept`, and out of it."""
    rows = RateWindow.objects.filter(start__gte=until - LATELY, end__lte=until)
    if asked.units is not None:
        rows = rows.filter(unit_id__in=[pk for _, pk in asked.units])
    counted = rows.values("standard").annotate(all_kept=Count("pk", filter=Q(out=False)), all=Count("pk"))
    return {
        row["standard"]: Period(start=until - LATELY, kept=row["all_kept"], broken=row["all"] - row["all_kept"])
        for row in counted
    }


def kept_over_time(asked: Asked, *, by: str, until: datetime, zone: ZoneInfo) -> list[Period]:
    """One standard's periods up to then, the empty ones too; days are those of the deployment's zone.

    Nothing is shown before the first that was counted. At both ends a day may be there in part only.
    """
    begin = until - (HOURS * HOUR if by == "hour" else timedelta(days=DAYS))
    rows = _counts(asked).filter(hour__gte=begin, hour__lt=until)
    first = rows.aggregate(first=Min("hour"))["first"]
    if first is None:
        return []
    found: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for hour, kept, broken in rows.values_list("hour").annotate(Sum("kept"), Sum("broken")).order_by("hour"):
        sums = found[_start(hour, by, zone)]
        sums[0] += kept
        sums[1] += broken
    periods = []
    start = _start(max(first, begin), by, zone)
    while start < until:
        kept, broken = found.get(start, [0, 0])
        following = _next(start, by)
        periods.append(Period(start=start, kept=kept, broken=broken, whole=begin <= start and following <= until))
        start = following
    return periods


def found_lately(staff: Staff, asked: Asked, *, after: str | None = None, limit: int = 25) -> Page:
    """The failures of one standard that this person may see, the latest found first."""
    require(staff, "see_incidents")
    rows = Failure.objects.select_related("unit", "severity_why", "attribution_why").filter(standard=asked.standard)
    if asked.units is not None:
        rows = rows.filter(unit_id__in=[pk for _, pk in asked.units])
    return page_of(rows, order=("-found_at", "-id"), after=after, limit=limit)


def versions_of(standard_id: str) -> list[tuple[BlueprintVersion, dict[str, Any] | None]]:
    """The versions of the blueprint in which a standard became what it was then, the latest first; None: taken out."""
    name = deployment().blueprint_name
    found = BlueprintVersion.objects.filter(name=name).defer("content").order_by("-number")[:VERSIONS]
    changes: list[tuple[BlueprintVersion, dict[str, Any] | None]] = []
    before: dict[str, Any] | None = None
    for version in reversed(found):
        declared = next((one for one in blueprint_of(version.pk).standards if one.id == standard_id), None)
        said = None if declared is None else declared.model_dump(mode="json", exclude_none=True)
        if said != before:
            changes.append((version, said))
        before = said
    return changes[::-1]


def _streams() -> QuerySet[MonitorProgress]:
    here = deployment()
    version = version_in_force(here.blueprint_name)
    return MonitorProgress.objects.filter(stream=stream_of(here, version))


def _counts(asked: Asked) -> QuerySet[KeptCount]:
    inside = blueprint_of(version_in_force(deployment().blueprint_name).pk).watched_inside
    rows = KeptCount.objects.filter(stream__in=_streams().values("pk")).exclude(standard__in=inside)
    if asked.standard:
        rows = rows.filter(standard=asked.standard)
    if asked.units is not None:
        rows = rows.filter(unit__in=[code for code, _ in asked.units])
    return rows


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _start(hour: datetime, by: str, zone: ZoneInfo) -> datetime:
    return hour.astimezone(zone).replace(hour=0, minute=0) if by == "day" else hour


def _next(start: datetime, by: str) -> datetime:
    return start + (HOUR if by == "hour" else timedelta(days=1))  # a day of the calendar, on the same wall clock

"""Reads of the monitor for a person: whoever asks gets what lies in the units below their own, nothing else."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from amends.monitor.core.clock_skew import Heard, Skew, skew_of, together
from amends.monitor.core.signal import SignalIn, Unusable
from amends.monitor.models import (
    INTAKE_LOCK,
    Failure,
    Incident,
    IntakeFile,
    MonitorProgress,
    ParkedMessage,
    SourceClock,
)
from amends.people.keyset import Page, page_of
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.models import BlueprintVersion, Deployment


def _visible(rows: QuerySet[Any], staff: Staff) -> QuerySet[Any]:
    units = units_below(staff)
    return rows if units is None else rows.filter(unit_id__in=units)


def access_incident(staff: Staff, incident_id: int) -> Incident:
    """The incident, if this person may see it.

    Raises:
        NotAllowed: the role sees no incidents.
        NotFound: there is none of that number below the person's unit.
    """
    require(staff, "see_incidents")
    rows = Incident.objects.select_related("unit", "explanation", "gathered_why", "blueprint")
    found = _visible(rows, staff).filter(pk=incident_id)
    if (incident := found.first()) is None:
        raise NotFound(f"There is no incident {incident_id} here.")
    return incident


def incidents_for(
    staff: Staff,
    *,
    state: str = "",
    unit: str = "",
    severity: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Incidents that this person may see, the latest first; those that count in another only if asked for."""
    require(staff, "see_incidents")
    rows = _visible(Incident.objects.select_related("unit", "explanation", "gathered_why"), staff)
    rows = rows.filter(state=state) if state else rows.exclude(state="merged").filter(failures__gt=0)
    if unit:
        rows = rows.filter(unit__code=unit)
    if severity is not None:
        rows = rows.filter(severity=severity)
    return page_of(rows, order=("-started_at", "-id"), after=after, limit=limit)


def access_failure(staff: Staff, failure_id: int) -> Failure:
    """The failure, if this person may see it.

    Raises:
        NotAllowed: the role sees no failures.
        NotFound: there is none of that number below the person's unit.
    """
    require(staff, "see_incidents")
    rows = Failure.objects.select_related(
        "unit", "incident", "severity_why", "attribution_why", "belongs_why", "closure", "closure_why", "blueprint"
    )
    if (failure := _visible(rows, staff).filter(pk=failure_id).first()) is None:
        raise NotFound(f"There is no failure {failure_id} here.")
    return failure


def failures_for(
    staff: Staff,
    *,
    incident: Incident | None = None,
    customer: Customer | None = None,
    stage: str = "",
    kind: str = "",
    expected: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Failures that this person may see, the latest found first; `expected`: only those in a closure."""
    require(staff, "see_incidents")
    rows = _visible(Failure.objects.select_related("unit", "severity_why", "attribution_why", "belongs_why"), staff)
    narrowed = Q()
    if incident is not None:
        narrowed &= counting_in(incident)
    if expected:
        narrowed &= Q(closure__isnull=False)
    if customer is not None:
        narrowed &= Q(pk__in=customer.affected.values("failure_id"))
    if stage:
        narrowed &= Q(stage=stage)
    if kind:
        narrowed &= Q(kind=kind)
    return page_of(rows.filter(narrowed), order=("-found_at", "-id"), after=after, limit=limit)


def access_upload(staff: Staff, file_id: int) -> IntakeFile:
    """A file that this person uploaded.

    Raises:
        NotAllowed: the role brings no signals in.
        NotFound: they uploaded no such file.
    """
    require(staff, "feed")
    found = IntakeFile.objects.filter(pk=file_id, by=staff, way=IntakeFile.Way.UPLOAD).first()
    if found is None:
        raise NotFound(f"There is no upload {file_id} here.")
    return found


def uploads_for(staff: Staff, *, after: str | None = None, limit: int = 20) -> Page:
    """What this person uploaded, the latest first."""
    require(staff, "feed")
    return page_of(IntakeFile.objects.filter(by=staff), order=("-came_at", "-id"), after=after, limit=limit)


def folder_files_for(staff: Staff, *, limit: int = 20) -> list[IntakeFile]:
    """The latest files of the watched folder, for whoever reaches the whole company: what they tell is of any unit."""
    require(staff, "feed")
    if units_below(staff) is not None:
        return []
    return list(IntakeFile.objects.filter(way=IntakeFile.Way.FOLDER).order_by("-came_at", "-id")[:limit])


def parked_for(staff: Staff, *, limit: int = 20) -> list[ParkedMessage]:
    """The latest messages of streams that are no signals, for whoever reaches the whole company."""
    require(staff, "feed")
    if units_below(staff) is not None:
        return []
    return list(ParkedMessage.objects.order_by("-parked_at", "-id")[:limit])


def clocks_for(
    staff: Staff, *, lateness: timedelta, now: datetime, limit: int = 50
) -> list[tuple[SourceClock, Heard, Skew]]:
    """The sources that were heard last, with what the last two hours in which they were say of their clocks.

    Args:
        staff: who asks; of sources that tell of any unit, whoever reaches the whole company.
        lateness: how far out of order signals may come.
        now: a source that was not heard for a day has no clock to speak of.
        limit: how many at most.
    """
    require(staff, "feed")
    if units_below(staff) is not None:
        return []
    return _clocks(lateness, now, limit)


def clocks_ahead(*, most: int) -> list[tuple[str, timedelta]]:
    """The sources that were heard last and whose clocks are ahead of ours, and by how much; for figures, not people."""
    found = _clocks(timedelta(0), None, most)
    return [(row.source, skew.by) for row, _heard, skew in found if skew.verdict == "ahead"]


def _clocks(lateness: timedelta, now: datetime | None, limit: int) -> list[tuple[SourceClock, Heard, Skew]]:
    found = []
    for row in SourceClock.objects.order_by("-heard_at", "source")[:limit]:
        heard = Heard(signals=row.signals, least=row.least, most=row.most, refused=row.refused, furthest=row.furthest)
        if row.before:
            heard = together(heard, _before(row.before))
        fresh = now is None or now - row.heard_at < timedelta(days=1)
        found.append((row, heard, skew_of(heard, lateness=lateness) if fresh else Skew(verdict="unknown")))
    return found


def _before(kept: dict[str, Any]) -> Heard:
    lengths = {
        name: None if kept.get(name) is None else timedelta(seconds=float(kept[name]))
        for name in ("least", "most", "furthest")
    }
    return Heard(signals=kept.get("signals", 0), refused=kept.get("refused", 0), **lengths)


def backlog() -> int:
    """How many accepted signals no monitor has judged yet, by their numbers: three looks into indexes.

    Somewhat too many where numbers were given out and not used. A new version of the standards judges all signals anew;
    that holds up nobody who sends, so the furthest that any version has got is what counts.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with progress as (select coalesce(max(read_to), 0) as read_to from monitor_monitorprogress)
            select coalesce((select max(id) from monitor_signal) - (
                select id from monitor_signal where id > (select read_to from progress) order by id limit 1
            ) + 1, 0)
            """
        )
        (waiting,) = cursor.fetchone()
    return int(waiting)


def unknown_units(codes: Iterable[str | None], reached: frozenset[str] | None) -> frozenset[str]:
    """Which of these units there are not, or not among those that are reached (None: all are)."""
    named = {code for code in codes if code is not None}
    known = set(Unit.objects.filter(code__in=named).values_list("code", flat=True)) if reached is None else reached
    return frozenset(named - known)


def why_out_of_reach(signal: SignalIn, unknown: frozenset[str], reached: frozenset[str] | None) -> Unusable | None:
    """Why a signal is not for this sender to tell; None if it is."""
    if signal.unit is None and reached is not None:
        return Unusable(
            "whoever sends this is limited to a unit, so each signal must name one",
            "发送方仅限某一单位，每条信号都须注明单位",
        )
    if signal.unit in unknown:
        return Unusable(f"there is no unit {signal.unit} here", f"没有单位 {signal.unit}")
    return None


def family_of(incident_id: int) -> list[int]:
    """An incident and all that was merged into it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive family as (
                select %s::bigint as id
                union select below.id from family join monitor_incident as below on below.merged_into_id = family.id
            )
            select id from family order by id
            """,
            [incident_id],
        )
        return [row[0] for row in cursor.fetchall()]


def root_of(incident_id: int) -> int:
    """The incident in which all of this one counts: itself, unless it was merged."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive up as (
                select id, merged_into_id from monitor_incident where id = %s
                union select above.id, above.merged_into_id
                from up join monitor_incident as above on above.id = up.merged_into_id
            )
            select id from up where merged_into_id is null
            """,
            [incident_id],
        )
        (root,) = cursor.fetchone()
    return int(root)


def counting_in(incident: Incident) -> Q:
    """Narrows failures to those that count in an incident."""
    family = family_of(incident.pk)
    return Q(incident_id__in=family, joined=None) | Q(joined_id__in=family)


def signals_after(position: str, *, limit: int) -> tuple[list[dict[str, Any]], str]:
    """Signals in the order of their arrival after a read position, and the new position.

    Args:
        position: as given out before, or "" for the beginning.
        limit: how many at most.
    """
    after = int(position or 0)
    if (settled := settled_after(after)) is None:
        return [], position
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select id, source, signal_id, type, subject, time, customer, unit, data::text
            from monitor_signal where id > %s and id <= %s order by id limit %s
            """,
            [after, settled, limit],
        )
        found = cursor.fetchall()
    names = ("source", "id", "type", "subject", "time", "customer", "unit", "data")
    return [dict(zip(names, line[1:], strict=True)) for line in found], str(found[-1][0])


def settled_after(position: int) -> int | None:
    """The highest number of a signal so far, if it is above this position.

    Numbers are given out before a transaction commits. So we wait here until every intake under way has ended: what has
    a number up to the highest then is there to be read, and nothing will come before it any more.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [INTAKE_LOCK])
        cursor.execute("select max(id) from monitor_signal where id > %s", [position])
        (settled,) = cursor.fetchone()
    return settled


def stream_of(here: Deployment, version: BlueprintVersion) -> str:
    """The name of what a version's monitor has got to in a deployment."""
    return f"{here.uid}-{version.name}-{version.number}"


def judged_to(here: Deployment, version: BlueprintVersion) -> int:
    """The signal up to which the monitor of this version has judged all; 0 before it has begun."""
    found = MonitorProgress.objects.filter(stream=stream_of(here, version)).values_list("read_to", flat=True)
    return found.first() or 0


def found_before(here: Deployment) -> datetime | None:
    """Up to when the monitors of this deployment have found what there was to find; None: none ever did."""
    given = MonitorProgress.objects.filter(stream__startswith=f"{here.uid}-").aggregate(
        found=Max("watermark"), taken_over=Max("since")
    )
    return max((time for time in given.values() if time is not None), default=None)

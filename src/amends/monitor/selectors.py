"""Reads of the monitor for a person: whoever asks gets what lies in the units below their own, nothing else."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from amends.monitor.models import INTAKE_LOCK, Failure, Incident, MonitorProgress
from amends.people.keyset import Page, page_of
from amends.people.models import Customer, Staff
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
    found = _visible(Incident.objects.select_related("unit", "explanation", "blueprint"), staff).filter(pk=incident_id)
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
    """Incidents that this person may see, the latest first."""
    require(staff, "see_incidents")
    rows = _visible(Incident.objects.select_related("unit", "explanation"), staff)
    if state:
        rows = rows.filter(state=state)
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
    rows = Failure.objects.select_related("unit", "incident", "severity_why", "attribution_why", "blueprint")
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
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Failures that this person may see, the latest found first."""
    require(staff, "see_incidents")
    rows = _visible(Failure.objects.select_related("unit", "severity_why", "attribution_why"), staff)
    narrowed = Q()
    if incident is not None:
        narrowed &= Q(incident=incident)
    if customer is not None:
        narrowed &= Q(pk__in=customer.affected.values("failure_id"))
    if stage:
        narrowed &= Q(stage=stage)
    if kind:
        narrowed &= Q(kind=kind)
    return page_of(rows.filter(narrowed), order=("-found_at", "-id"), after=after, limit=limit)


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

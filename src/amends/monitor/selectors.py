"""Reads of the monitor for a person: whoever asks gets what lies in the units below their own, nothing else."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from amends.monitor.models import INTAKE_LOCK, Failure, Incident
from amends.people.keyset import Page, page_of
from amends.people.models import Customer, Staff
from amends.people.selectors import NotFound, require, units_below


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

    Numbers are given out before a transaction commits. So we wait here until every intake under way has ended: what has
    a number up to the highest then is there to be read, and nothing will come before it any more.

    Args:
        position: as given out before, or "" for the beginning.
        limit: how many at most.
    """
    after = int(position or 0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [INTAKE_LOCK])
        cursor.execute("select max(id) from monitor_signal where id > %s", [after])
        (settled,) = cursor.fetchone()
    if settled is None:
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

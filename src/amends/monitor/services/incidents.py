"""Failures with one cause become one incident; whoever joins late finds the same one by its key."""

from datetime import datetime
from typing import Any

from django.db import connection

from amends.monitor.core.incident import LIFECYCLE, WINDOW, incident_key
from amends.monitor.models import Excursion, Incident
from amends.monitor.services.rates import join_out_of_control
from amends.policy.models import BlueprintVersion


def correlate(failures: list[int], *, version: BlueprintVersion) -> frozenset[int]:
    """Give each of these broken failures its incident and bring the incidents' figures up to date.

    Returns:
        the incidents touched.
    """
    if not failures:
        return frozenset()
    with connection.cursor() as cursor:
        _join_by_subject(cursor, failures)
        join_out_of_control(cursor, failures)
        _open_new(cursor, failures, version)
        return _refresh(cursor, failures)


def join_incident(failure_id: int, incident_id: int) -> None:
    """Put a failure that is known to belong to an incident there."""
    with connection.cursor() as cursor:
        cursor.execute("update monitor_failure set incident_id = %s where id = %s", [incident_id, failure_id])
        _refresh(cursor, [failure_id])


def stand_alone(failure_id: int, *, version: BlueprintVersion) -> int:
    """Take a failure that shares nothing with its incident but place and time out of it, into one of its own.

    Returns:
        the new incident.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select other.id from monitor_failure as failure
            join monitor_failure as other on other.incident_id = failure.incident_id and other.id <> failure.id
            where failure.id = %s limit 1
            """,
            [failure_id],
        )
        left = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            """
            with alone as (
                insert into monitor_incident (key, state, kind, subject, unit_id, severity, responsible, controllable,
                    explanation_id, started_at, last_at, failures, customers, blueprint_id)
                select 'failure/' || id, %s, kind, subject, unit_id, severity, responsible, controllable,
                    attribution_why_id, found_at, found_at, 0, 0, %s
                from monitor_failure where id = %s
                returning id
            )
            update monitor_failure as failure set incident_id = alone.id from alone where failure.id = %s
            returning alone.id
            """,
            [LIFECYCLE.initial, version.pk, failure_id, failure_id],
        )
        (incident_id,) = cursor.fetchone()
        _refresh(cursor, [failure_id, *left])
    return int(incident_id)


def end_quiet_incidents(*, now: datetime) -> int:
    """End the incidents that nothing has joined for a whole window after the one they began in; one whose unit is still
    out of control goes on.
    """
    quiet = Incident.objects.filter(state__in=("open", "responding"), last_at__lt=now - 2 * WINDOW)
    quiet = quiet.exclude(pk__in=Excursion.objects.filter(ended_at=None).values("incident"))
    return quiet.update(state="ended", ended_at=now)


def _join_by_subject(cursor: Any, failures: list[int]) -> None:
    cursor.execute(
        """
        update monitor_failure as failure set incident_id = elder.incident_id
        from (
            select distinct on (subject) subject, incident_id from monitor_failure
            where incident_id is not null and subject in (select subject from monitor_failure where id = any(%(ids)s))
            order by subject, found_at, id
        ) as elder
        where failure.id = any(%(ids)s) and failure.incident_id is null and elder.subject = failure.subject
        """,
        {"ids": failures},
    )


def _open_new(cursor: Any, failures: list[int], version: BlueprintVersion) -> None:
    """Subjects that fail for the first time: their first failure says which incident they belong to."""
    cursor.execute(
        """
        select distinct on (failure.subject) failure.subject, unit.code, failure.responsible, finding.at
        from monitor_failure as failure
        left join people_unit as unit on unit.id = failure.unit_id
        join monitor_finding as finding on finding.failure_id = failure.id and finding.what <> 'at_risk'
        where failure.id = any(%s) and failure.incident_id is null
        order by failure.subject, finding.at, failure.id
        """,
        [failures],
    )
    keys = {
        subject: incident_key(subject=subject, unit=unit, responsible=responsible, first_at=at)
        for subject, unit, responsible, at in cursor.fetchall()
    }
    if not keys:
        return
    cursor.execute(
        """
        create temp table keyed on commit drop as
        select * from unnest(%s::text[], %s::text[]) as keyed (subject, key)
        """,
        [list(keys), list(keys.values())],
    )
    # the gravest of its first failures gives the incident its face; later ones change the figures only
    cursor.execute(
        """
        insert into monitor_incident (key, state, kind, subject, unit_id, severity, responsible, controllable,
            explanation_id, started_at, last_at, failures, customers, blueprint_id)
        select distinct on (keyed.key) keyed.key, %s, failure.kind, '', failure.unit_id, failure.severity,
            failure.responsible, failure.controllable, failure.attribution_why_id, failure.found_at, failure.found_at,
            0, 0, %s
        from keyed join monitor_failure as failure using (subject)
        where failure.id = any(%s) and failure.incident_id is null
        order by keyed.key, failure.severity desc, failure.found_at, failure.id
        on conflict (key) do nothing
        """,
        [LIFECYCLE.initial, version.pk, failures],
    )
    cursor.execute(
        """
        update monitor_failure as failure set incident_id = incident.id
        from keyed join monitor_incident as incident using (key)
        where failure.id = any(%s) and failure.incident_id is null and failure.subject = keyed.subject
        """,
        [failures],
    )
    cursor.execute("drop table keyed")


def _refresh(cursor: Any, failures: list[int]) -> frozenset[int]:
    """Figures of the incidents touched, counted anew; one that had ended and goes on is recurring."""
    cursor.execute(
        """
        with touched as (select distinct incident_id as id from monitor_failure where id = any(%(ids)s)),
        members as (
            select failure.incident_id as id, count(*) as failures, max(failure.severity) as severity,
                min(failure.found_at) as started_at, max(failure.stage_at) as last_at,
                case when count(distinct failure.subject) = 1 then min(failure.subject) else '' end as subject
            from monitor_failure as failure join touched on touched.id = failure.incident_id group by 1
        ),
        people as (
            select failure.incident_id as id, count(distinct affected.customer_id) as customers
            from touched join monitor_failure as failure on failure.incident_id = touched.id
            join monitor_affected as affected on affected.failure_id = failure.id group by 1
        )
        update monitor_incident as incident
        set failures = members.failures, severity = members.severity, subject = members.subject,
            started_at = members.started_at, last_at = members.last_at, customers = coalesce(people.customers, 0),
            state = case when incident.state = 'ended' and members.last_at > incident.ended_at then %(recurring)s
                else incident.state end,
            ended_at = case when members.last_at > incident.ended_at then null else incident.ended_at end
        from members left join people using (id)
        where incident.id = members.id
        returning incident.id
        """,
        {"ids": failures, "recurring": LIFECYCLE.after("ended", "recur")},
    )
    return frozenset(row[0] for row in cursor.fetchall())

"""Figures of incidents, counted anew from the failures that count in them."""

from collections.abc import Iterable
from typing import Any

from amends.monitor.core.incident import LIFECYCLE


def refresh_incidents(cursor: Any, incidents: Iterable[int]) -> None:
    """Figures of these incidents, or of those into which they were merged, counted anew; one that had ended and goes on
    is recurring."""
    cursor.execute(
        """
        with recursive up as (
            select id, merged_into_id from monitor_incident where id = any(%(ids)s)
            union
            select above.id, above.merged_into_id
            from up join monitor_incident as above on above.id = up.merged_into_id
        ),
        family as (
            select id as root, id from up where merged_into_id is null
            union
            select family.root, below.id
            from family join monitor_incident as below on below.merged_into_id = family.id
        ),
        counted as materialized (
            select family.root, failure.id, failure.severity, failure.found_at, failure.stage_at, failure.subject
            from family join monitor_failure as failure on failure.incident_id = family.id
            where failure.joined_id is null
            union all
            select family.root, failure.id, failure.severity, failure.found_at, failure.stage_at, failure.subject
            from family join monitor_failure as failure on failure.joined_id = family.id
        ),
        members as (
            select root as id, count(*) as failures, max(severity) as severity,
                min(found_at) as started_at, max(stage_at) as last_at,
                case when count(distinct subject) = 1 then min(subject) else '' end as subject
            from counted group by 1
        ),
        people as (
            select counted.root as id, count(distinct affected.customer_id) as customers
            from counted join monitor_affected as affected on affected.failure_id = counted.id group by 1
        )
        update monitor_incident as incident
        set failures = coalesce(members.failures, 0), severity = coalesce(members.severity, incident.severity),
            subject = coalesce(members.subject, incident.subject),
            started_at = coalesce(members.started_at, incident.started_at),
            last_at = coalesce(members.last_at, incident.last_at), customers = coalesce(people.customers, 0),
            state = case when incident.state = 'ended' and members.last_at > incident.ended_at then %(recurring)s
                else incident.state end,
            ended_at = case when members.last_at > incident.ended_at then null else incident.ended_at end
        from (select distinct root as id from family) as touched
        left join members using (id) left join people using (id)
        where incident.id = touched.id
        """,
        {"ids": list(incidents), "recurring": LIFECYCLE.after("ended", "recur")},
    )

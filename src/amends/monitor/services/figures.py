"""Figures of incidents, counted anew from the failures that count in them."""

from collections.abc import Iterable
from typing import Any, Final

from amends.monitor.core.incident import LIFECYCLE

_COLUMNS: Final = "failure.id, failure.severity, failure.found_at, failure.stage_at, failure.subject"
_BORN: Final = f"""
    select family.root, {_COLUMNS} from family join monitor_failure as failure on failure.incident_id = family.id
    where failure.joined_id is null
"""
_PLACED: Final = f"""
    union all
    select family.root, {_COLUMNS} from family join monitor_failure as failure on failure.joined_id = family.id
"""


def refresh_incidents(cursor: Any, incidents: Iterable[int]) -> None:
    """Figures of these incidents, or of those into which they were merged, counted anew; one that had ended and goes on
    is recurring.

    Families are looked up beforehand: nearly always an incident is its own, and a plan that knows so is a good one.
    """
    families = _families(cursor, sorted(set(incidents)))
    if not families:
        return
    ids = [incident for _, incident in families]
    cursor.execute("select exists (select from monitor_failure where joined_id = any(%s))", [ids])
    (placed,) = cursor.fetchone()
    counted = f"({_BORN}{_PLACED if placed else ''})"  # said twice and not kept between: each use has a plan of its own
    cursor.execute(
        f"""
        with family as (select * from unnest(%(roots)s::bigint[], %(ids)s::bigint[]) as family (root, id)),
        members as (
            select root as id, count(*) as failures, max(severity) as severity,
                min(found_at) as started_at, max(stage_at) as last_at,
                case when count(distinct subject) = 1 then min(subject) else '' end as subject
            from {counted} as counted group by 1
        ),
        people as (
            select id, count(*) as customers
            from (
                select distinct counted.root as id, affected.customer_id
                from {counted} as counted join monitor_affected as affected on affected.failure_id = counted.id
            ) as hit
            group by id
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
        {
            "roots": [root for root, _ in families],
            "ids": ids,
            "recurring": LIFECYCLE.after("ended", "recur"),
        },
    )


def _families(cursor: Any, incidents: list[int]) -> list[tuple[int, int]]:
    """Pairs of an incident that goes on and one that counts in it: all that were merged with any of these, and they."""
    cursor.execute("select exists (select from monitor_incident where merged_into_id is not null)")
    if not cursor.fetchone()[0]:
        return [(incident, incident) for incident in incidents]
    cursor.execute(
        """
        with recursive up as (
            select id, merged_into_id from monitor_incident where id = any(%s)
            union
            select above.id, above.merged_into_id
            from up join monitor_incident as above on above.id = up.merged_into_id
        ),
        family as (
            select id as root, id from up where merged_into_id is null
            union
            select family.root, below.id
            from family join monitor_incident as below on below.merged_into_id = family.id
        )
        select root, id from family order by root, id
        """,
        [incidents],
    )
    return [(root, incident) for root, incident in cursor.fetchall()]

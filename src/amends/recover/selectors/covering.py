"""Whom the responses for all cover of an incident, as people have grouped it since."""

from dataclasses import dataclass

from django.db import connection

from amends.kernel.severity import SEVERITIES
from amends.monitor.models import Incident
from amends.monitor.selectors import family_of
from amends.policy.selectors import blueprint_of
from amends.recover.models import IncidentResponse


@dataclass(frozen=True, kw_only=True)
class Covering:
    """A response, and of those whom it covers the customers hit by failures that count in the incident looked at."""

    response: IncidentResponse
    customers: int
    withheld: int  # of them, who do not want to be contacted and were not written to
    unreached: int  # of them, to whom the response went by no letter or text that was addressed and taken


def covering(incident: Incident, *, limit: int = 10) -> list[Covering]:
    """The responses that cover somebody of an incident that the person may see, the first made first.

    A response belongs to the incident into which failures were born; after a merge, a split or a confirmed candidate
    they count elsewhere, and so do those who were covered.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with counting as (
                select id, incident_id from monitor_failure
                where incident_id = any(%(family)s) and joined_id is null
                    and stage not in ('at_risk', 'averted')
                union all
                select id, incident_id from monitor_failure where joined_id = any(%(family)s)
                    and stage not in ('at_risk', 'averted')
            ),
            reached as (
                select distinct response.id, message.customer_id from recover_incidentresponse as response
                join channels_message as message on message.thread = 'incident:' || response.incident_id
                where response.incident_id in (select incident_id from counting)
                    and message.direction = 'out' and message.address <> '' and message.state <> 'failed'
            )
            select response.id, affected.severity, affected.customer_id, withheld.id is not null,
                withheld.id is null and reached.id is null and affected.id <= response.told_until
            from counting
            join recover_incidentresponse as response on response.incident_id = counting.incident_id
            join monitor_affected as affected on affected.failure_id = counting.id
            left join recover_withheld as withheld on withheld.incident_id = counting.incident_id
                and withheld.customer_id = affected.customer_id
            left join reached on reached.id = response.id and reached.customer_id = affected.customer_id
            where not exists (
                select from recover_case as cases
                where cases.customer_id = affected.customer_id and cases.incident_id = counting.incident_id)
            """,
            {"family": family_of(incident.pk)},
        )
        rows = cursor.fetchall()
    responses = IncidentResponse.objects.select_related("why").in_bulk({row[0] for row in rows})
    own = {id_: SEVERITIES[blueprint_of(one.blueprint_id).cases.own_case_from] for id_, one in responses.items()}
    hit: dict[int, set[int]] = {}
    left: dict[int, set[int]] = {}
    missed: dict[int, set[int]] = {}
    for id_, severity, customer, withheld, unreached in rows:
        if severity < own[id_]:
            hit.setdefault(id_, set()).add(customer)
            left.setdefault(id_, set()).update([customer] if withheld else [])
            missed.setdefault(id_, set()).update([customer] if unreached else [])
    return [
        Covering(response=responses[id_], customers=len(hit[id_]), withheld=len(left[id_]), unreached=len(missed[id_]))
        for id_ in sorted(hit)
    ][:limit]

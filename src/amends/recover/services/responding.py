"""The systematic response: one plan for all whom an incident hit too lightly for a case of their own (Fitzsimmons).

Each of them is on record as affected. Whoever joins later is told later: `told_until` says how far the response has
reached.
Affected rows of one incident come in the order of their ids, since one monitor writes them and locks the incident.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from amends.channels.services import Outgoing, queue_messages
from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES
from amends.kernel.text import Localised
from amends.monitor.core.incident import LIFECYCLE as INCIDENT
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.selectors import blueprint_of, deployment
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.clocks import due_time
from amends.recover.core.plan import Decision, Step, plan_for, what_happened
from amends.recover.core.words import Told, rendered
from amends.recover.links import customer_link
from amends.recover.models import IncidentResponse
from amends.recover.queue import CHUNK, defer_tell_affected
from amends.recover.services.candidates import BROKEN


@dataclass(frozen=True, kw_only=True)
class ToldSome:
    """What one chunk of a response did."""

    queued: int
    left: bool


def respond(
    cursor: Any, incident_ids: Sequence[int], pack: Blueprint, version: BlueprintVersion, *, now: datetime
) -> int:
    """Make or extend the responses of incidents that hit somebody lightly; how many have somebody new to tell."""
    cursor.execute(
        f"""
        select failure.incident_id, (array_agg(failure.id order by affected.severity desc, failure.stage_at,
            failure.id))[1],
            max(affected.severity), max(affected.id), count(distinct affected.customer_id)
        from monitor_failure as failure
        join monitor_affected as affected on affected.failure_id = failure.id and affected.severity < %s
        where failure.incident_id = any(%s) and failure.stage in {BROKEN} and not exists (
            select from recover_case as cases
            where cases.customer_id = affected.customer_id and cases.incident_id = failure.incident_id)
        group by 1
        """,
        [SEVERITIES[pack.cases.own_case_from], list(incident_ids)],
    )
    light = {row[0]: row[1:] for row in cursor.fetchall()}
    there = {
        response.incident_id: response for response in IncidentResponse.objects.filter(incident_id__in=list(light))
    }
    _make(cursor, {id_: row for id_, row in light.items() if id_ not in there}, pack, version, now=now)
    fresh = [id_ for id_, row in light.items() if id_ not in there or there[id_].told_until < row[2]]
    cursor.execute(
        """
        update recover_incidentresponse as response set covered = light.covered
        from unnest(%s::bigint[], %s::int[]) as light (incident_id, covered)
        where response.incident_id = light.incident_id and response.covered <> light.covered
        """,
        [list(light), [row[3] for row in light.values()]],
    )
    cursor.execute(
        "update monitor_incident set state = %s where id = any(%s) and state = any(%s)",
        [INCIDENT.after("open", "respond"), list(incident_ids), list(INCIDENT.states_with("respond"))],
    )
    defer_tell_affected(fresh)
    return len(fresh)


def tell_affected(incident_id: int, *, now: datetime, as_of_found: bool) -> ToldSome:
    """Tell a chunk of those whom the incident hit lightly and whom the response has not reached yet.

    Args:
        incident_id: with a response.
        now: the present.
        as_of_found: a demo replays the past: letters count as written when the failure was found.
    """
    with acting("tell_affected"), connection.cursor() as cursor:
        response = IncidentResponse.objects.select_for_update(no_key=True).get(incident_id=incident_id)
        pack = blueprint_of(response.blueprint_id)
        cursor.execute(
            f"""
            select affected.id, failure.id, failure.kind, failure.subject, failure.facts || affected.facts,
                failure.stage_at,
                cause.en, cause.zh, customer.id, customer.name, customer.locale, coalesce(contact.address, ''),
                affected.severity, failure.responsible, failure.controllable, failure.stable,
                exists (select from recover_case as cases where cases.customer_id = customer.id
                    and cases.incident_id = failure.incident_id)
            from monitor_failure as failure
            join monitor_affected as affected on affected.failure_id = failure.id
            join people_customer as customer on customer.id = affected.customer_id
            join policy_explanation as cause on cause.id = failure.attribution_why_id
            left join lateral (
                select address from people_contactpoint as point
                where point.customer_id = customer.id order by rank, id limit 1
            ) as contact on true
            where failure.incident_id = %s and failure.stage in {BROKEN} and affected.id > %s
            order by affected.id limit %s
            """,
            [incident_id, response.told_until, CHUNK],
        )
        rows = [_Hit(*row) for row in cursor.fetchall()]
        letters = _letters(incident_id, rows, pack, deployment(), now=None if as_of_found else now)
        queued = queue_messages(letters)
        if rows:
            response.told_until = rows[-1].affected_id
            response.save(update_fields=["told_until"])
    return ToldSome(queued=len(queued), left=len(rows) == CHUNK)


@dataclass(frozen=True)
class _Hit:
    affected_id: int
    failure_id: int
    kind: str
    subject: str
    facts: dict[str, Any]
    stage_at: datetime
    cause_en: str
    cause_zh: str
    customer_id: int
    name: str
    locale: str
    address: str
    severity: int
    responsible: str
    controllable: bool
    stable: bool
    has_case: bool


def _make(cursor: Any, light: dict[int, Any], pack: Blueprint, version: BlueprintVersion, *, now: datetime) -> None:
    decided: dict[int, Decision] = {}
    for incident_id, (failure_id, severity, *_) in light.items():
        cursor.execute(
            "select kind, facts, stage_at, responsible, controllable, stable from monitor_failure where id = %s",
            [failure_id],
        )
        kind, facts, stage_at, responsible, controllable, stable = cursor.fetchone()
        decided[incident_id] = _decision(
            pack,
            kind,
            _loaded(facts),
            severity=severity,
            stage_at=stage_at,
            responsible=responsible,
            controllable=controllable,
            stable=stable,
        )
    explained = keep_explanations([decision.why for decision in decided.values()], version_id=version.pk)
    IncidentResponse.objects.bulk_create(
        [
            IncidentResponse(
                incident_id=incident_id,
                playbook=decision.playbook,
                why_id=explained[decision.why.digest(version.pk)],
                created_at=now,
                blueprint_id=version.pk,
            )
            for incident_id, decision in decided.items()
        ]
    )


def _decision(
    pack: Blueprint,
    kind: str,
    facts: dict[str, Any],
    *,
    severity: int,
    stage_at: datetime,
    responsible: str,
    controllable: bool,
    stable: bool,
) -> Decision:
    decision_facts = {
        "kind": kind,
        "loss": pack.taxonomy.kinds[kind].loss,
        "severity": SEVERITY_NAMES[severity],
        "responsible": responsible,
        "controllable": controllable,
        "stable": stable,
    }
    return plan_for({**facts, **decision_facts}, pack, on=stage_at.date())


def _letters(
    incident_id: int, rows: Sequence[_Hit], pack: Blueprint, place: Deployment, *, now: datetime | None
) -> list[Outgoing]:
    own = SEVERITIES[pack.cases.own_case_from]
    company, zone = Localised(en=place.company_en, zh=place.company_zh), ZoneInfo(place.timezone)
    known: dict[tuple[int, int], tuple[tuple[Step, ...], Localised]] = {}  # the failure decides, so once for each
    found = []
    for hit in rows:
        if hit.has_case or hit.severity >= own:
            continue
        key = (hit.failure_id, hit.severity)
        if key not in known:
            facts = _loaded(hit.facts)
            decision = _decision(
                pack,
                hit.kind,
                facts,
                severity=hit.severity,
                stage_at=hit.stage_at,
                responsible=hit.responsible,
                controllable=hit.controllable,
                stable=hit.stable,
            )
            steps = tuple(
                step
                for step in decision.steps
                if step.performer == "automatic"
                and step.channel == "outbox"
                and step.template
                and step.owed is None
                and step.phase == "immediate"
            )
            known[key] = steps, what_happened(hit.subject, {**facts, "kind": hit.kind}, pack).text
        steps, happened = known[key]
        thread = f"incident:{incident_id}"
        for step in steps:
            told = Told(
                name=hit.name,
                company=company,
                subject=hit.subject,
                what_happened=happened,
                cause=Localised(en=hit.cause_en, zh=hit.cause_zh),
                amount=None,
                by_when=due_time(step.due, hit.stage_at, pack.calendars),
                case=str(incident_id),
                link=customer_link(f"{thread}:{hit.customer_id}"),
            )
            subject, body = rendered(pack.templates[step.template], told, locale=hit.locale, zone=zone)
            found.append(
                Outgoing(
                    key=f"incident:{incident_id}:{hit.customer_id}:{step.id}",
                    thread=thread,
                    customer_id=hit.customer_id,
                    channel=step.channel,
                    address=hit.address,
                    locale=hit.locale,
                    subject=subject,
                    body=body,
                    created_at=now or hit.stage_at,
                )
            )
    return found


def _loaded(facts: Any) -> dict[str, Any]:
    """JSON from a cursor of Django's comes as text."""
    loaded: dict[str, Any] = json.loads(facts) if isinstance(facts, str) else facts
    return loaded

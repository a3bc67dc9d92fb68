"""The systematic response: one plan for all whom an incident hit too lightly for a case of their own (Fitzsimmons).

Each of them is on record as affected. Whoever joins later is told later: `told_until` says how far the response has
reached.
Affected rows of one incident come in the order of their ids, since one monitor writes them and locks the incident.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from amends.channels.services import Outgoing, queue_messages
from amends.kernel.blueprint import Blueprint
from amends.kernel.repairs import WRITTEN
from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES
from amends.kernel.text import Localised
from amends.monitor.core.incident import LIFECYCLE as INCIDENT
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.selectors import blueprint_of, deployment
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.clocks import due_time
from amends.recover.core.plan import Decision, Step, plan_for, what_happened
from amends.recover.core.words import Told, rendered, rendered_text
from amends.recover.links import customer_link
from amends.recover.models import IncidentResponse
from amends.recover.queue import defer_tell_affected
from amends.recover.services.candidates import BROKEN
from amends.recover.services.consent import keep_withheld
from amends.recover.services.reaching import REACH, REACH_COLUMNS, Reach, by_letter, by_text, in_short

AT_ONCE: Final = 5_000  # messages a transaction


@dataclass(frozen=True, kw_only=True)
class ToldSome:
    """What one chunk of a response did."""

    queued: int
    left: tuple[int, ...]  # incidents that may have more to tell


def respond(
    cursor: Any, incident_ids: Sequence[int], pack: Blueprint, version: BlueprintVersion, *, now: datetime
) -> int:
    """Make or extend the responses of incidents that hit somebody lightly; how many have somebody new to tell."""
    cursor.execute(
        f"""
        select failure.incident_id, (array_agg(failure.id order by affected.severity desc, failure.stage_at,
            failure.id))[1],
            max(affected.severity), max(affected.id)
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
        "update monitor_incident set state = %s where id = any(%s) and state = any(%s)",
        [INCIDENT.after("open", "respond"), list(incident_ids), list(INCIDENT.states_with("respond"))],
    )
    defer_tell_affected(fresh)
    return len(fresh)


def tell_affected(incident_ids: Sequence[int], *, now: datetime, as_of_found: bool) -> ToldSome:
    """Tell those whom these incidents hit lightly and whom the responses have not reached yet, a chunk of them at most.

    Args:
        incident_ids: with responses.
        now: the present.
        as_of_found: a demo replays the past: letters count as written when the failure was found.
    """
    with acting("tell_affected"), connection.cursor() as cursor:
        responses = list(
            IncidentResponse.objects.select_for_update(no_key=True)
            .filter(incident_id__in=incident_ids)
            .order_by("incident_id")
        )
        hits = _hits(cursor, responses)
        words = _words(cursor, hits)
        keep_withheld(
            ((hit.incident_id, hit.customer_id, hit.blueprint_id) for hit in hits if not hit.consents), now=now
        )
        queued = queue_messages(
            _letters([hit for hit in hits if hit.consents], words, deployment(), now=None if as_of_found else now)
        )
        # rows come incident by incident: of the last one some may be left, of those behind it all
        reached = {hit.incident_id: hit.affected_id for hit in hits}
        cursor.execute(
            """
            update recover_incidentresponse as response set told_until = reached.affected_id
            from unnest(%s::bigint[], %s::bigint[]) as reached (incident_id, affected_id)
            where response.incident_id = reached.incident_id
            """,
            [list(reached), list(reached.values())],
        )
    full = len(hits) == AT_ONCE
    return ToldSome(
        queued=len(queued),
        left=tuple(one.incident_id for one in responses if full and one.incident_id >= hits[-1].incident_id),
    )


_Alike = tuple[int, int, datetime | None]


class _Hit(NamedTuple):
    """A customer to be told; columns in the order of the query below."""

    affected_id: int
    incident_id: int
    failure_id: int
    severity: int
    blueprint_id: int  # of the response
    customer_id: int
    name: str
    locale: str
    consents: bool
    named_at: datetime | None  # by a roster that came after the failure
    reach: Reach

    @property
    def alike(self) -> _Alike:
        """Of all with the same, the same is said."""
        return self.failure_id, self.severity, self.named_at


def _hits(cursor: Any, responses: Sequence[IncidentResponse]) -> list[_Hit]:
    """Whom to tell: hit too lightly for a case and without one, however they came to it."""
    own = {one.blueprint_id: SEVERITIES[blueprint_of(one.blueprint_id).cases.own_case_from] for one in responses}
    cursor.execute(
        f"""
        select affected.id, failure.incident_id, failure.id, affected.severity, response.blueprint_id, customer.id,
            customer.name, customer.locale, customer.consent_contact, affected.named_at, {REACH_COLUMNS}
        from recover_incidentresponse as response
        join unnest(%s::bigint[], %s::int[]) as own (blueprint_id, severity) using (blueprint_id)
        join monitor_failure as failure on failure.incident_id = response.incident_id and failure.stage in {BROKEN}
        join monitor_affected as affected on affected.failure_id = failure.id and affected.id > response.told_until
            and affected.severity < own.severity
        join people_customer as customer on customer.id = affected.customer_id
        {REACH}
        where response.incident_id = any(%s) and not exists (
            select from recover_case as cases
            where cases.customer_id = customer.id and cases.incident_id = failure.incident_id)
        order by failure.incident_id, affected.id limit %s
        """,
        [list(own), list(own.values()), [one.incident_id for one in responses], AT_ONCE],
    )
    return [_Hit(*row[:10], Reach(*row[10:])) for row in cursor.fetchall()]


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


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What all are told whom one failure hit equally badly and who were known at the same time."""

    subject: str
    steps: tuple[tuple[Step, datetime], ...]  # with when it is due
    happened: Localised
    cause: Localised
    at: datetime


def _letters(
    hits: Sequence[_Hit], words: Mapping[_Alike, _Words], place: Deployment, *, now: datetime | None
) -> Iterator[Outgoing]:
    company, zone = Localised(en=place.company_en, zh=place.company_zh), ZoneInfo(place.timezone)
    for hit in hits:
        told = words[hit.alike]
        thread = f"incident:{hit.incident_id}"
        for step, by_when in told.steps:
            pack = blueprint_of(hit.blueprint_id)
            template = pack.templates[step.template]
            facts = Told(
                name=hit.name,
                company=company,
                subject=told.subject,
                what_happened=told.happened,
                cause=told.cause,
                amount=None,
                remedy="",
                by_when=by_when,
                case=str(hit.incident_id),
                link=customer_link(f"{thread}:{hit.customer_id}"),
            )
            said = rendered_text(template, facts, locale=hit.locale, zone=zone) if step.channel == "sms" else None
            way = by_text(hit.reach, said[1], pack.home) if said else None
            if said is None or way is None:
                said, way = rendered(template, facts, locale=hit.locale, zone=zone), by_letter(hit.reach)
            subject, body = said
            if way is None:
                body = in_short(subject, company=company, link=facts.link, locale=hit.locale)
                way = by_text(hit.reach, body, pack.home)
            if way is None:
                continue  # no way leads to them but a call, and that is for a case
            yield Outgoing(
                key=f"{thread}:{hit.customer_id}:{step.id}",
                thread=thread,
                customer_id=hit.customer_id,
                channel=way.channel,
                address=way.address,
                locale=hit.locale,
                subject=subject,
                body=body,
                created_at=now or told.at,
            )


def _words(cursor: Any, hits: Sequence[_Hit]) -> dict[_Alike, _Words]:
    """The failure, how badly it hit and since when they are known decide what is said: worked out once for each."""
    firsts = {hit.alike: hit for hit in reversed(hits)}
    cursor.execute(
        """
        select affected.id, failure.kind, failure.subject, failure.facts || affected.facts, failure.stage_at,
            failure.responsible, failure.controllable, failure.stable, cause.en, cause.zh
        from monitor_affected as affected
        join monitor_failure as failure on failure.id = affected.failure_id
        join policy_explanation as cause on cause.id = failure.attribution_why_id
        where affected.id = any(%s)
        """,
        [[hit.affected_id for hit in firsts.values()]],
    )
    rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return {key: _said(hit, rows[hit.affected_id]) for key, hit in firsts.items()}


def _said(hit: _Hit, row: Sequence[Any]) -> _Words:
    kind, subject, facts, stage_at, responsible, controllable, stable, cause_en, cause_zh = row
    pack = blueprint_of(hit.blueprint_id)
    known = _loaded(facts)
    decision = _decision(
        pack,
        kind,
        known,
        severity=hit.severity,
        stage_at=stage_at,
        responsible=responsible,
        controllable=controllable,
        stable=stable,
    )
    counts_from = max(stage_at, hit.named_at or stage_at)
    steps = tuple(
        (step, due_time(step.due, counts_from, pack.calendars))
        for step in decision.steps
        if step.performer == "automatic"
        and step.channel in WRITTEN
        and step.template
        and step.owed is None
        and step.phase == "immediate"
    )
    return _Words(
        subject=subject,
        steps=steps,
        happened=what_happened(subject, {**known, "kind": kind}, pack).text,
        cause=Localised(en=cause_en, zh=cause_zh),
        at=counts_from,
    )


def _loaded(facts: Any) -> dict[str, Any]:
    """JSON from a cursor of Django's comes as text."""
    loaded: dict[str, Any] = json.loads(facts) if isinstance(facts, str) else facts
    return loaded

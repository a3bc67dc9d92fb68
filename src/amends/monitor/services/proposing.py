"""Incident candidates: failures that hang on one resource and failed one after the other, or of which customers say
much the same. Found set-wise with each batch, from what the batch touches; a person decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from amends.kernel.alike import alike
from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.incidents import Incidents
from amends.kernel.reason import Reason
from amends.monitor.core import incident_words
from amends.monitor.core.candidate import CANDIDATE, fingerprint
from amends.monitor.core.topology import Sighting, chain_of
from amends.monitor.models import Candidate
from amends.monitor.services.figures import refresh_incidents
from amends.monitor.services.fresh import Fresh
from amends.monitor.services.lead_time import hearing
from amends.policy.models import BlueprintVersion
from amends.policy.services import keep_explanations

MOST_SAID: Final = 2_000  # complaints looked back at, the latest; bounds the work of one batch
STAYS: Final = timedelta(days=2)  # a candidate that nobody decided on and nothing joined lapses after so long


class Proposal(NamedTuple):
    """Failures that are likely to have one cause."""

    basis: str
    cause: str  # a resource, or the first complaint
    began_at: datetime
    failures: tuple[int, ...]
    why: Reason


def propose(cursor: Any, fresh: Sequence[Fresh], pack: Blueprint, version: BlueprintVersion) -> None:
    """Propose what the new failures of a batch make likely, or let them join what is proposed or confirmed."""
    found = [*_by_resource(cursor, fresh, pack.incidents), *_by_words(cursor, fresh, pack)]
    if found:
        _keep(cursor, found, version)


def keep_said(cursor: Any, failure_id: int, words: str, at: datetime) -> None:
    """Keep what a customer said of a failure, to liken it."""
    if words.strip():
        cursor.execute(
            "insert into monitor_said (failure_id, words, at) values (%s, %s, %s) on conflict do nothing",
            [failure_id, words.strip()[:2_000], at],
        )


def lapse_candidates(*, now: datetime) -> int:
    """Let lapse what nobody decided on and nothing joined for long; it can be looked at again."""
    stale = Candidate.objects.filter(state__in=CANDIDATE.states_with("lapse"), last_at__lt=now - STAYS)
    return stale.update(state=CANDIDATE.after("proposed", "lapse"))


def _by_resource(cursor: Any, fresh: Sequence[Fresh], policy: Incidents) -> list[Proposal]:
    likely = {kind: said.likely for kind, said in policy.resources.items() if said.likely is not None}
    mine = [
        (resource, Sighting(failure=one.id, subject=one.subject, at=one.at))
        for one in fresh
        for resource in one.resources
        if resource.partition("/")[0] in likely
    ]
    if not mine:
        return []
    times: dict[str, list[datetime]] = {}
    for resource, sighting in mine:
        times.setdefault(resource, []).append(sighting.at)
    spans = {resource: likely[resource.partition("/")[0]] for resource, _ in mine}
    cursor.execute(
        """
        select wanted.resource, hangs.failure_id, failure.subject, hangs.at
        from unnest(%s::text[], %s::timestamptz[], %s::timestamptz[]) as wanted (resource, since, til)
        join monitor_hangson as hangs on hangs.resource = wanted.resource
            and hangs.at between wanted.since and wanted.til
        join monitor_failure as failure on failure.id = hangs.failure_id
        where failure.closure_id is null
        """,
        [
            list(spans),
            [min(times[name]) - said.subjects * said.within for name, said in spans.items()],
            [max(times[name]) + said.subjects * said.within for name, said in spans.items()],
        ],
    )
    there: dict[str, list[Sighting]] = {resource: [] for resource in spans}
    for resource, failure, subject, at in cursor.fetchall():
        there[resource].append(Sighting(failure=failure, subject=subject, at=at))
    found: dict[tuple[int, ...], Proposal] = {}
    for resource, sighting in mine:
        said = spans[resource]
        chain = chain_of(there[resource], last=sighting, within=said.within)
        if len({one.subject for one in chain}) >= said.subjects:
            failures = tuple(one.failure for one in chain)
            kind = policy.resources[resource.partition("/")[0]].name
            why = incident_words.likely_upstream(resource, kind, said.within)
            found.setdefault(failures, Proposal("upstream", resource, chain[0].at, failures, why))
    return list(found.values())


def _by_words(cursor: Any, fresh: Sequence[Fresh], pack: Blueprint) -> list[Proposal]:
    """Complaints of at least so many customers whose words are like those of a new one."""
    ids, policy = [one.id for one in fresh], pack.incidents
    if policy.alike.facts and ids:
        facts = " || ' ' || ".join(
            f"coalesce(facts ->> '{name}', '')" for name in policy.alike.facts if name.isidentifier()
        )
        cursor.execute(
            f"""
            insert into monitor_said (failure_id, words, at)
            select id, left(trim({facts}), 2000), found_at from monitor_failure
            where id = any(%s) and standard = any(%s) and trim({facts}) <> '' on conflict do nothing
            """,
            [ids, hearing(pack)],
        )
    cursor.execute("select failure_id, words, at from monitor_said where failure_id = any(%s) order by at", [ids])
    new = cursor.fetchall()
    if not new:
        return []
    cursor.execute(
        """
        select said.failure_id, said.words, said.at,
            coalesce((select min(customer_id) from monitor_affected where failure_id = said.failure_id),
                -said.failure_id)
        from monitor_said as said where at >= %s and at <= %s order by at desc, id desc limit %s
        """,
        [new[0][2] - policy.alike.within, new[-1][2], MOST_SAID],
    )
    past = sorted(cursor.fetchall(), key=lambda row: (row[2], row[0]))
    likes = alike([words for _, words, _ in new], [row[1] for row in past], least=policy.alike.least)
    found: dict[tuple[int, ...], Proposal] = {}
    for near in likes:
        like = [past[at] for at, _ in near]
        if len({row[3] for row in like}) >= policy.alike.customers:
            failures = tuple(row[0] for row in like)
            why = incident_words.like_words(like[0][1], policy.alike.least)
            found.setdefault(failures, Proposal("words", str(like[0][0]), like[0][2], failures, why))
    return list(found.values())


def _keep(cursor: Any, found: Sequence[Proposal], version: BlueprintVersion) -> None:
    """A proposal that shares a failure with one of its basis and cause is that one: what is new of it joins."""
    every = sorted({failure for one in found for failure in one.failures})
    cursor.execute(
        """
        select member.failure_id, candidate.basis, candidate.resource, candidate.id
        from monitor_candidatemember as member join monitor_candidate as candidate on candidate.id = member.candidate_id
        where member.failure_id = any(%s) order by candidate.id
        """,
        [every],
    )
    known: dict[tuple[str, str, int], int] = {}
    for failure, basis, resource, candidate in cursor.fetchall():
        known.setdefault((basis, resource, failure), candidate)
    kept = keep_explanations([one.why for one in found], version_id=version.pk)
    touched: set[int] = set()
    members: list[tuple[int, int]] = []
    for one in found:
        resource = one.cause if one.basis == "upstream" else ""
        there = {known[key] for failure in one.failures if (key := (one.basis, resource, failure)) in known}
        if there:
            candidate = min(there)
        else:
            cursor.execute(
                """
                insert into monitor_candidate (key, basis, resource, state, kind, why_id, began_at, last_at, failures,
                    subjects, customers, blueprint_id)
                values (%s, %s, %s, %s, '', %s, %s, %s, 0, 0, 0, %s)
                on conflict (key) do update set key = excluded.key returning id
                """,
                [
                    fingerprint(one.basis, one.cause, one.began_at),
                    one.basis,
                    resource,
                    CANDIDATE.initial,
                    kept[one.why.digest(version.pk)],
                    one.began_at,
                    one.began_at,
                    version.pk,
                ],
            )
            (candidate,) = cursor.fetchone()
        touched.add(candidate)
        members += [(candidate, failure) for failure in one.failures]
        for failure in one.failures:
            known.setdefault((one.basis, resource, failure), candidate)
    cursor.execute(
        """
        insert into monitor_candidatemember (candidate_id, failure_id, left_out)
        select candidate, failure, false from unnest(%s::bigint[], %s::bigint[]) as given (candidate, failure)
        on conflict (candidate_id, failure_id) do nothing
        """,
        [[row[0] for row in members], [row[1] for row in members]],
    )
    recount_candidates(cursor, touched)
    _follow_confirmed(cursor, touched)


def recount_candidates(cursor: Any, candidates: set[int]) -> None:
    """Figures of these candidates, and the lowest unit that all of their failures lie under."""
    cursor.execute(
        """
        with member as materialized (
            select member.candidate_id, failure.id, failure.subject, failure.kind, failure.severity, failure.found_at,
                failure.stage_at, failure.unit_id
            from monitor_candidatemember as member join monitor_failure as failure on failure.id = member.failure_id
            where member.candidate_id = any(%(ids)s) and not member.left_out
        ),
        figures as (
            select candidate_id as id, count(*) as failures, count(distinct subject) as subjects,
                min(found_at) as began_at, max(stage_at) as last_at,
                (array_agg(kind order by severity desc, found_at, id))[1] as kind,
                bool_or(unit_id is null) as unknown
            from member group by 1
        ),
        people as (
            select member.candidate_id as id, count(distinct affected.customer_id) as customers
            from member join monitor_affected as affected on affected.failure_id = member.id group by 1
        ),
        under as (
            select one.candidate_id as id, (array_agg(above.id order by length(above.path) desc))[1] as unit_id
            from (select distinct candidate_id from member) as one
            join people_unit as above on not exists (
                select from member join people_unit as unit on unit.id = member.unit_id
                where member.candidate_id = one.candidate_id and not starts_with(unit.path, above.path))
            group by 1
        )
        update monitor_candidate as candidate set failures = figures.failures, subjects = figures.subjects,
            customers = coalesce(people.customers, 0), began_at = figures.began_at, last_at = figures.last_at,
            kind = figures.kind, unit_id = case when figures.unknown then null else under.unit_id end
        from figures left join people using (id) left join under using (id)
        where candidate.id = figures.id
        """,
        {"ids": list(candidates)},
    )


def _follow_confirmed(cursor: Any, candidates: set[int]) -> None:
    """What joins a confirmed candidate counts in its incident at once, unless a person has placed it."""
    cursor.execute(
        """
        update monitor_failure as failure set joined_id = candidate.incident_id,
            belongs_why_id = coalesce(incident.gathered_why_id, failure.belongs_why_id)
        from monitor_candidatemember as member
        join monitor_candidate as candidate on candidate.id = member.candidate_id
        join monitor_incident as incident on incident.id = candidate.incident_id
        where candidate.id = any(%s) and candidate.state = 'confirmed' and failure.id = member.failure_id
            and not member.left_out and failure.joined_id is null and failure.incident_id is not null
            and failure.incident_id <> candidate.incident_id
        returning failure.incident_id, failure.joined_id
        """,
        [list(candidates)],
    )
    moved = {incident for row in cursor.fetchall() for incident in row}
    if moved:
        refresh_incidents(cursor, moved)

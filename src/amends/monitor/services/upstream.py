"""What failures hang on, and what happened there: an alarm or a failure upstream gathers what depends on it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from amends.kernel.blueprint.incidents import Incidents
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.monitor.core import incident_words
from amends.monitor.core.candidate import fingerprint
from amends.monitor.services.fresh import Fresh

FAILED = Localised(en="Failure upstream", zh="上游失误")


class Event(NamedTuple):
    """Something that happened upstream, and the key of the incident that gathers what hangs on it."""

    resource: str
    since: datetime
    until: datetime
    what: Localised
    key: str


class Gathered(NamedTuple):
    """What gathers a subject's failures, and why."""

    event: Event
    why: Reason


def keep_resources(cursor: Any, fresh: Sequence[Fresh]) -> None:
    """Keep what these failures hang on."""
    rows = [(one.id, resource, one.at) for one in fresh for resource in sorted(one.resources)]
    if not rows:
        return
    cursor.execute(
        """
        insert into monitor_hangson (failure_id, resource, at)
        select * from unnest(%s::bigint[], %s::text[], %s::timestamptz[])
        on conflict (failure_id, resource) do nothing
        """,
        [list(column) for column in zip(*rows, strict=True)],
    )


def is_upstream(one: Fresh, policy: Incidents) -> bool:
    """Whether what failed is a resource itself."""
    kind, _, name = one.subject.partition("/")
    return bool(name) and kind in policy.resources


def upstream_of(cursor: Any, fresh: Sequence[Fresh], policy: Incidents) -> dict[str, Gathered]:
    """Subjects whose first failure fell into something upstream.

    Of several events the one that began first counts. The same trouble told twice while it lasts is one event.
    """
    resources = sorted({resource for one in fresh for resource in one.resources})
    if not resources:
        return {}
    before = max(one.at for one in fresh)
    events = _alarms(cursor, resources, policy, before=before)
    for resource, failed in _failed(cursor, resources, policy, before=before).items():
        events.setdefault(resource, []).extend(failed)
    found: dict[str, Gathered] = {}
    for one in sorted(fresh, key=lambda one: (one.at, one.id)) if events else ():
        hit = [
            event
            for resource in one.resources
            for event in events.get(resource, ())
            if event.since <= one.at < event.until and one.subject != resource
        ]
        if one.subject not in found and hit:
            event = min(hit, key=lambda event: (event.since, event.resource))
            kind = policy.resources[event.resource.partition("/")[0]].name
            found[one.subject] = Gathered(event, incident_words.hangs_on(event.resource, kind, event.what, event.since))
    return found


def gather_late(cursor: Any, gathered: Collection[Gathered]) -> dict[int, Reason]:
    """What hangs on the same and failed in the same time, but before we heard of it, counts there too; with why.

    It keeps the incident that it was born into, since cases rest on that. What a person has placed stays.
    """
    events = {one.event: one.why for one in gathered}
    if not events:
        return {}
    cursor.execute(
        """
        update monitor_failure as failure set joined_id = incident.id
        from unnest(%s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[]) as event (resource, since, til, key)
        join monitor_incident as incident using (key)
        join monitor_hangson as hangs on hangs.resource = event.resource and hangs.at >= event.since
            and hangs.at < event.til
        where failure.id = hangs.failure_id and failure.incident_id is not null and failure.joined_id is null
            and failure.incident_id <> incident.id and failure.subject <> event.resource
        returning failure.id, event.key
        """,
        [
            [event.resource for event in events],
            [event.since for event in events],
            [event.until for event in events],
            [event.key for event in events],
        ],
    )
    whys = {event.key: why for event, why in events.items()}
    return {id_: whys[key] for id_, key in cursor.fetchall()}


def _alarms(cursor: Any, resources: Sequence[str], policy: Incidents, *, before: datetime) -> dict[str, list[Event]]:
    """Alarms about these resources up to a moment. A resource is a subject like any other, so they are found by it."""
    if not policy.upstream:
        return {}
    kinds = {one.type: one for one in policy.upstream}
    cursor.execute(
        """
        select subject, type, time from monitor_signal
        where subject = any(%s) and type = any(%s) and time <= %s and time > %s order by time, id
        """,
        [
            list(resources),
            [*kinds, *(one.until for one in policy.upstream if one.until)],
            before,
            before - 2 * max(one.lasts for one in policy.upstream),
        ],
    )
    events: dict[str, list[Event]] = {}
    for resource, type_, time in cursor.fetchall():
        here = events.setdefault(resource, [])
        ended = {one.id for one in policy.upstream if one.until == type_}
        for place, event in enumerate(here):
            if event.until > time and event.key.split("/")[1] in ended:
                here[place] = event._replace(until=time)
        said = kinds.get(type_)
        if said is not None:
            key = f"upstream/{said.id}/{fingerprint(said.id, resource, time).partition('/')[2]}"
            lasting = [event for event in here if event.until > time and event.key.split("/")[1] == said.id]
            if not lasting:
                here.append(Event(resource, time, time + said.lasts, said.name, key))
    return events


def _failed(cursor: Any, resources: Sequence[str], policy: Incidents, *, before: datetime) -> dict[str, list[Event]]:
    """Failures of these resources themselves up to a moment: their own incident gathers what hangs on them."""
    cursor.execute(
        """
        select failure.subject, incident.key, min(failure.found_at), max(failure.stage_at)
        from monitor_failure as failure join monitor_incident as incident on incident.id = failure.incident_id
        where failure.subject = any(%s) and failure.stage not in ('at_risk', 'averted') and failure.found_at <= %s
        group by 1, 2
        """,
        [list(resources), before],
    )
    return {
        resource: [Event(resource, since, last + policy.failed_for, FAILED, key)]
        for resource, key, since, last in cursor.fetchall()
    }

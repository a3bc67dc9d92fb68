"""Failures with one cause become one incident; whoever joins late finds the same one by its key.

In this order: what is about a subject that failed before goes where that is; what hangs on something upstream that
failed goes there; all else by unit, step of the process, party responsible and window. Everything is done set-wise, for
the failures of one batch, and each failure keeps why it belongs where it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.monitor.core import incident_words
from amends.monitor.core.incident import LIFECYCLE, WINDOW, incident_key
from amends.monitor.models import Excursion, Incident
from amends.monitor.services.closures import suppress
from amends.monitor.services.figures import refresh_incidents
from amends.monitor.services.fresh import Fresh, fresh_failures
from amends.monitor.services.lead_time import note_voices
from amends.monitor.services.proposing import propose
from amends.monitor.services.rates import join_out_of_control
from amends.monitor.services.upstream import Gathered, gather_late, is_upstream, keep_resources, upstream_of
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations


def correlate(failures: list[int], *, version: BlueprintVersion) -> frozenset[int]:
    """Give each of these broken failures its incident and bring the incidents' figures up to date.

    What was expected, since its unit or resource is closed, gets none, unless its customers are looked after.

    Returns:
        the incidents touched, into which failures are born: their cases are to be opened or extended.
    """
    if not failures:
        return frozenset()
    pack = blueprint_of(version.pk)
    steps = pack.taxonomy.steps
    with connection.cursor() as cursor:
        fresh = fresh_failures(cursor, failures, pack)
        keep_resources(cursor, fresh)
        going = suppress(cursor, fresh, pack, version)
        if going:
            ids = [one.id for one in going]
            subjects = _join_by_subject(cursor, ids)
            excursions = join_out_of_control(cursor, ids)
            left = [one for one in going if one.id not in subjects and one.id not in excursions]
            upstream = [one for one in left if is_upstream(one, pack.incidents)]  # gathers what hangs on it
            reasons = _open_new(cursor, upstream, {}, version, steps)
            left = [one for one in left if one.id not in reasons]
            gathered = upstream_of(cursor, left, pack.incidents)
            reasons |= _open_new(cursor, left, gathered, version, steps)
            late = gather_late(cursor, gathered.values())
            reasons |= {id_: incident_words.same_subject(subject) for id_, subject in subjects.items()} | late
            names = {standard.id: standard.name for standard in pack.standards}
            reasons |= {
                id_: incident_words.out_of_control(names.get(standard), standard, since)
                for id_, (standard, since) in excursions.items()
            }
            keep_reasons(cursor, reasons, version)
            _recount_left(cursor, late)
        born = refresh_of(cursor, failures)
        propose(cursor, going, pack, version)
        note_voices(cursor, failures, pack)
    return born


def join_incident(failure_id: int, incident_id: int, *, version: BlueprintVersion) -> None:
    """Put a failure that is known to belong to an incident there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update monitor_failure set incident_id = %s where id = %s returning subject", [incident_id, failure_id]
        )
        (subject,) = cursor.fetchone()
        keep_reasons(cursor, {failure_id: incident_words.told_of_case(subject)}, version)
        refresh_of(cursor, [failure_id])
        note_voices(cursor, [failure_id], blueprint_of(version.pk))


def stand_alone(failure_id: int, *, version: BlueprintVersion) -> int:
    """Take a failure that shares nothing with its incident but place and time out of it, into one of its own.

    Returns:
        the new incident.
    """
    with connection.cursor() as cursor:
        cursor.execute("select incident_id from monitor_failure where id = %s", [failure_id])
        (left,) = cursor.fetchone()
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
            update monitor_failure as failure set incident_id = alone.id, joined_id = null
            from alone where failure.id = %s
            returning alone.id
            """,
            [LIFECYCLE.initial, version.pk, failure_id, failure_id],
        )
        (incident_id,) = cursor.fetchone()
        keep_reasons(cursor, {failure_id: incident_words.stands_alone()}, version)
        refresh_incidents(cursor, [one for one in (incident_id, left) if one is not None])
    return int(incident_id)


def end_quiet_incidents(*, now: datetime) -> int:
    """End the incidents that nothing has joined for a whole window after the one they began in; one whose unit is still
    out of control goes on.
    """
    quiet = Incident.every.filter(state__in=LIFECYCLE.states_with("end"), last_at__lt=now - 2 * WINDOW)
    quiet = quiet.exclude(pk__in=Excursion.objects.filter(ended_at=None).values("incident"))
    return quiet.update(state="ended", ended_at=now)


def keep_reasons(cursor: Any, reasons: Mapping[int, Reason], version: BlueprintVersion) -> None:
    """Keep why each of these failures belongs where it is."""
    if not reasons:
        return
    kept = keep_explanations(reasons.values(), version_id=version.pk)
    cursor.execute(
        """
        update monitor_failure as failure set belongs_why_id = given.why
        from unnest(%s::bigint[], %s::bigint[]) as given (id, why) where failure.id = given.id
        """,
        [list(reasons), [kept[why.digest(version.pk)] for why in reasons.values()]],
    )


def _join_by_subject(cursor: Any, failures: list[int]) -> dict[int, str]:
    """Failures whose subject failed before go where that is, and count where that counts; their subjects."""
    cursor.execute(
        """
        update monitor_failure as failure set incident_id = elder.incident_id, joined_id = elder.joined_id
        from (
            select distinct on (subject) subject, incident_id, joined_id from monitor_failure
            where incident_id is not null and subject in (select subject from monitor_failure where id = any(%(ids)s))
            order by subject, found_at, id
        ) as elder
        where failure.id = any(%(ids)s) and failure.incident_id is null and elder.subject = failure.subject
        returning failure.id, failure.subject
        """,
        {"ids": failures},
    )
    return dict(cursor.fetchall())


def _open_new(
    cursor: Any,
    fresh: Sequence[Fresh],
    upstream: Mapping[str, Gathered],
    version: BlueprintVersion,
    steps: Mapping[str, Localised],
) -> dict[int, Reason]:
    """Subjects that fail for the first time: their first failure says which incident they belong to; with the reasons.

    Args:
        upstream: what gathers a subject, where something that it hangs on failed.
        steps: names of the steps of the process.
    """
    firsts: dict[str, Fresh] = {}
    for one in sorted(fresh, key=lambda one: (one.at, one.id)):
        firsts.setdefault(one.subject, one)
    keys: dict[str, tuple[str, Reason]] = {}
    gathered: dict[str, Reason] = {}
    for subject, first in firsts.items():
        if subject in upstream:
            event, why = upstream[subject]
            keys[subject], gathered[event.key] = (event.key, why), why
            continue
        key = incident_key(
            subject=subject, unit=first.unit, step=first.step, responsible=first.responsible, first_at=first.at
        )
        why = (
            incident_words.first_of_subject(subject)
            if first.unit is None or first.unit_name is None
            else incident_words.same_window(
                first.unit_name, first.unit, steps.get(first.step), first.responsible, first.at
            )
        )
        keys[subject] = key, why
    if not keys:
        return {}
    ids = [one.id for one in fresh]
    cursor.execute(
        """
        create temp table keyed on commit drop as
        select * from unnest(%s::text[], %s::text[]) as keyed (subject, key)
        """,
        [list(keys), [key for key, _ in keys.values()]],
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
        [LIFECYCLE.initial, version.pk, ids],
    )
    cursor.execute(
        """
        update monitor_failure as failure set incident_id = incident.id
        from keyed join monitor_incident as incident using (key)
        where failure.id = any(%s) and failure.incident_id is null and failure.subject = keyed.subject
        """,
        [ids],
    )
    cursor.execute("drop table keyed")
    keep_gathered(cursor, gathered, version)
    return {one.id: keys[one.subject][1] for one in fresh}


def _recount_left(cursor: Any, failures: Iterable[int]) -> None:
    """Figures of incidents in which some of their failures do not count any more, and of those where they do."""
    moved = list(failures)
    if moved:
        cursor.execute(
            "select distinct unnest(array[incident_id, joined_id]) from monitor_failure where id = any(%s)", [moved]
        )
        refresh_incidents(cursor, [row[0] for row in cursor.fetchall()])


def keep_gathered(cursor: Any, gathered: Mapping[str, Reason], version: BlueprintVersion) -> None:
    """Keep what made incidents of these keys, besides place and time."""
    if gathered:
        kept = keep_explanations(gathered.values(), version_id=version.pk)
        cursor.execute(
            """
            update monitor_incident as incident set gathered_why_id = given.why
            from unnest(%s::text[], %s::bigint[]) as given (key, why)
            where incident.key = given.key and incident.gathered_why_id is null
            """,
            [list(gathered), [kept[why.digest(version.pk)] for why in gathered.values()]],
        )


def refresh_of(cursor: Any, failures: list[int]) -> frozenset[int]:
    """Bring up to date the incidents in which these failures count; the ones into which they were born."""
    cursor.execute(
        """
        select distinct incident_id, coalesce(joined_id, incident_id) from monitor_failure
        where id = any(%s) and incident_id is not null
        """,
        [failures],
    )
    rows = cursor.fetchall()
    refresh_incidents(cursor, {counts for _, counts in rows})
    return frozenset(born for born, _ in rows)

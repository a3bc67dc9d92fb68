"""What people do with incidents and candidates: merge, part, split, end, go on; confirm, dismiss, look again.

Each act is one transaction, checked against the lifecycle and the person's reach, and on record. Cases stay with the
incident that their failures were born into, so nothing that was promised to a customer changes; `recover` ties them
together where it should (recover/services/grouping.py).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.monitor.core import incident_words
from amends.monitor.core.candidate import CANDIDATE
from amends.monitor.core.incident import LIFECYCLE
from amends.monitor.models import Candidate, CandidateMember, Failure, Incident, IncidentAct
from amends.monitor.services.figures import refresh_incidents
from amends.monitor.services.incidents import keep_reasons
from amends.monitor.services.proposing import recount_candidates
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.policy.models import BlueprintVersion
from amends.policy.services import keep_explanations


class NotSo(ValueError):
    """What was asked makes no sense for these incidents; says why, for a reader in either language."""

    def __init__(self, why: Localised) -> None:
        self.why = why
        super().__init__(why.en)


TO_ITSELF: Final = Localised(en="An incident can't be merged into itself.", zh="事件不能与自身合并。")
MERGED: Final = Localised(
    en="That incident was merged into another. Choose the one into which it was merged.",
    zh="该事件已并入其他事件，请选择其并入的事件。",
)
SOME: Final = Localised(
    en="Choose some of the incident's subjects, not none and not all of them.",
    zh="请选择部分服务对象，不能一个不选，也不能全选。",
)
TOO_FEW: Final = Localised(en="At least two failures have to be left.", zh="至少需要保留两项失误。")


def held_incident(incident_id: int, *, acting_user: Staff) -> Incident:
    """An incident that the person may work on, locked.

    Raises:
        NotAllowed: the role works on no incidents.
        NotFound: there is none of that number within the person's units.
    """
    require(acting_user, "work_incidents")
    reached = units_below(acting_user)
    rows = Incident.objects.select_for_update(no_key=True, of=("self",))
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    if (found := rows.filter(pk=incident_id).first()) is None:
        raise NotFound(f"There is no incident {incident_id} here.")
    return found


def held_candidate(candidate_id: int, *, acting_user: Staff) -> Candidate:
    """A candidate that the person may decide on, locked: all of its failures lie within their units."""
    require(acting_user, "work_incidents")
    reached = units_below(acting_user)
    rows = Candidate.objects.select_for_update(no_key=True, of=("self",)).select_related("why")
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    if (found := rows.filter(pk=candidate_id).first()) is None:
        raise NotFound(f"There is no incident candidate {candidate_id} here.")
    return found


def merge(incident_id: int, *, into: int, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """From now on all of one incident counts in another; the one that goes on is returned."""
    if incident_id == into:
        raise NotSo(TO_ITSELF)
    held = {pk: held_incident(pk, acting_user=acting_user) for pk in sorted((incident_id, into))}
    incident, survivor = held[incident_id], held[into]
    if survivor.state == "merged":
        raise NotSo(MERGED)
    was, incident.state = incident.state, LIFECYCLE.after(incident.state, "merge")
    incident.merged_into = survivor
    incident.save(update_fields=["state", "merged_into"])
    _on_record("merge_incidents", incident, acting_user, now, note, into=survivor.pk, was=was)
    _recount([survivor.pk])
    survivor.refresh_from_db()
    return survivor


def part(incident_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """A merge is taken back; what had been merged before into the one that is parted stays with it."""
    incident = held_incident(incident_id, acting_user=acting_user)
    incident.state = LIFECYCLE.after(incident.state, "part")
    survivor_id, incident.merged_into = incident.merged_into_id, None
    incident.save(update_fields=["state", "merged_into"])
    _on_record("part_incidents", incident, acting_user, now, note, of=survivor_id)
    _recount([incident.pk, *([survivor_id] if survivor_id else [])])
    incident.refresh_from_db()
    return incident


def split(
    incident_id: int,
    *,
    subjects: Collection[str],
    version: BlueprintVersion,
    acting_user: Staff,
    now: datetime,
    note: str = "",
) -> Incident:
    """Some subjects have a cause of their own: their failures count in a new incident, and so does what joins later."""
    incident = held_incident(incident_id, acting_user=acting_user)
    if incident.state == "merged":
        raise NotSo(MERGED)
    counting = dict(Failure.objects.filter(pk__in=failures_counting_in(incident.pk)).values_list("pk", "subject"))
    going = [pk for pk, subject in counting.items() if subject in set(subjects)]
    if not going or len(going) == len(counting):
        raise NotSo(SOME)
    act = _on_record("split_incident", incident, acting_user, now, note, subjects=sorted(set(subjects)))
    why = incident_words.split_off(acting_user.name, note)
    fresh = _new_incident(f"split/{incident.pk}/{act.pk}", going, why, version)
    _place(going, fresh, why, version)
    _take_excursions(incident, fresh)
    return fresh


def end(incident_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """It is over. Its cases go on; a failure that joins later takes it up again."""
    incident = held_incident(incident_id, acting_user=acting_user)
    incident.state = LIFECYCLE.after(incident.state, "end")
    incident.ended_at = now
    incident.save(update_fields=["state", "ended_at"])
    _on_record("end_incident", incident, acting_user, now, note)
    return incident


def go_on(incident_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """It is not over after all."""
    incident = held_incident(incident_id, acting_user=acting_user)
    incident.state = LIFECYCLE.after(incident.state, "recur")
    incident.ended_at = None
    incident.save(update_fields=["state", "ended_at"])
    _on_record("resume_incident", incident, acting_user, now, note)
    return incident


def confirm(
    candidate_id: int,
    *,
    leave_out: Collection[int] = (),
    into: int | None = None,
    version: BlueprintVersion,
    acting_user: Staff,
    now: datetime,
    note: str = "",
) -> Incident:
    """Its failures have one cause: they count in one incident, and so does what joins the candidate later.

    Args:
        candidate_id: which.
        leave_out: failures of it that have another cause.
        into: an incident that is the same trouble; None: a new one.
        version: the blueprint in force.
        acting_user: who says so.
        now: when.
        note: why.
    """
    candidate = held_candidate(candidate_id, acting_user=acting_user)
    candidate.state = CANDIDATE.after(candidate.state, "confirm")
    members = CandidateMember.objects.filter(candidate=candidate, left_out=False)
    members.filter(failure_id__in=list(leave_out)).update(left_out=True)
    going = list(members.filter(left_out=False).order_by("failure_id").values_list("failure_id", flat=True))
    if len(going) < 2:
        raise NotSo(TOO_FEW)
    why = incident_words.confirmed(Localised(en=candidate.why.en, zh=candidate.why.zh), acting_user.name)
    if into is None:
        incident = _new_incident(f"candidate/{candidate.key}", going, why, version)
        incident.unit_id = candidate.unit_id
        incident.save(update_fields=["unit"])
    else:
        incident = held_incident(into, acting_user=acting_user)
        if incident.state == "merged":
            raise NotSo(MERGED)
    candidate.incident = incident
    candidate.save(update_fields=["state", "incident"])
    with connection.cursor() as cursor:
        recount_candidates(cursor, {candidate.pk})
    _place(going, incident, why, version)
    IncidentAct.objects.create(
        act="confirm_candidate",
        candidate=candidate,
        incident=incident,
        by=acting_user,
        at=now,
        note=note,
        details={"left_out": sorted(leave_out)},
    )
    return incident


def dismiss(candidate_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Candidate:
    """Its failures do not hang together."""
    return _decide(candidate_id, "dismiss", acting_user, now=now, note=note)


def reconsider(candidate_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Candidate:
    """What was dismissed or lapsed is to be decided again."""
    return _decide(candidate_id, "reconsider", acting_user, now=now, note=note)


def failures_counting_in(incident_id: int) -> list[int]:
    """All failures that count in an incident, with those of what was merged into it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive family as (
                select %s::bigint as id
                union select below.id from family join monitor_incident as below on below.merged_into_id = family.id
            )
            select failure.id from family join monitor_failure as failure on failure.incident_id = family.id
            where failure.joined_id is null
            union all
            select failure.id from family join monitor_failure as failure on failure.joined_id = family.id
            """,
            [incident_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _decide(candidate_id: int, move: str, person: Staff, *, now: datetime, note: str) -> Candidate:
    candidate = held_candidate(candidate_id, acting_user=person)
    candidate.state = CANDIDATE.after(candidate.state, move)
    candidate.save(update_fields=["state"])
    IncidentAct.objects.create(act=f"{move}_candidate", candidate=candidate, by=person, at=now, note=note)
    return candidate


def _new_incident(key: str, failures: Sequence[int], why: Reason, version: BlueprintVersion) -> Incident:
    """An incident with the face of the gravest of these failures."""
    face = Failure.objects.filter(pk__in=failures).order_by("-severity", "found_at", "pk")[0]
    kept = keep_explanations([why], version_id=version.pk)
    return Incident.objects.create(
        key=key,
        state=LIFECYCLE.after("open", "respond"),
        kind=face.kind,
        unit_id=face.unit_id,
        severity=face.severity,
        responsible=face.responsible,
        controllable=face.controllable,
        explanation_id=face.attribution_why_id,
        gathered_why_id=kept[why.digest(version.pk)],
        started_at=face.found_at,
        last_at=face.stage_at,
        blueprint=version,
    )


def _take_excursions(left: Incident, fresh: Incident) -> None:
    """A unit out of control goes with its failures, where none of them since then is left behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with gone as (
                select excursion.id from monitor_excursion as excursion
                join monitor_failure as failure on failure.unit_id = excursion.unit_id
                    and failure.stage_at >= excursion.window_start
                    and coalesce(failure.joined_id, failure.incident_id) in (%(left)s, %(fresh)s)
                where excursion.incident_id = %(left)s
                group by excursion.id
                having bool_and(failure.joined_id is not distinct from %(fresh)s)
            )
            update monitor_excursion as excursion set incident_id = %(fresh)s from gone where gone.id = excursion.id
            """,
            {"left": left.pk, "fresh": fresh.pk},
        )


def _place(failures: Sequence[int], incident: Incident, why: Reason, version: BlueprintVersion) -> None:
    """These failures count in this incident from now on; both sides are counted anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct coalesce(joined_id, incident_id) from monitor_failure where id = any(%s)", [list(failures)]
        )
        left = [row[0] for row in cursor.fetchall() if row[0] is not None]
        Failure.objects.filter(pk__in=failures).update(joined=incident)
        keep_reasons(cursor, dict.fromkeys(failures, why), version)
        refresh_incidents(cursor, [*left, incident.pk])
    incident.refresh_from_db()


def _recount(incidents: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        refresh_incidents(cursor, incidents)


def _on_record(act: str, incident: Incident, person: Staff, now: datetime, note: str, **details: object) -> IncidentAct:
    return IncidentAct.objects.create(act=act, incident=incident, by=person, at=now, note=note, details=details)

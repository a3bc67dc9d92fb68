"""Reads around incidents for a person: candidates, closures, held standards, how early failures are found.

A candidate whose failures lie in several units is seen by whoever reaches all of them; a closure of a resource by
everybody who sees incidents, for it explains what they see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from amends.monitor.models import Candidate, Closure, Failure, HeldFinding, Incident, IncidentAct, StandardGuard
from amends.monitor.selectors import counting_in
from amends.people.keyset import MOST_COUNTED, Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below


def candidates_for(staff: Staff, *, state: str = "proposed", after: str | None = None, limit: int = 50) -> Page:
    """Incident candidates that this person may see, the latest first; an empty state means all."""
    rows = _candidates(staff)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("-last_at", "-id"), after=after, limit=limit)


def count_candidates(staff: Staff) -> int:
    """How many wait to be decided; beyond `MOST_COUNTED` nobody counts."""
    return _candidates(staff).filter(state="proposed").order_by().values("pk")[: MOST_COUNTED + 1].count()


def access_candidate(staff: Staff, candidate_id: int) -> Candidate:
    """The candidate, if this person may see it.

    Raises:
        NotAllowed: the role sees no incidents.
        NotFound: there is none of that number whose failures they all reach.
    """
    if (found := _candidates(staff).filter(pk=candidate_id).first()) is None:
        raise NotFound(f"There is no incident candidate {candidate_id} here.")
    return found


def members_of(candidate: Candidate) -> QuerySet[Failure]:
    """The failures of a candidate, in order; `proposed__left_out` says which a person left out."""
    rows = Failure.objects.filter(proposed__candidate=candidate, proposed__left_out=False)
    return rows.select_related("unit", "incident", "said").order_by("found_at", "pk")


def closures_for(staff: Staff, *, now: datetime, past: bool = False, after: str | None = None, limit: int = 50) -> Page:
    """Closures that this person may see: those of their units and of resources; `past`: those that are over.

    Each with the failures that it keeps back, of which beyond `MOST_COUNTED` nobody counts.
    """
    over = Q(ends_at__lte=now) | Q(withdrawn_at__isnull=False)
    rows = _closures(staff).filter(over if past else ~over)
    page = page_of(rows, order=("-ends_at", "-id"), after=after, limit=limit)
    kept = _kept_back([closure.pk for closure in page.rows])
    for closure in page.rows:
        closure.kept_back = kept[closure.pk]
    return page


def _kept_back(closures: Sequence[int]) -> dict[int, int]:
    """How many failures each closure keeps back, as far as anybody counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select asked.id, (select count(*) from (
                select from monitor_failure where closure_id = asked.id and incident_id is null limit %s
            ) as kept) from unnest(%s::bigint[]) as asked (id)
            """,
            [MOST_COUNTED + 1, list(closures)],
        )
        return dict(cursor.fetchall())


def access_closure(staff: Staff, closure_id: int) -> Closure:
    """The closure, if this person may see it."""
    if (found := _closures(staff).filter(pk=closure_id).first()) is None:
        raise NotFound(f"There is no closure {closure_id} here.")
    return found


@dataclass(frozen=True, kw_only=True)
class Held:
    """A standard that is held, or of which findings wait."""

    guard: StandardGuard
    waiting: int  # findings
    wanted: int  # that are being taken up


def held_standards(staff: Staff) -> list[Held]:
    """Standards that found too much and wait for a person."""
    require(staff, "resume_standards")
    found = (
        HeldFinding.objects.filter(state__in=("waiting", "wanted")).values("standard", "state").annotate(n=Count("id"))
    )
    counts: dict[tuple[str, str], int] = {(row["standard"], row["state"]): row["n"] for row in found}
    wanted = {standard for standard, state in counts if state == "wanted"}
    guards = StandardGuard.objects.filter(Q(state="held") | Q(standard__in=wanted)).order_by("-held_at", "pk")
    return [
        Held(
            guard=guard,
            waiting=counts.get((guard.standard, "waiting"), 0),
            wanted=counts.get((guard.standard, "wanted"), 0),
        )
        for guard in guards
    ]


def acts_on_incident(incident: Incident) -> QuerySet[IncidentAct]:
    """What people did with an incident, and what was done to others for its sake, the latest first."""
    rows = IncidentAct.objects.select_related("by", "incident")
    return rows.filter(Q(incident=incident) | Q(incident__merged_into=incident)).order_by("-at", "-pk")[:20]


def subjects_counting_in(incident: Incident) -> list[tuple[str, int]]:
    """The subjects whose failures count in an incident, each with how many; the first hundred."""
    rows = Failure.objects.filter(counting_in(incident)).values("subject").annotate(n=Count("id")).order_by("subject")
    return [(row["subject"], row["n"]) for row in rows[:100]]


@dataclass(frozen=True, kw_only=True)
class LeadTimes:
    """How early failures were found."""

    failures: int  # that broke in the time
    first: int  # of them, found before any voice about them
    median: timedelta | None  # between finding and voice, where there was a voice later

    @property
    def share(self) -> float | None:
        """Of those found before any voice; None where nothing broke."""
        return self.first / self.failures if self.failures else None

    @property
    def told_before(self) -> bool:
        """Whether the median says something: a minute at least."""
        return self.median is not None and self.median >= timedelta(minutes=1)


def lead_times(staff: Staff, *, since: datetime, until: datetime, standard: str = "") -> LeadTimes:
    """How early failures of the person's units were found in a time; of one standard, if named."""
    require(staff, "see_incidents")
    reached = units_below(staff)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*),
                count(*) filter (where voiced_at is null or voiced_at > found_at),
                percentile_cont(0.5) within group (order by voiced_at - found_at)
                    filter (where voiced_at > found_at)
            from monitor_failure
            where found_at >= %(since)s and found_at < %(until)s and stage not in ('at_risk', 'averted')
                and not confidential and (%(units)s::bigint[] is null or unit_id = any(%(units)s))
                and (%(standard)s = '' or standard = %(standard)s)
            """,
            {"since": since, "until": until, "units": reached, "standard": standard},
        )
        failures, first, median = cursor.fetchone()
    return LeadTimes(failures=failures, first=first, median=median)


def _candidates(staff: Staff) -> QuerySet[Candidate]:
    require(staff, "see_incidents")
    reached = units_below(staff)
    rows: QuerySet[Any] = Candidate.objects.select_related("unit", "why", "blueprint", "incident")
    return rows if reached is None else rows.filter(unit_id__in=reached)


def _closures(staff: Staff) -> QuerySet[Closure]:
    require(staff, "see_incidents")
    reached = units_below(staff)
    rows: QuerySet[Any] = Closure.objects.select_related("unit", "entered_by", "withdrawn_by")
    return rows if reached is None else rows.filter(Q(unit_id__in=reached) | Q(unit=None))

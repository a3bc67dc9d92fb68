"""Teams, their members' skills and loads, and who could take over a case."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from amends.kernel.text import Localised, language_of
from amends.people.core.rights import RIGHTS, may
from amends.people.duty import duties_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.core.assigning import Candidate, Needs, Rule
from amends.recover.models import Case, Queue, Team, TeamMember
from amends.recover.selectors.circle import answering

WORKERS = tuple(role for role in RIGHTS if may(role, "work_cases"))
MOST_SHOWN = 200  # colleagues to choose from


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who could take over a case, and how much they have at hand."""

    staff: Staff
    load: int
    free: bool


def free_staff(ids: Collection[int], at: datetime) -> set[int]:
    """Which of these people are at work then: not gone, not absent, and within their shift."""
    active = list(Staff.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    duties = duties_of(active, at=at, calendars=pack.calendars)
    return {who for who in active if duties[who].away is None}


def loads_of(ids: Iterable[int]) -> dict[int, int]:
    """Open cases of each."""
    rows = Case.objects.filter(owner_id__in=list(ids), is_open=True).order_by()
    return dict(rows.values_list("owner_id").annotate(number=Count("pk")))


def reaches_of(people: Iterable[Staff]) -> dict[int, frozenset[int] | None]:
    """The units that each of them reaches, in one query; None: the whole company."""
    paths = dict(Unit.objects.values_list("pk", "path"))
    below: dict[int, frozenset[int]] = {}
    found: dict[int, frozenset[int] | None] = {}
    for one in people:
        if one.unit_id is None:
            found[one.pk] = None
            continue
        if one.unit_id not in below:
            top = paths[one.unit_id]
            below[one.unit_id] = frozenset(pk for pk, path in paths.items() if path.startswith(top))
        found[one.pk] = below[one.unit_id]
    return found


def rules_in_force() -> list[Rule]:
    """The queues in the order in which they are tried."""
    queues = Queue.objects.filter(is_active=True, team__is_active=True).select_related("unit").order_by("place", "pk")
    paths = dict(Unit.objects.values_list("pk", "path"))
    return [
        Rule(
            queue_id=queue.pk,
            name=Localised(en=queue.name_en, zh=queue.name_zh),
            team_id=queue.team_id,
            units=None
            if queue.unit is None
            else frozenset(pk for pk, path in paths.items() if path.startswith(queue.unit.path)),
            kinds=frozenset(queue.kinds),
            tiers=frozenset(queue.tiers),
            languages=frozenset(queue.languages),
            severity_least=queue.severity_least,
        )
        for queue in queues
    ]


def members_of(team_ids: Collection[int]) -> dict[int, list[TeamMember]]:
    """The members of teams who may work on cases, by team."""
    rows = TeamMember.objects.filter(team_id__in=team_ids, staff__role__in=WORKERS, staff__is_active=True)
    found: dict[int, list[TeamMember]] = {team_id: [] for team_id in team_ids}
    for member in rows.select_related("staff").order_by("staff_id"):
        found[member.team_id].append(member)
    return found


def candidate(member: TeamMember, load: int) -> Candidate:
    """A member as the choice looks at them."""
    return Candidate(
        staff_id=member.staff_id,
        name=member.staff.name,
        languages=frozenset(member.languages),
        kinds=frozenset(member.kinds),
        tiers=frozenset(member.tiers),
        severity_most=member.severity_most,
        most_open=member.most_open,
        load=load,
    )


def needs_of(case: Case) -> Needs:
    """What a case asks of whoever works on it."""
    return Needs(
        language=language_of(case.customer.locale),
        kind=case.kind,
        tier=case.customer.tier,
        severity=case.severity,
    )


def colleagues_for(staff: Staff, case: Case, *, at: datetime) -> list[Colleague]:
    """Who could take over this case: they may work on cases and reach its unit; the one with least to do first."""
    require(staff, "work_cases")
    able = _reaching(case.unit_id) if not case.confidential else Staff.objects.filter(pk__in=answering(case))
    people = list(able.exclude(pk=staff.pk).select_related("unit").order_by("pk")[:MOST_SHOWN])
    ids = [one.pk for one in people]
    loads, free = loads_of(ids), free_staff(ids, at)
    found = [Colleague(staff=one, load=loads.get(one.pk, 0), free=one.pk in free) for one in people]
    return sorted(found, key=lambda one: (not one.free, one.load, one.staff.name))


def may_take(person: Staff, unit_id: int | None) -> bool:
    """Whether somebody could work on a case of this unit."""
    return _reaching(unit_id).filter(pk=person.pk).exists()


def teams_reaching(unit_id: int | None) -> QuerySet[Team]:
    """The teams in whose unit, or below it, a case of this unit lies."""
    rows = Team.objects.filter(is_active=True).select_related("unit").order_by("name_en", "pk")
    path = Unit.objects.filter(pk=unit_id).values_list("path", flat=True).first()
    if path is None:
        return rows
    return rows.filter(unit__path__in=_above(path))


def teams_for(staff: Staff) -> QuerySet[Team]:
    """The teams within the person's units."""
    require(staff, "work_teams")
    reached = units_below(staff)
    rows = Team.objects.filter(is_active=True).select_related("unit").order_by("name_en", "pk")
    return rows if reached is None else rows.filter(unit_id__in=reached)


def access_team(staff: Staff, team_id: int) -> Team:
    """One team within the person's units."""
    found = teams_for(staff).filter(pk=team_id).first()
    if found is None:
        raise NotFound(f"There is no team {team_id} here.")
    return found


def _reaching(unit_id: int | None) -> QuerySet[Staff]:
    """Active people who may work on cases and whose unit is the given one or above it, or who have no unit."""
    rows = Staff.objects.filter(is_active=True, role__in=WORKERS)
    path = Unit.objects.filter(pk=unit_id).values_list("path", flat=True).first()
    everywhere = rows.filter(unit=None)
    return everywhere if path is None else everywhere | rows.filter(unit__path__in=_above(path))


def _above(path: str) -> list[str]:
    """A unit's path and those of all units above it."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: depth + 1]) + "/" for depth in range(len(codes))]

"""Teams, members and queues made and changed by those who lead, within their own units."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from amends.kernel.text import Localised
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.recover.acting import acting
from amends.recover.core.refusals import Declined
from amends.recover.models import Case, Queue, Team, TeamMember
from amends.recover.selectors.staffing import WORKERS, access_team, teams_for

NAMES: Final = Localised(en="A name is needed in English and in Chinese.", zh="请填写英文与中文名称。")
THERE: Final = Localised(en="There is one of that name here already.", zh="此处已有同名的一项。")
NOT_A_WORKER: Final = Localised(en="Their role does not work on cases.", zh="其角色不处理案件。")


@transaction.atomic
def keep_team(*, name_en: str, name_zh: str, unit: int, acting_user: Staff, team_id: int | None = None) -> Team:
    """Make a team in a unit that one leads, or rename one."""
    require(acting_user, "work_teams")
    if not name_en.strip() or not name_zh.strip():
        raise Declined(NAMES)
    _check_reach(unit, acting_user)
    team = access_team(acting_user, team_id) if team_id is not None else Team()
    team.name_en, team.name_zh, team.unit_id = name_en.strip()[:100], name_zh.strip()[:100], unit
    return _saved(team)


def end_team(team_id: int, *, acting_user: Staff) -> None:
    """A team works no more: its queues end, and its open cases wait for another team."""
    with acting("end_team", acting_user):
        team = access_team(acting_user, team_id)
        Team.objects.filter(pk=team.pk).update(is_active=False)
        Queue.objects.filter(team=team).update(is_active=False)
        waiting = Case.objects.select_for_update(no_key=True).filter(team=team, is_open=True).order_by("pk")
        moved = list(waiting.values_list("pk", flat=True))
        Case.objects.filter(pk__in=moved).update(team=None, version=F("version") + 1)  # whoever has one open notices


@transaction.atomic
def keep_member(
    team_id: int,
    *,
    staff_id: int,
    languages: Sequence[str],
    kinds: Sequence[str],
    tiers: Sequence[str],
    severity_most: int,
    most_open: int,
    acting_user: Staff,
) -> TeamMember:
    """Take somebody into a team, or change what they take on."""
    team = access_team(acting_user, team_id)
    person = Staff.objects.filter(pk=staff_id, is_active=True).first()
    reached = units_below(acting_user)
    if person is None or (reached is not None and person.unit_id not in reached):
        raise NotFound(f"There is no member of staff {staff_id} here.")
    if person.role not in WORKERS:
        raise Declined(NOT_A_WORKER)
    member, _ = TeamMember.objects.update_or_create(
        team=team,
        staff=person,
        defaults={
            "languages": sorted(set(languages)),
            "kinds": sorted(set(kinds)),
            "tiers": sorted(set(tiers)),
            "severity_most": severity_most,
            "most_open": most_open,
        },
    )
    return member


@transaction.atomic
def drop_member(team_id: int, *, staff_id: int, acting_user: Staff) -> None:
    """Somebody leaves a team; their open cases stay theirs."""
    TeamMember.objects.filter(team=access_team(acting_user, team_id), staff_id=staff_id).delete()


@transaction.atomic
def keep_queue(team_id: int, *, given: Mapping[str, Any], acting_user: Staff, queue_id: int | None = None) -> Queue:
    """Make or change a rule that leads cases to a team; `given` holds the rule's columns."""
    team = access_team(acting_user, team_id)
    queue = Queue.objects.filter(pk=queue_id, team=team).first() if queue_id is not None else Queue(team=team)
    if queue is None:
        raise NotFound(f"There is no queue {queue_id} here.")
    if not str(given["name_en"]).strip() or not str(given["name_zh"]).strip():
        raise Declined(NAMES)
    if given["unit_id"] is not None:
        _check_reach(given["unit_id"], acting_user)
    for name in ("name_en", "name_zh", "place", "unit_id", "kinds", "tiers", "languages", "severity_least"):
        setattr(queue, name, given[name])
    return _saved(queue)


@transaction.atomic
def end_queue(queue_id: int, *, acting_user: Staff) -> None:
    """A rule counts no more."""
    found = Queue.objects.filter(pk=queue_id, team__in=teams_for(acting_user)).first()
    if found is None:
        raise NotFound(f"There is no queue {queue_id} here.")
    Queue.objects.filter(pk=found.pk).update(is_active=False)


def _check_reach(unit_id: int, person: Staff) -> None:
    reached = units_below(person)
    if (reached is not None and unit_id not in reached) or not Unit.objects.filter(pk=unit_id).exists():
        raise NotFound("There is no such unit here.")


def _saved(row: Any) -> Any:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Declined(THERE) from error
    return row

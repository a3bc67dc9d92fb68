"""Cases change hands: handed over with a note, assigned by whoever leads; the receiver sees who, why and what for."""

from datetime import datetime
from typing import Final

from amends.kernel.text import Localised
from amends.people.models import Staff, Unit
from amends.policy.models import Explanation
from amends.recover.core.refusals import Declined
from amends.recover.models import Approval, Case, Handover, Team
from amends.recover.selectors.circle import answers
from amends.recover.selectors.staffing import may_take, teams_reaching
from amends.recover.services.holding import CONFIDENTIAL, holding, save_case
from amends.recover.services.undoing import undoable

NOTE: Final = Localised(en="Please write what the receiver needs to know.", zh="请写明接手人需要了解的情况。")
ONE: Final = Localised(
    en="Choose one receiver: a colleague, a team or a unit.", zh="请选择一个接收方：同事、团队或单位。"
)
CLOSED: Final = Localised(en="Only an open case changes hands.", zh="只有处理中的案件才能移交。")
NOT_THEIRS: Final = Localised(en="This colleague can't work on a case of this unit.", zh="该同事无法处理此单位的案件。")
NO_TEAM: Final = Localised(en="This team does not reach the case's unit.", zh="该团队不负责此案件所属单位。")
NO_UNIT: Final = Localised(en="There is no such unit.", zh="没有这个单位。")
HAS_IT: Final = Localised(en="They have this case already.", zh="此案件已由其负责。")


def hand_over(
    case_id: int,
    *,
    note: str,
    acting_user: Staff,
    now: datetime,
    to_staff: int | None = None,
    to_team: int | None = None,
    to_unit: int | None = None,
    version: int | None = None,
) -> Handover:
    """Hand a case over to a colleague, a team or a unit, with a note that the receiver sees.

    Raises:
        Declined: no note, not exactly one receiver, one who could not work on it, or a case that is not open.
    """
    if not note.strip():
        raise Declined(NOTE)
    if sum(one is not None for one in (to_staff, to_team, to_unit)) != 1:
        raise Declined(ONE)
    with holding("hand_over", case_id, acting_user=acting_user, version=version) as (case, person):
        return _change_hands(
            case,
            person,
            how=Handover.How.HANDED_OVER,
            to_staff=_receiver(case, to_staff) if to_staff is not None else None,
            to_team=_team(case, to_team) if to_team is not None else None,
            to_unit=_unit(to_unit) if to_unit is not None else None,
            note=note.strip(),
            now=now,
        )


def assign_case(
    case_id: int, *, to_staff: int, acting_user: Staff, now: datetime, note: str = "", version: int | None = None
) -> Handover:
    """Give a case to somebody, whoever has it now; for those who lead."""
    with holding("assign_case", case_id, acting_user=acting_user, right="work_teams", version=version) as (
        case,
        person,
    ):
        return _change_hands(
            case, person, how=Handover.How.ASSIGNED, to_staff=_receiver(case, to_staff), note=note.strip(), now=now
        )


def change_owner(
    case: Case, person: Staff, *, how: str, now: datetime, by: Staff | None, why: Explanation | None = None
) -> Handover:
    """Make a held case somebody's own, on record."""
    handover = Handover.objects.create(
        case=case, how=how, at=now, by=by, from_staff_id=case.owner_id, to_staff=person, why=why, seen_at=now
    )
    case.owner = person
    save_case(case, "owner", "team")
    return handover


def see_handovers(case_id: int, *, acting_user: Staff, now: datetime) -> int:
    """The receiver opened the case and has read the note; how many notes that were new."""
    fresh = Handover.objects.filter(
        case_id=case_id, to_staff=acting_user, how="handed_over", seen_at=None, undone_at=None
    )
    if not fresh.exists():
        return 0
    with holding("see_handovers", case_id, acting_user=acting_user, right="see_cases"):
        return fresh.update(seen_at=now)


def _change_hands(
    case: Case,
    person: Staff | None,
    *,
    how: str,
    now: datetime,
    note: str,
    to_staff: Staff | None = None,
    to_team: Team | None = None,
    to_unit: Unit | None = None,
) -> Handover:
    if not case.is_open:
        raise Declined(CLOSED)
    if case.confidential and (to_team is not None or to_unit is not None):
        raise Declined(CONFIDENTIAL)
    if to_staff is not None and case.owner_id == to_staff.pk:
        raise Declined(HAS_IT)
    with undoable(case, how, person, now=now) as step:
        handover = Handover.objects.create(
            case=case,
            how=how,
            at=now,
            by=person,
            from_staff_id=case.owner_id,
            to_staff=to_staff,
            to_team=to_team,
            to_unit=to_unit,
            note=note,
        )
        step["handover"] = handover.pk
        case.owner = to_staff
        if to_team is not None or to_unit is not None:
            case.team = to_team
        if to_unit is not None:
            case.unit = to_unit
            Approval.objects.filter(case=case).update(unit=to_unit)
        save_case(case, "owner", "team", "unit")
    return handover


def _receiver(case: Case, staff_id: int) -> Staff:
    found = Staff.objects.filter(pk=staff_id).first()
    if found is None or not (answers(found, case) if case.confidential else may_take(found, case.unit_id)):
        raise Declined(NOT_THEIRS)
    return found


def _team(case: Case, team_id: int) -> Team:
    found = teams_reaching(case.unit_id).filter(pk=team_id).first()
    if found is None:
        raise Declined(NO_TEAM)
    return found


def _unit(unit_id: int) -> Unit:
    found = Unit.objects.filter(pk=unit_id).first()
    if found is None:
        raise Declined(NO_UNIT)
    return found

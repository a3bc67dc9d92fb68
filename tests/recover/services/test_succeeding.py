"""Who answers a confidential case follows who holds the place: on record, and never whom the case is about."""

from datetime import timedelta
from typing import Any

import pytest

from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound
from amends.people.services import end_staff
from amends.recover.core.circle import ABOUT
from amends.recover.models import Case, CircleMember, Edit, Notice
from amends.recover.selectors import access_case, unexplained, verify_trail
from amends.recover.selectors.circle import confidential_for
from amends.recover.selectors.timeline import case_timeline
from amends.recover.selectors.waiting import waiting_for
from amends.recover.services.succeeding import follow_circles
from tests.recover.services.test_reporting_inside import hire, tell
from tests.web.console.world import NOW, World, airline

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return airline()


def answering(case: Case) -> dict[str, int]:
    return dict(CircleMember.answering.filter(case=case).values_list("role", "staff"))


def follow() -> int:
    changed = follow_circles(now=LATER)
    assert follow_circles(now=LATER) == 0  # done again it changes nothing
    return changed


def test_while_everybody_stays_nothing_changes(world: World) -> None:
    case = tell(world.staff["front_line"])
    hire("manager", "XX", "Max Second")  # could lead as well; whoever has it keeps it
    assert follow() == 0
    assert not Edit.objects.filter(case=case).exists()
    assert answering(case) == {"unit_head": world.staff["manager"].pk}


def test_whoever_heads_the_unit_leaves_and_the_next_one_comes_in_on_record(world: World) -> None:
    boss, case = world.staff["manager"], tell(world.staff["front_line"])
    next_one = hire("manager", "XX", "Nell Next")
    end_staff(boss.pk, acting_user=hire("administrator", "XX", "Ada Min"), now=NOW)
    assert follow() == 1
    assert answering(case) == {"unit_head": next_one.pk}
    assert access_case(next_one, case.pk).owner == next_one
    edit = Edit.objects.get(case=case)
    assert (edit.aspect, edit.before, edit.after, edit.by) == ("circle", [boss.pk], [next_one.pk], None)
    said = case_timeline(Case.every.get(pk=case.pk))[-1].text
    assert "Nell Next" in said.en
    assert boss.name in said.en
    assert said.zh.startswith("现由Nell Next保密处理")
    notice = Notice.objects.get(case=case, staff=next_one)
    assert notice.what == "joined_circle"
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


@pytest.mark.parametrize("change", [{"role": "front_line"}, {"unit": "XX-LGA"}])
def test_whoever_moves_or_leads_no_more_sees_nothing_of_it_from_then_on(world: World, change: dict[str, str]) -> None:
    boss, case = world.staff["manager"], tell(world.staff["front_line"])
    next_one = hire("manager", "XX", "Nell Next")
    given = {"unit": Unit.objects.get(code=change["unit"])} if "unit" in change else change
    Staff.objects.filter(pk=boss.pk).update(**given)
    assert follow() == 1
    boss.refresh_from_db()
    with pytest.raises(NotFound):
        access_case(boss, case.pk)
    assert confidential_for(boss, told=False).rows == []
    assert (waiting_for(boss).confidential, waiting_for(boss).notices) == (0, 0)
    assert waiting_for(next_one).confidential == 1
    assert access_case(next_one, case.pk)


def test_who_comes_back_comes_in_again(world: World) -> None:
    boss, case = world.staff["manager"], tell(world.staff["front_line"])
    for active in (False, True):
        Staff.objects.filter(pk=boss.pk).update(is_active=active)
        assert follow() == 1
    assert answering(case) == {"unit_head": boss.pk}
    assert CircleMember.objects.filter(case=case, staff=boss).count() == 2


def test_a_successor_whom_it_is_about_is_passed_over_with_all_accounts(world: World) -> None:
    boss, accused = world.staff["manager"], hire("manager", "XX", "Al Accused")
    second = hire("supervisor", "XX", "Al Again", acts_for=accused)
    case = tell(world.staff["front_line"], about=accused)
    Staff.objects.filter(pk=boss.pk).update(is_active=False)
    assert follow() == 1
    assert answering(case) == {"unit_head": world.staff["supervisor"].pk}
    for one in (accused, second):
        with pytest.raises(NotFound):
            access_case(one, case.pk)
        assert confidential_for(one, told=False).rows == confidential_for(one, told=True).rows == []
        assert waiting_for(one).confidential == 0
    assert CircleMember.objects.get(case=case, role=ABOUT).staff == accused


def test_whoever_told_never_answers_it_even_when_they_lead_now(world: World) -> None:
    me, case = world.staff["front_line"], tell(world.staff["front_line"])
    Staff.objects.filter(pk=world.staff["manager"].pk).update(is_active=False)
    Staff.objects.filter(pk=me.pk).update(role="manager", unit=Unit.objects.get(code="XX"))
    follow()
    assert me.pk not in answering(case).values()


def test_where_nobody_leads_the_confidant_answers_and_then_an_executive_and_then_nobody(world: World) -> None:
    case = tell(world.staff["front_line"])
    Staff.objects.filter(role__in=("manager", "supervisor")).update(is_active=False)
    assert follow() == 1
    assert answering(case) == {"confidant": world.staff["quality_owner"].pk}
    Staff.objects.filter(role="quality_owner").update(is_active=False)
    assert follow() == 1
    assert answering(case) == {"unit_head": world.staff["executive"].pk}
    Staff.objects.filter(role="executive").update(is_active=False)
    assert follow() == 1
    case.refresh_from_db()
    assert answering(case) == {}
    assert case.owner is None
    assert "Nobody is left" in case_timeline(case)[-1].text.en
    found = hire("manager", "XX", "Nell Next")
    assert follow() == 1
    case.refresh_from_db()
    assert case.owner == found


def test_a_case_that_is_over_stays_with_those_who_answered_it(world: World) -> None:
    case = tell(world.staff["front_line"])
    Case.every.filter(pk=case.pk).update(is_open=False)
    Staff.objects.filter(pk=world.staff["manager"].pk).update(is_active=False)
    assert follow() == 0


def test_many_at_once_take_no_more_reads(world: World, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        tell(world.staff["front_line"])
    with django_assert_max_num_queries(5):
        assert follow_circles(now=LATER) == 0


def test_judged_to_be_of_another_kind_it_is_no_wider_known(world: World) -> None:
    case = tell(world.staff["front_line"], "harassed")
    Case.every.filter(pk=case.pk).update(kind="colleague_rude")
    assert follow() == 0
    assert list(answering(case)) == ["confidant"]

"""Somebody leaves or does other work: their cases wait for a colleague, and nothing waits for their leave."""

import pytest

from amends.people.models import Staff, Unit
from amends.recover.models import Approval, Case, Handover, TeamMember, TrailEntry
from amends.recover.selectors import unexplained, verify_trail
from amends.recover.selectors.timeline import case_timeline
from amends.recover.services.leaving import change_account, end_account
from amends.recover.services.routing import sweep_approvals
from amends.recover.services.teams import keep_member, keep_team
from tests.recover.services.test_reporting_inside import hire
from tests.web.console.world import NOW, World, airline

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return airline()


def owned(case: Case, person: Staff) -> Case:
    Case.objects.filter(pk=case.pk).update(owner=person, is_open=True)
    return Case.objects.get(pk=case.pk)


def test_the_open_cases_of_an_ended_account_wait_for_somebody_else_on_record(world: World) -> None:
    leaver, boss = hire("front_line", "XX", "Lee Leaver"), world.staff["administrator"]
    lead = world.staff["manager"]
    team = keep_team(name_en="Desk", name_zh="服务台", unit=Unit.objects.get(code="XX").pk, acting_user=lead)
    limits = {"languages": (), "kinds": (), "tiers": (), "severity_most": 3, "most_open": 9}
    keep_member(team.pk, staff_id=leaver.pk, **limits, acting_user=lead)
    case = owned(world.case_to_call, leaver)
    over = Case.objects.exclude(pk=case.pk).first()
    assert over is not None
    Case.objects.filter(pk=over.pk).update(owner=leaver, is_open=False)
    assert end_account(leaver.pk, acting_user=boss, now=NOW, clock=NOW) == 1
    after = Case.objects.get(pk=case.pk)
    assert (after.owner, after.version, after.team) == (None, case.version + 1, case.team)
    assert Case.objects.get(pk=over.pk).owner == leaver
    handover = Handover.objects.get(case=case)
    assert (handover.from_staff, handover.to_staff, handover.by) == (leaver, None, boss)
    assert any("Lee Leaver does not work here any more" in one.text.en for one in case_timeline(after))
    entry = TrailEntry.objects.filter(case=case).order_by("-number")[0]
    assert (entry.actor, entry.act) == (f"staff:{boss.pk}", "end_account")
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []
    assert not TeamMember.objects.filter(staff=leaver).exists()


def test_whoever_moves_keeps_the_cases_that_they_still_reach(world: World) -> None:
    mover = hire("supervisor", "XX", "Mo Mover")
    near, far = owned(world.case_to_call, mover), owned(world.case_to_approve, mover)
    place = Unit.objects.get(pk=near.unit_id)
    assert near.unit_id != far.unit_id
    assert change_account(mover.pk, {"name": "Mo M."}, acting_user=None, now=NOW, clock=NOW) == 0
    assert change_account(mover.pk, {"unit": place}, acting_user=None, now=NOW, clock=NOW) == 1
    assert set(Case.objects.filter(owner=mover).values_list("pk", flat=True)) == {near.pk}
    assert change_account(mover.pk, {"role": "administrator"}, acting_user=None, now=NOW, clock=NOW) == 1
    assert not Case.objects.filter(owner=mover).exists()


@pytest.mark.parametrize("how", ["ended", "moved"])
def test_what_waits_for_their_leave_goes_to_the_next(world: World, how: str) -> None:
    sweep_approvals(now=NOW)
    approval = Approval.objects.get(case=world.case_to_approve, state="waiting")
    decider = approval.assigned_to
    assert decider is not None
    if how == "ended":
        end_account(decider.pk, acting_user=None, now=NOW, clock=NOW)
    else:
        elsewhere = Unit.objects.get(code="XX-LGA")
        change_account(decider.pk, {"unit": elsewhere}, acting_user=None, now=NOW, clock=NOW)
    sweep_approvals(now=NOW)
    approval.refresh_from_db()
    assert approval.state == "waiting"
    assert approval.assigned_to not in {decider, None}

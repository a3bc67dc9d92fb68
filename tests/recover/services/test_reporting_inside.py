"""What colleagues failed an employee in: the same ring, seen by its circle and by nobody else."""

from datetime import timedelta
from uuid import uuid4

import pytest

from amends.channels.models import Message
from amends.learn.models import SummaryCell
from amends.learn.services import refresh_summary
from amends.monitor.models import Affected, Failure, Incident
from amends.monitor.services import keep_roster, record_findings
from amends.people.models import ContactPoint, Customer, Staff, Unit
from amends.people.selectors import NotFound, access_customer, customers_seen_by
from amends.people.services import create_staff, keep_customers
from amends.policy.selectors import version_in_force
from amends.recover.core.refusals import Declined
from amends.recover.models import Case, CircleMember, Notice
from amends.recover.selectors import access_action, access_case, cases_for
from amends.recover.selectors.circle import confidential_for
from amends.recover.selectors.judging import earlier_failures_of, judged
from amends.recover.selectors.waiting import waiting_for
from amends.recover.services import (
    add_action,
    assign_case,
    carry_out,
    close_case,
    do_action,
    hand_over,
    link_cases,
    merge_cases,
    open_cases,
    prepare,
    report_inside,
    split_case,
    sweep_clocks,
    take_case,
)
from amends.recover.services.assigning import assign_waiting, take_next
from amends.recover.services.hearing import accept_case
from tests.web.console.world import NOON, NOW, World, airline, finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return airline()


def hire(role: str, unit: str, name: str = "Pat Roe", **more: object) -> Staff:
    email = f"{name.split(maxsplit=1)[0]}.{role}.{uuid4().hex[:6]}@inside.test".lower()
    place = Unit.objects.get(code=unit)
    staff = create_staff(email=email, name=name, role=role, unit=place, now=NOON, acting_user=None)
    if more:
        Staff.objects.filter(pk=staff.pk).update(**more)
    return staff


def tell(person: Staff, kind: str = "equipment_not_repaired", *, about: Staff | None = None, unit: str = "XX") -> Case:
    return report_inside(
        form=uuid4().hex,
        kind=kind,
        unit=Unit.objects.get(code=unit),
        words="The till at gate 4 has been dead since Monday.",
        about=about,
        acting_user=person,
        now=NOW,
    )


def circle(case: Case) -> dict[str, int]:
    return {one.role: one.staff_id for one in CircleMember.objects.filter(case=case).exclude(role="about")}


def test_it_opens_a_case_with_a_plan_and_clocks_and_gives_it_to_whoever_heads_the_unit(world: World) -> None:
    me = world.staff["front_line"]
    case = tell(me)
    assert case.confidential
    assert circle(case) == {"person": me.pk, "unit_head": world.staff["manager"].pk}
    assert case.owner == world.staff["manager"]
    assert case.plan.playbook == "internal-put-right"
    assert {clock.kind for clock in case.clocks.all()} == {"acknowledge", "inform", "resolve", "follow_up"}
    assert case.customer.staff == me
    assert Notice.objects.filter(case=case).values_list("staff", flat=True).get() == world.staff["manager"].pk


def test_the_same_form_twice_is_one_case_and_two_forms_are_one_customer(world: World) -> None:
    me, form = world.staff["front_line"], uuid4().hex
    given = {"kind": "roster_late", "unit": None, "words": "", "about": None, "acting_user": me, "now": NOW}
    assert report_inside(form=form, **given) == report_inside(form=form, **given)
    tell(me)
    assert Customer.every.filter(staff=me).count() == 1


def test_whom_it_is_about_never_sees_it_whatever_they_lead(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["manager"]
    second = hire("supervisor", "XX", "Sam Second", acts_for=boss)
    case = tell(me, "colleague_rude", about=boss)
    assert circle(case) == {
        "person": me.pk,
        "unit_head": world.staff["supervisor"].pk,
        "confidant": world.staff["quality_owner"].pk,
    }
    for one in (boss, second):
        with pytest.raises(NotFound):
            access_case(one, case.pk)


def test_where_only_those_it_is_about_could_answer_it_is_declined(world: World) -> None:
    me, confidant = world.staff["front_line"], world.staff["quality_owner"]
    case = tell(me, "harassed", about=confidant)  # the executive is the last resort
    assert circle(case) == {"person": me.pk, "unit_head": world.staff["executive"].pk}
    Staff.objects.filter(pk=world.staff["executive"].pk).update(is_active=False)
    with pytest.raises(Declined):
        tell(me, "harassed", about=confidant)
    with pytest.raises(NotFound):
        tell(me, "colleague_rude", about=me)


def test_outside_the_circle_it_is_not_there_for_any_rank(world: World) -> None:
    case = tell(world.staff["front_line"])
    action = case.actions.filter(performer="supervisor").first()
    assert action is not None
    for role in ("supervisor", "quality_owner", "executive"):
        outsider = world.staff[role]
        with pytest.raises(NotFound, match="There is no case"):
            access_case(outsider, case.pk)
        with pytest.raises(NotFound, match="There is no action"):
            access_action(outsider, action.pk)
        for act in (take_case, close_case):
            with pytest.raises(NotFound, match="There is no case"):
                act(case.pk, acting_user=outsider, now=NOW)
        with pytest.raises(NotFound):
            do_action(action.pk, acting_user=outsider, now=NOW)
        with pytest.raises(NotFound):
            hand_over(case.pk, note="x", to_staff=outsider.pk, acting_user=outsider, now=NOW)
    whole = hire("executive", "XX", "Whole Company")
    Staff.objects.filter(pk=whole.pk).update(unit=None)
    whole.refresh_from_db()
    with pytest.raises(NotFound):
        access_case(whole, case.pk)


def test_no_list_count_search_or_customer_shows_it_to_anybody(world: World) -> None:
    before = {
        "cases": Case.objects.count(),
        "failures": Failure.objects.count(),
        "incidents": Incident.objects.count(),
        "customers": Customer.objects.count(),
    }
    me = world.staff["front_line"]
    case = tell(me)
    assert before == {
        "cases": Case.objects.count(),
        "failures": Failure.objects.count(),
        "incidents": Incident.objects.count(),
        "customers": Customer.objects.count(),
    }
    for role in ("front_line", "manager", "executive"):
        for search in (case.subject, me.name, str(case.pk), "till", ""):
            assert case.pk not in [row.pk for row in cases_for(world.staff[role], search=search).rows]
    assert case.customer not in customers_seen_by(world.staff["manager"], search=me.name)
    with pytest.raises(NotFound):
        access_customer(world.staff["manager"], case.customer_id)
    assert [row.pk for row in confidential_for(world.staff["manager"], told=False).rows] == [case.pk]
    assert [row.pk for row in confidential_for(me, told=True).rows] == [case.pk]
    assert confidential_for(world.staff["supervisor"], told=False).rows == []


def test_learning_counts_nothing_of_it(world: World) -> None:
    refresh_summary(now=NOW, whole=True)
    before = list(SummaryCell.objects.order_by("pk").values_list("kind", "failures", "cases"))
    tell(world.staff["front_line"])
    refresh_summary(now=NOW, whole=True)
    assert sorted(SummaryCell.objects.values_list("kind", "failures", "cases")) == sorted(before)


def test_whoever_told_is_its_customer_and_whoever_answers_works_on_it(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["manager"]
    case = tell(me)
    assert access_case(boss, case.pk) == case
    with pytest.raises(NotFound):  # theirs is the customer's page: there our notes don't stand
        access_case(me, case.pk)
    with pytest.raises(NotFound):
        close_case(case.pk, acting_user=me, now=NOW)
    ids = list(case.actions.order_by("pk").values_list("pk", flat=True))
    carry_out(ids[0], ids[-1], now=NOW, as_of_ready=True)
    assert Message.objects.filter(thread=f"case:{case.pk}", direction="out").exists()
    for action in case.actions.filter(state="ready"):
        do_action(action.pk, acting_user=boss, now=NOW)
    case.refresh_from_db()
    assert case.state == "awaiting_customer"
    accept_case(case.pk, satisfaction=5, acting_user=case.customer, now=NOW)
    case.refresh_from_db()
    assert case.state == "made_good"


def test_nothing_leads_out_of_the_circle(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["manager"]
    case, other = tell(me), world.case_to_call
    with pytest.raises(Declined):
        merge_cases(case.pk, into=other.pk, acting_user=boss, now=NOW)
    with pytest.raises((Declined, NotFound)):
        merge_cases(other.pk, into=case.pk, acting_user=boss, now=NOW)
    with pytest.raises(Declined):
        link_cases(case.pk, other=other.pk, kind="related", acting_user=boss, now=NOW)
    with pytest.raises((Declined, NotFound)):
        link_cases(other.pk, other=case.pk, kind="related", acting_user=boss, now=NOW)
    with pytest.raises(Declined):
        split_case(case.pk, failures=[], actions=[], acting_user=boss, now=NOW)
    with pytest.raises(Declined):
        hand_over(case.pk, note="Please", to_unit=Unit.objects.get(code="XX-LGA").pk, acting_user=boss, now=NOW)
    with pytest.raises(Declined):
        assign_case(case.pk, to_staff=world.staff["supervisor"].pk, acting_user=boss, now=NOW)
    with pytest.raises(Declined):
        add_action(case.pk, repair="voucher", amount=5, reason="sorry", acting_user=boss, now=NOW)
    case.refresh_from_db()
    assert case.owner == boss


def test_whoever_feeds_data_in_can_neither_change_nor_name_the_employee(world: World) -> None:
    me, other = hire("front_line", "XX"), hire("front_line", "XX", "Lou Poe")
    case = tell(me, "harassed")
    known = ContactPoint.objects.filter(customer=case.customer).values_list("address", flat=True)
    rows = [{"reference": f"inside-{one.pk}", "name": "Mine", "email": "me@else.test"} for one in (me, other)]
    kept = keep_customers(rows, now=NOW)
    # the answer does not tell who of them ever reported anything
    assert (kept.new, kept.updated) == (0, 0)
    assert [one.reason for one in kept.rejected] == ["no customer's reference begins with inside-"] * 2
    assert [Customer.every.get(pk=case.customer_id).name, *known] == ["Pat Roe", me.email]
    assert keep_roster([("XX9/x", f"inside-{me.pk}", {})]) == 0
    named = finding("violated", "not-cancelled", "XX9/x", "XX-JFK", NOON) | {"customer": f"inside-{me.pk}"}
    recorded = record_findings([named], version=version_in_force("airline"), now=NOW)
    open_cases(sorted(recorded.incidents), now=NOW)
    assert list(Case.every.filter(customer=case.customer)) == [case]
    assert not Affected.objects.filter(failure__subject="XX9/x").exists()


def test_what_one_circle_answers_counts_for_nothing_in_another(world: World) -> None:
    me, boss = hire("front_line", "XX"), world.staff["manager"]
    hidden = tell(me, "harassed", about=boss)
    Failure.every.filter(incident=hidden.incident_id).update(found_at=NOW - timedelta(hours=2))
    seen = tell(me)
    assert seen.owner == boss
    case = access_case(boss, seen.pk)
    assert case.facts.get("prior_failures", 0) == 0
    assert earlier_failures_of(judged(case)) == 0


def test_bulk_acts_and_queues_never_meet_it(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["manager"]
    case = tell(me)
    Case.every.filter(pk=case.pk).update(owner=None)
    assign_waiting(now=NOW)
    while True:
        try:
            assert take_next(acting_user=boss, now=NOW) != case
        except Declined:
            break
    run = prepare("take", [case.pk, world.case_to_call.pk], given={}, acting_user=boss, now=NOW)
    assert not run.rows.filter(case=case).exists()


def test_clocks_that_run_out_call_whoever_answers_and_nobody_else(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["manager"]
    case = tell(me)
    later = NOW + timedelta(days=40)
    while sweep_clocks(now=later):
        pass
    assert {one for row in case.escalations.all() for one in row.staff_ids} == {boss.pk}
    assert set(Notice.objects.filter(case=case).values_list("staff", flat=True)) == {boss.pk}
    assert waiting_for(boss).notices > 0

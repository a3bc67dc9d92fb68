"""Support for an employee: asked for or offered, between two people and nobody else, in time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import Error, transaction

from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.refusals import Unfit
from amends.recover.core.support import SUPPORT
from amends.recover.models import Action, Case, CircleMember, Support, SupportStep
from amends.recover.selectors.support import access_support, my_support, support_to_give, whom_to_ask
from amends.recover.selectors.waiting import waiting_for
from amends.recover.services import (
    ask_support,
    do_action,
    hear_customer,
    move_support,
    offer_support,
    report_inside,
    say_how_it_was,
    sweep_support,
)
from tests.web.console.world import NOW, World, airline

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return airline()


def ask(world: World, **more: object) -> Support:
    given = {"form": uuid4().hex, "kind": "talk", "words": "", "acting_user": world.staff["front_line"], "now": NOW}
    return ask_support(**given | more)


def owned(world: World, case: Case, role: str = "front_line") -> Case:
    Case.objects.filter(pk=case.pk).update(owner=world.staff[role])
    case.refresh_from_db()
    return case


def steps(support: Support) -> list[str]:
    return list(SupportStep.objects.filter(support=support).order_by("number").values_list("move", flat=True))


def test_who_asks_is_heard_by_whoever_leads_their_unit_within_business_time(world: World) -> None:
    support = ask(world, words="That call was rough.")
    assert support.supporter == world.staff["supervisor"]
    assert support.state == "asked"
    assert support.due_at is not None
    assert support.due_at > NOW
    assert support_to_give(world.staff["supervisor"]) == [support]
    assert waiting_for(world.staff["supervisor"]).to_give == 1
    move_support(support.pk, move="accept", acting_user=world.staff["supervisor"], now=NOW)
    move_support(support.pk, move="do", acting_user=world.staff["supervisor"], now=NOW)
    done = say_how_it_was(support.pk, helped=5, words="Thank you.", acting_user=world.staff["front_line"], now=NOW)
    assert (done.state, done.helped, done.due_at) == ("done", 5, None)
    assert waiting_for(world.staff["supervisor"]).to_give == 0
    assert steps(support) == ["ask", "accept", "do", "say"]


def test_the_same_form_twice_asks_once_and_whom_one_asks_can_be_chosen(world: World) -> None:
    form = uuid4().hex
    assert ask(world, form=form) == ask(world, form=form)
    assert ask(world, to=world.staff["manager"].pk).supporter == world.staff["manager"]
    for nobody in (world.staff["front_line"].pk, world.elsewhere.pk):
        with pytest.raises(Unfit):
            ask(world, to=nobody)
    with pytest.raises(Unfit):
        ask(world, kind="money")


def test_nobody_else_sees_it_whatever_their_rank(world: World) -> None:
    support = ask(world)
    for role in ("manager", "quality_owner", "executive", "administrator"):
        with pytest.raises(NotFound, match=f"There is no support {support.pk} here"):
            access_support(world.staff[role], support.pk)
        with pytest.raises(NotFound):
            move_support(support.pk, move="accept", acting_user=world.staff[role], now=NOW)
        assert support_to_give(world.staff[role]) == []


def test_each_move_is_for_the_one_whose_it_is(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["supervisor"]
    support = ask(world)
    with pytest.raises(NotAllowed):
        move_support(support.pk, move="accept", acting_user=me, now=NOW)
    with pytest.raises(NotAllowed):
        move_support(support.pk, move="withdraw", acting_user=boss, now=NOW)
    with pytest.raises(IllegalMove):
        move_support(support.pk, move="do", acting_user=boss, now=NOW)
    with pytest.raises(NotAllowed):
        move_support(support.pk, move="pass_on", acting_user=boss, now=NOW)
    with pytest.raises(NotFound):
        say_how_it_was(support.pk, helped=3, words="", acting_user=me, now=NOW)
    move_support(support.pk, move="withdraw", acting_user=me, now=NOW)
    assert support_to_give(boss) == []


def test_a_leader_offers_and_the_employee_is_free_to_decline(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["supervisor"]
    given = {"form": uuid4().hex, "kind": "break", "words": "Take an hour.", "now": NOW}
    support = offer_support(to=me.pk, acting_user=boss, **given)
    assert (support.state, support.supporter) == ("offered", boss)
    assert my_support(me) == [support]
    assert move_support(support.pk, move="decline", acting_user=me, now=NOW).state == "declined"
    with pytest.raises(NotAllowed):
        offer_support(to=boss.pk, acting_user=me, **given)
    with pytest.raises(NotFound):
        offer_support(to=me.pk, acting_user=world.elsewhere, **given)


def test_threatening_words_lead_to_an_offer_with_its_reason_once(world: World) -> None:
    case = owned(world, world.case_to_call)
    hear_customer(case.pk, words="I know where you live. You will regret this!", acting_user=case.customer, now=NOW)
    (support,) = my_support(world.staff["front_line"])
    assert (support.kind, support.state, support.offered_by) == ("talk", "offered", None)
    assert support.why is not None
    assert "threatening" in support.why.en
    assert "live" not in support.why.en, "the customer's words are not said again"
    hear_customer(case.pk, words="You will regret this.", acting_user=case.customer, now=NOW + timedelta(hours=1))
    assert len(my_support(world.staff["front_line"])) == 1


def test_calm_words_lead_to_no_offer(world: World) -> None:
    case = owned(world, world.case_to_call)
    hear_customer(case.pk, words="Thank you, that was kind of you.", acting_user=case.customer, now=NOW)
    assert my_support(world.staff["front_line"]) == []


def test_what_the_plan_has_for_the_employee_is_an_offer_as_soon_as_it_is_ready(world: World) -> None:
    case = owned(world, world.case_to_call)
    action = Action.objects.filter(case=case).exclude(state="done")[0]
    Action.objects.filter(pk=action.pk).update(kind="employee_support", state="ready", performer="supervisor")
    assert sweep_support(now=NOW) == 1
    assert sweep_support(now=NOW) == 0
    (support,) = my_support(world.staff["front_line"])
    assert support.action_id == action.pk
    action.refresh_from_db()
    assert action.state == "done"


def test_a_plan_offer_done_by_hand_is_the_same_offer(world: World) -> None:
    case = owned(world, world.case_to_call)
    action = Action.objects.filter(case=case).exclude(state="done")[0]
    fresh = {"kind": "employee_support", "state": "ready", "performer": "supervisor", "amount": None, "channel": ""}
    Action.objects.filter(pk=action.pk).update(**fresh, template="", remedy="")
    do_action(action.pk, acting_user=world.staff["supervisor"], now=NOW)
    assert sweep_support(now=NOW) == 0
    (support,) = my_support(world.staff["front_line"])
    assert support.offered_by == world.staff["supervisor"]


def test_what_nobody_sees_to_goes_further_up_and_an_offer_lapses(world: World) -> None:
    me = world.staff["front_line"]
    support = ask(world)
    later = NOW + timedelta(days=30)
    order = [one.pk for one in whom_to_ask(me)]
    assert order == [world.staff[role].pk for role in ("supervisor", "manager", "executive")]
    assert sweep_support(now=later) == 1
    support.refresh_from_db()
    assert (support.supporter_id, support.state) == (order[1], "asked")
    with pytest.raises(NotFound):
        access_support(world.staff["supervisor"], support.pk)
    offered = offer_support(
        form=uuid4().hex, kind="thanks", words="", to=me.pk, acting_user=world.staff["supervisor"], now=NOW
    )
    sweep_support(now=later)
    offered.refresh_from_db()
    assert offered.state == "lapsed"


def test_the_steps_add_up_to_the_state_and_hold_no_words(world: World) -> None:
    support = ask(world, words="Only for Sam.")
    move_support(support.pk, move="decline", acting_user=world.staff["supervisor"], now=NOW)
    state = SUPPORT.initial
    for move in steps(support):
        state = SUPPORT.after(state, move)
    support.refresh_from_db()
    assert state == support.state
    assert "Only for Sam." not in str(list(SupportStep.objects.values()))


def test_steps_are_append_only(world: World) -> None:
    ask(world)
    with pytest.raises(Error), transaction.atomic():
        SupportStep.objects.update(move="do")


def test_support_for_a_confidential_case_stays_in_its_circle(world: World) -> None:
    me, boss = world.staff["front_line"], world.staff["manager"]
    case = report_inside(
        form=uuid4().hex,
        kind="roster_late",
        unit=Unit.objects.get(code="XX"),
        words="",
        about=None,
        acting_user=me,
        now=NOW,
    )
    assert whom_to_ask(boss, case) == []
    support = ask(world, case_id=case.pk, acting_user=boss)  # nobody else may know of it, so it is about no case
    assert (support.supporter, support.case) == (world.staff["executive"], None)
    with pytest.raises(NotFound):
        ask(world, case_id=case.pk, acting_user=world.staff["supervisor"])


def test_whoever_goes_out_of_the_circle_keeps_the_request_and_not_the_case(world: World) -> None:
    me, confidant = world.staff["front_line"], world.staff["quality_owner"]
    case = report_inside(
        form=uuid4().hex, kind="colleague_rude", unit=me.unit, words="w", about=None, acting_user=me, now=NOW
    )
    support = ask(world, acting_user=confidant, case_id=case.pk)
    supporter = support.supporter
    assert supporter is not None
    assert [one.case_id for one in support_to_give(supporter)] == [case.pk]
    CircleMember.objects.filter(case=case, staff=supporter).update(until=NOW)
    (seen,) = support_to_give(supporter)
    assert (seen, seen.case, access_support(supporter, support.pk).case) == (support, None, None)
    assert my_support(confidant)[0].case == case

"""Leave on the screens: who may decide, what may be given now, complaints in writing, splits, budgets, absences."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from amends.people.duty import accounts_acting_for, enter_absence, set_acting_for
from amends.people.models import Absence, Shift, StandIn, Unit
from amends.people.services import create_staff
from amends.recover.models import Action, Approval, Budget, Notice, Remedy, Split, WrittenComplaint
from amends.recover.selectors.limits import MOST_MINE
from amends.recover.services import set_budget, sweep_approvals
from tests.web.console.test_acts import told
from tests.web.console.world import NOW, World


def page_of(client: Client, name: str, *args: object, **query: object) -> str:
    answer = client.get(reverse(f"console:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, *args: object, **given: object) -> Any:
    return client.post(reverse(f"console:{name}", args=args), dict(given))


def test_who_may_decide_a_sum_is_said_in_both_languages_and_beside_the_field(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.case_to_call
    assert "Mei Lin may give $10.00 at once." in page_of(as_("front_line"), "authority", case.pk, amount="10")
    page = page_of(as_("front_line"), "authority", case.pk, amount="900")
    assert "Sam Carter" in page
    assert "the limit per case would be exceeded" in page
    assert "可以直接给予" in page_of(as_("front_line", "zh-hans"), "authority", case.pk, amount="10")
    part = as_("front_line").get(
        reverse("console:authority", args=[case.pk]),
        {"amount": "10"},
        headers={"HX-Request": "true", "HX-Target": "authority"},
    )
    assert "<html" not in part.content.decode()
    assert "Please enter a sum" in page_of(as_("front_line"), "authority", case.pk, amount="lots")
    assert 'id="authority"' in page_of(as_("front_line"), "case", case.pk)


def test_a_gesture_is_one_press_and_then_says_that_it_was_made(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    assert "You can give this right now" in page_of(client, "case", case.pk)
    answer = post(client, "gesture", case.pk, "small-voucher", version=case.version)
    assert told(answer) == ["Given. The customer has it in writing."]
    assert Remedy.objects.get(level="gesture:small-voucher").case == case
    page = page_of(client, "case", case.pk)
    assert "It was given in this case already." in page
    assert "the rule that covers it" in page
    assert told(post(client, "gesture", case.pk, "small-voucher"))[0].startswith("Not now:")
    assert post(as_("administrator"), "gesture", case.pk, "small-voucher").status_code == 403


def test_a_complaint_in_writing_is_asked_for_and_entered_as_words_or_as_a_file(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_approve, as_("supervisor")
    Approval.objects.filter(case=case).update(amount=2_400)
    Action.objects.filter(case=case, state="waiting_approval").update(amount=2_400)
    assert "The complaint has to be in writing first" in page_of(client, "case", case.pk)
    assert told(post(client, "written_complaint", case.pk, words="")) == [
        "Please enter the customer's words, or choose a text file."
    ]
    bad = SimpleUploadedFile("letter.txt", b"\xff\xfe\x00")
    assert told(post(client, "written_complaint", case.pk, words="", file=bad))[-1] == "This is no plain text (UTF-8)."
    letter = SimpleUploadedFile("letter.txt", "<script>alert(1)</script> 我很失望。".encode())
    assert (
        told(post(client, "written_complaint", case.pk, words="", file=letter))[-1]
        == "The complaint in writing is on record."
    )
    assert WrittenComplaint.objects.get().taken_by == world.staff["supervisor"]
    page = page_of(client, "case", case.pk)
    assert "The complaint has to be in writing first" not in page
    assert "我很失望。" in page
    assert "<script>alert" not in page


def test_whoever_entered_the_complaint_is_offered_no_approval_and_told_why(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.case_to_approve
    waits = case.approvals.get(state="waiting")
    approve = f'action="{reverse("console:approval_act", args=[waits.pk, "grant"])}"'
    assert approve in page_of(as_("supervisor"), "case", case.pk)
    post(as_("supervisor"), "written_complaint", case.pk, words="Ten hours!")
    for page in (page_of(as_("supervisor"), "case", case.pk), page_of(as_("supervisor"), "approvals")):
        assert approve not in page
        assert "You reported, judged or put on record what this rests on, so somebody else decides." in page
    assert "由您上报、评估或登记，须由他人决定" in page_of(as_("supervisor", "zh-hans"), "approvals")
    (words,) = told(post(as_("supervisor"), "approval_act", waits.pk, "grant"))
    assert "reported or put on record what it rests on" in words
    assert approve in page_of(as_("manager"), "case", case.pk)


def test_what_waits_for_me_comes_first_with_whom_and_why(world: World, as_: Callable[..., Client]) -> None:
    sweep_approvals(now=NOW - timedelta(minutes=90))
    page = page_of(as_("supervisor"), "approvals")
    assert "With you" in page
    assert "Just came to you" not in page
    other = page_of(as_("manager"), "approvals")
    assert "With you" not in other
    assert "with Sam Carter" in other
    assert "Why with whom" in page_of(as_("supervisor"), "case", world.case_to_approve.pk)


def test_what_just_came_to_me_is_above_what_is_with_me_longer_the_latest_first(
    world: World, as_: Callable[..., Client]
) -> None:
    sweep_approvals(now=NOW - timedelta(minutes=90))
    waiting = list(Approval.objects.filter(state="waiting").select_related("case__customer").order_by("id"))
    assert {one.assigned_to for one in waiting} == {world.staff["supervisor"]}
    earlier, latest, *others = waiting
    for minutes, one in ((20, earlier), (10, latest)):
        Approval.objects.filter(pk=one.pk).update(assigned_at=NOW - timedelta(minutes=minutes))
    page = page_of(as_("supervisor"), "approvals")
    names = [latest.case.customer.name, earlier.case.customer.name, *({"With you"} if others else ())]
    places = [page.index(text, page.index("Just came to you")) for text in names]
    assert places == sorted(places)
    assert page.count(latest.case.customer.name) == 1
    assert "刚到您处" in page_of(as_("supervisor", "zh-hans"), "approvals")


@pytest.mark.parametrize(
    ("state", "said", "never"),
    [
        ("waiting", "The longest waiting first", "The latest first"),
        ("granted", "The latest first", "The longest waiting first"),
    ],
)
def test_a_list_of_approvals_says_in_which_order_it_is(
    world: World, as_: Callable[..., Client], state: str, said: str, never: str
) -> None:
    Approval.objects.filter(state="waiting").update(state=state, decided_by=world.staff["manager"], decided_at=NOW)
    page = as_("supervisor").get(reverse("console:approvals"), {"state": state}).content.decode()
    assert said in page
    assert never not in page


def test_who_has_more_waiting_than_fits_is_told_and_may_page_through_all_of_it(
    world: World, as_: Callable[..., Client]
) -> None:
    sweep_approvals(now=NOW - timedelta(minutes=90))
    one = Approval.objects.filter(state="waiting").select_related("action", "case__customer").order_by("id")[0]
    client = as_("supervisor")
    assert "there are more" not in page_of(client, "approvals")
    actions = [model_copy(one.action, step=f"more-{number}") for number in range(MOST_MINE)]
    Action.objects.bulk_create(actions)
    Approval.objects.bulk_create([model_copy(one, action=action) for action in actions])
    page = page_of(client, "approvals")
    assert f"The {MOST_MINE} that run out first are shown; there are more." in page
    assert "whose=mine" in page
    assert f"仅显示最先到期的 {MOST_MINE} 项" in page_of(as_("supervisor", "zh-hans"), "approvals")
    seen, path = 0, reverse("console:approvals") + "?whose=mine"
    while path:
        said = client.get(path).content.decode()
        assert "All that wait for you, the longest first" in said
        seen += said.count("data-row ") + said.count("data-row>")
        onward = re.search(r'rel="next" data-key="n" href="([^"]+)"', said)
        path = reverse("console:approvals") + unescape(onward[1]) if onward else ""
    assert seen == Approval.objects.filter(state="waiting", assigned_to=world.staff["supervisor"]).count() > MOST_MINE
    assert "All that wait for you" not in page_of(as_("manager"), "approvals")


def model_copy(row: Any, **changes: object) -> Any:
    """A new row like this one."""
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    fields = {name: getattr(row, name) for name in names if name.removesuffix("_id") not in changes}
    return type(row)(**fields, **changes)


def test_a_notice_of_an_approval_leads_to_its_case_and_one_of_many_to_the_list(
    world: World, as_: Callable[..., Client]
) -> None:
    sweep_approvals(now=NOW)
    client = as_("supervisor")
    page = page_of(client, "notices", what="to_decide")
    assert "Yours to decide" in page
    assert "待您审批" in page_of(as_("supervisor", "zh-hans"), "notices")
    (notice,) = Notice.objects.filter(staff=world.staff["supervisor"], what="to_decide")
    to_list = reverse("console:approvals")
    assert post(client, "notice_open", notice.pk).url == to_list
    Notice.objects.filter(pk=notice.pk).update(key="to_decide:1")
    assert post(client, "notice_open", notice.pk).url == reverse("console:case", args=[notice.case_id])


def test_what_went_further_up_is_seen_by_whom_it_left(world: World, as_: Callable[..., Client]) -> None:
    Approval.objects.update(asked_by=world.staff["front_line"])
    sweep_approvals(now=NOW - timedelta(hours=3))
    sweep_approvals(now=NOW)
    page = page_of(as_("supervisor"), "approvals")
    assert "Went further up from you" in page
    assert "Sam Carter did not decide in time, so it went further up." in page
    assert "Just came to you" in page_of(as_("manager"), "approvals")
    assert "passed further up 1×" in page_of(as_("front_line"), "case", world.case_to_approve.pk)


def test_a_split_is_shown_where_it_is_decided_and_looked_at_by_another(
    world: World, as_: Callable[..., Client]
) -> None:
    approval = Approval.objects.filter(state="waiting")[0]
    split = Split.objects.create(
        key="same_customer:1:1",
        pattern="same_customer",
        state="open",
        case=approval.case,
        unit_id=approval.unit_id,
        customer_id=approval.case.customer_id,
        granter=world.staff["front_line"],
        approval=approval,
        total=Decimal(800),
        currency="USD",
        found_at=NOW,
        why=approval.why,
    )
    client = as_("supervisor")
    page = page_of(client, "approvals")
    assert "1 looks split" in page
    assert "Looks like one sum cut into parts" in page
    assert "one customer, several cases" in page_of(client, "splits")
    assert as_(world.elsewhere).get(reverse("console:splits")).content.decode().count("data-row>") == 0
    for note in ("x", ""):  # also where the form is not right: nothing is said of what is out of reach
        assert post(as_(world.elsewhere), "split_act", split.pk, "clear", note=note).status_code == 404
        assert post(client, "split_act", split.pk + 1, "clear", note=note).status_code == 404
    post(client, "split_act", split.pk, "clear", note="")
    assert Split.objects.get().state == "open"
    post(client, "split_act", split.pk, "clear", note="Two real delays.")
    assert Split.objects.get().state == "cleared"
    assert "Two real delays." in page_of(client, "splits", state="cleared")


def test_budgets_show_what_is_left_and_are_set_by_managers(world: World, as_: Callable[..., Client]) -> None:
    unit = Unit.objects.get(code="XX-EWR")
    given = {"unit": "XX-EWR", "from_day": "2026-03-01", "to_day": "2026-03-31", "note": ""}
    assert post(as_("supervisor"), "budget_set", amount="5000", **given).status_code == 403
    answer = post(as_("manager"), "budget_set", amount="5000", **given)
    assert told(answer)[0].startswith("The budget is set.")
    budget = Budget.objects.get(unit=unit)
    assert budget.spent == sum(Remedy.objects.filter(case__unit=unit).values_list("amount", flat=True)) > 0
    page = page_of(as_("supervisor"), "budgets")
    assert "$5,000.00" in page
    assert 'action="/budgets/set/"' not in page
    assert "5,000.00美元" in page_of(as_("manager", "zh-hans"), "budgets")
    for amount, said in (("-1", "A budget is a sum"), ("abc", "A budget is a sum"), ("", "Please give a unit, a sum")):
        assert told(post(as_("manager"), "budget_set", amount=amount, **given))[0].startswith(said), amount
    assert told(post(as_("manager"), "budget_set", amount="1", **{**given, "unit": "NONE"})) == [
        "There is no such unit here."
    ]
    overlap = {**given, "to_day": "2026-04-01"}
    assert told(post(as_("manager"), "budget_set", amount="1", **overlap))[0].startswith("That is no budget")


def test_a_budget_of_another_unit_is_not_shown(world: World, as_: Callable[..., Client]) -> None:
    days = {"from_day": date(2026, 3, 1), "to_day": date(2026, 3, 31)}
    for code in ("XX-EWR", "XX-LGA"):
        set_budget(
            Unit.objects.get(code=code).pk,
            amount=Decimal(77),
            currency="USD",
            acting_user=world.staff["manager"],
            now=NOW,
            **days,
        )
    page = page_of(as_(world.elsewhere), "budgets")
    assert "LaGuardia" in page
    assert "Newark" not in page


def test_everybody_enters_their_own_absence_and_a_lead_that_of_their_people(
    world: World, as_: Callable[..., Client]
) -> None:
    me, boss = world.staff["supervisor"], world.staff["manager"]
    span = {"starts_at": "2026-03-02T15:00", "ends_at": "2026-03-03T09:00", "note": "leave"}
    answer = post(as_("supervisor"), "absence_enter", staff=me.pk, stand_in=boss.pk, **span)
    assert told(answer)[0].startswith("Entered.")
    assert StandIn.objects.get().stand_in == boss
    assert "Fang Wang for Sam Carter" in page_of(as_("supervisor"), "absences")
    sweep_approvals(now=NOW + timedelta(minutes=30))
    assert Approval.objects.filter(state="waiting", assigned_to=boss).exists()
    post(as_("supervisor"), "absence_withdraw", Absence.objects.get().pk)
    assert Absence.objects.get().withdrawn_at is not None
    clerk = world.staff["front_line"]
    post(as_("supervisor"), "absence_enter", staff=clerk.pk, stand_in="", **span)
    assert Absence.objects.filter(staff=clerk, entered_by=me).exists()
    assert post(as_("front_line"), "absence_enter", staff=me.pk, stand_in="", **span).status_code == 404
    assert post(as_(world.elsewhere), "absence_enter", staff=clerk.pk, stand_in="", **span).status_code == 404
    wrong = {**span, "ends_at": "2026-03-02T14:00"}
    assert told(post(as_("supervisor"), "absence_enter", staff=me.pk, stand_in="", **wrong))[0].startswith("The end")
    assert told(post(as_("supervisor"), "absence_enter", staff=me.pk, stand_in=clerk.pk, **span))[0].startswith(
        "A stand-in has to"
    )


def test_second_accounts_are_shown_to_whose_they_are_and_who_leads_them(
    world: World, as_: Callable[..., Client]
) -> None:
    clerk, boss = world.staff["front_line"], world.staff["supervisor"]
    second = create_staff(
        email="mei.second@example.test", name="Desk 7", role="front_line", unit=clerk.unit, now=NOW, acting_user=None
    )
    assert "Second accounts" not in page_of(as_("supervisor"), "absences")
    set_acting_for(second.pk, owner_id=clerk.pk, acting_user=None)
    for reader in ("front_line", "supervisor"):
        assert "Desk 7 acts for Mei Lin" in page_of(as_(reader), "absences")
    assert "代" in as_("supervisor", "zh-hans").get(reverse("console:absences")).content.decode()
    assert "Desk 7" not in as_(world.elsewhere).get(reverse("console:absences")).content.decode()
    assert [one.pk for one in accounts_acting_for(boss)] == [second.pk]


def test_an_absence_of_others_is_taken_back_by_nobody_else(world: World, as_: Callable[..., Client]) -> None:
    made = enter_absence(
        world.staff["manager"].pk,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
        acting_user=world.staff["manager"],
        now=NOW,
    )
    assert post(as_("supervisor"), "absence_withdraw", made.pk).status_code == 404
    assert Absence.objects.get().withdrawn_at is None


def test_a_shift_is_entered_by_calendar(world: World, as_: Callable[..., Client]) -> None:
    me = world.staff["supervisor"]
    post(as_("supervisor"), "absence_shift", staff=me.pk, calendar="office", from_day="2026-03-01")
    assert Shift.objects.get().calendar == "office"
    assert told(post(as_("supervisor"), "absence_shift", staff=me.pk, calendar="moon", from_day="2026-03-01")) == [
        "There is no such calendar."
    ]
    assert "works by the calendar “Office hours”" in page_of(as_("supervisor"), "absences")


def test_a_calendar_is_chosen_by_its_name(world: World, as_: Callable[..., Client]) -> None:
    me = world.staff["supervisor"]
    post(as_("supervisor"), "absence_shift", staff=me.pk, calendar="office", from_day="2026-03-01")
    shown = as_("supervisor", "zh-hans").get(reverse("console:absences")).content.decode()
    assert '<option value="office" selected>办公时间</option>' in shown
    assert '<option value="always">任何时间</option>' in shown
    assert "按日历“办公时间”工作" in shown

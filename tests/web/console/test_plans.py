"""The case page's assessment and plan, and the claims on suppliers, as a person works on them."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from amends.recover.models import Action, Case, Edit, RechargeClaim
from tests.web.console.test_acts import press, told
from tests.web.console.world import World

JUDGED = {
    "kind": "slow",
    "severity": 3,
    "responsible": "supplier",
    "supplier": "地面服务商",
    "controllable": "True",
    "stable": "True",
    "gap": "delivery",
    "promised": "",
    "expected": "To be home for dinner.",
    "perceived": "",
    "reason": "The handler's report says so.",
}


def page(client: Client, case: Case) -> str:
    return client.get(reverse("console:case", args=[case.pk])).content.decode()


def test_a_case_is_judged_anew_from_its_page_and_the_change_is_told(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    assert told(press(client, "case", case.pk, "reassess", **JUDGED)) == ["Assessed again, with your reason."]
    shown = page(client, case)
    assert "To be home for dinner." in shown
    assert "Mei Lin: The handler&#x27;s report says so." in shown  # beside what they judged
    assert "The handler&#x27;s report says so." in shown
    assert RechargeClaim.objects.get().supplier == "ground_handling"  # named in the reader's language, kept as its code
    assert "向供应商追偿" in page(as_("manager", "zh-hans"), case)


def test_a_fact_for_want_of_which_the_plan_leaves_something_out_is_asked_for(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.case_to_approve
    hint = "Not known: fare. Without it the plan leaves out: Refund of the fare."
    assert (case.kind, hint in page(as_("front_line"), case)) == ("unavailable", False)
    case.facts.pop("fare")
    case.save(update_fields=["facts"])
    assert hint in page(as_("front_line"), case)
    assert "尚不清楚：票价" in page(as_("front_line", "zh-hans"), case)


def test_a_judgement_without_a_reason_changes_nothing(world: World, as_: Callable[..., Client]) -> None:
    answer = press(as_("front_line"), "case", world.case_to_call.pk, "reassess", **JUDGED | {"reason": " "})
    assert told(answer) == ["Please say why: the reason goes into the record.", "What you typed is kept: see below."]
    assert not Edit.objects.exists()


def test_a_repair_is_added_altered_and_the_plan_brought_in_line(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("supervisor")
    given = {"repair": "voucher", "amount": "40", "channel": "usual", "reason": "They waited."}
    assert told(press(client, "case", case.pk, "add", **given)) == ["Added to the plan."]
    action = Action.objects.get(step="added.voucher.1")
    shown = page(client, case)
    assert "It makes up for some of the loss the next time." in shown
    changed = {"amount": "55.00", "performer": "manager", "channel": "phone", "reason": "More."}
    assert told(press(client, "action", action.pk, "alter", **changed)) == ["The action is changed."]
    action.refresh_from_db()
    assert (str(action.amount), action.performer, action.channel) == ("55.00", "manager", "phone")
    refused = press(client, "case", case.pk, "add", repair="voucher", channel="usual", reason="x")
    assert told(refused)[-2] == "Say what it is worth: more than nothing."
    page(client, case)  # what was typed is shown there once
    press(client, "case", case.pk, "reassess", **JUDGED | {"severity": 2})
    assert "the playbook gives another plan" in page(client, case)
    assert (
        told(press(client, "case", case.pk, "replan", reason="Agreed."))[-1] == "The plan follows the playbook again."
    )
    assert "the playbook gives another plan" not in page(client, case)


def test_what_has_to_be_done_is_not_offered_to_the_system(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("supervisor")
    for repair in ("redo", "apologise_in_writing"):
        press(client, "case", case.pk, "add", repair=repair, channel="usual", reason="They waited.")
    work, letter = Action.objects.get(step="added.redo.1"), Action.objects.get(step="added.apologise_in_writing.1")
    shown = page(client, case)
    offers = {one.pk: shown.split(f'id="performer-{one.pk}"')[1].split("</select>")[0] for one in (work, letter)}
    assert ['value="automatic"' in offers[one.pk] for one in (work, letter)] == [False, True]
    changed = {"performer": "automatic", "channel": "outbox", "reason": "Quicker."}
    assert "has to be done" in told(press(client, "action", work.pk, "alter", **changed))[-2]
    work.refresh_from_db()
    assert work.performer == "supervisor"


def test_what_was_typed_is_still_there_when_something_was_missing(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(client, "case", case.pk, "add", repair="refund", channel="phone", reason="A <lost> day")
    shown = page(client, case)
    assert '<details class="more" id="add" open>' in shown
    assert '<option value="refund" selected>' in shown
    assert '<option value="phone" selected>' in shown
    assert 'value="A &lt;lost&gt; day"' in shown
    assert "A &lt;lost&gt; day" not in page(client, case)
    press(client, "case", case.pk, "reassess", **JUDGED | {"reason": ""})
    shown = page(client, case)
    assert "Nothing was done yet." in shown
    assert "To be home for dinner.</textarea>" in shown
    assert "What you had typed" not in page(client, case)


def test_a_sum_may_be_written_as_people_write_it(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    for written in ("1,200", "$1,200.00", "1200 USD", "1，200元"):
        press(client, "case", case.pk, "add", repair="gift", amount=written, channel="usual", reason="x")
    assert {str(one.amount) for one in Action.objects.filter(step__startswith="added.gift")} == {"1200.00"}
    assert Action.objects.filter(step__startswith="added.gift").count() == 4
    answer = press(client, "case", case.pk, "add", repair="gift", amount="1,2", channel="usual", reason="x")
    assert told(answer)[-2:] == ["Enter a number.", "What you typed is kept: see below."]


def test_any_step_that_is_ready_can_be_done_in_the_order_that_fits_the_call(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(client, "case", case.pk, "add", repair="listen", channel="usual", reason="x")
    press(client, "case", case.pk, "add", repair="voucher", amount="20", channel="usual", reason="x")
    shown = page(client, case)
    voucher = Action.objects.get(step="added.voucher.1")
    at = reverse("console:action_act", args=[voucher.pk, "do"])
    assert f'action="{at}"' in shown
    assert told(press(client, "action", voucher.pk, "do"))[-1] == "Done."
    assert f'action="{at}"' not in page(client, case)


def test_points_that_are_taken_off_the_priority_have_a_minus(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(client, "case", case.pk, "reassess", **JUDGED | {"pressing": "-100"})
    shown = page(client, case)
    assert "− 100 less pressing, as one of us judged it" in shown
    assert "+ -100" not in shown


def test_advice_leads_to_what_it_asks_for(world: World, as_: Callable[..., Client]) -> None:
    at = reverse("console:case", args=[world.case_to_call.pk])
    shown = as_("front_line").get(f"{at}?add=listen").content.decode()
    assert '<option value="listen" selected>' in shown


def test_claims_are_pursued_by_those_who_may(world: World, as_: Callable[..., Client]) -> None:
    press(as_("front_line"), "case", world.case_to_call.pk, "reassess", **JUDGED)
    claim = RechargeClaim.objects.get()
    client = as_("manager")
    assert "ground handling" in client.get(reverse("console:recharges")).content.decode()
    assert told(press(client, "recharge", claim.pk, "send")) == ["The claim is up to date."]
    assert told(press(client, "recharge", claim.pk, "settle", recovered="999999"))[-1].startswith(
        "Say what the supplier"
    )
    press(client, "recharge", claim.pk, "refuse", note="Not us, they say.")
    claim.refresh_from_db()
    assert (claim.state, claim.note) == ("refused", "Not us, they say.")
    assert press(as_("front_line"), "recharge", claim.pk, "recall").status_code == 403
    assert press(as_(world.elsewhere), "recharge", claim.pk, "recall").status_code == 403

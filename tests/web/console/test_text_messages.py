"""Text messages in the console: offered where a repair has one, told apart from letters, failures with their reason."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from amends.channels.models import Message
from amends.recover.links import token_of
from amends.recover.models import Action, Case
from tests.web.console.test_acts import press, told
from tests.web.console.world import World

OFFERED = '<option value="sms"'


def page(client: Client, case: Case) -> str:
    return client.get(reverse("console:case", args=[case.pk])).content.decode()


def sent(case: Case, **more: object) -> Message:
    given = {
        "key": f"action:{case.pk}00",
        "thread": f"case:{case.pk}",
        "customer": case.customer,
        "channel": "sms",
        "address": "+12125550147",
        "locale": "en",
        "subject": "We are sorry",
        "body": "a" * 161,
        "state": "sent",
        "created_at": case.opened_at,
    }
    return Message.objects.create(**given | more)


def test_a_repair_with_a_short_text_may_be_done_by_text_and_another_not(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("supervisor")
    written = {"repair": "apologise_in_writing", "channel": "sms", "reason": "They are on the way."}
    assert told(press(client, "case", case.pk, "add", **written)) == ["Added to the plan."]
    action = Action.objects.get(step="added.apologise_in_writing.1")
    assert (action.channel, action.template) == ("sms", "apology")
    refused = press(client, "case", case.pk, "add", repair="voucher", amount="20", channel="sms", reason="x")
    assert "There is no text message for this; choose a letter, the phone, or in person." in told(refused)
    press(client, "case", case.pk, "add", repair="voucher", amount="20", channel="usual", reason="x")
    shown = page(client, case)
    forms = {
        pk: shown.split(f'id="channel-{pk}"')[1].split("</select>")[0]
        for pk in Action.objects.filter(step__startswith="added.").values_list("pk", flat=True)
    }
    voucher = Action.objects.get(step="added.voucher.1")
    assert f"{OFFERED} selected" in forms[action.pk]
    assert OFFERED not in forms[voucher.pk]
    assert OFFERED in shown.split('id="add-channel"')[1].split("</select>")[0]
    refused = press(client, "action", voucher.pk, "alter", channel="sms", reason="x")
    assert any(said.startswith("There is no text") for said in told(refused))


def test_the_case_page_says_by_which_way_and_why_it_did_not_arrive(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    sent(case, state="failed", error="The gateway refused it (422): <unknown> number")
    shown = page(as_("front_line"), case)
    assert "+12125550147 · 2 segments" in shown
    assert "not delivered" in shown
    assert "It could not be delivered, and is not tried again. The answer was:" in shown
    assert "The gateway refused it (422): &lt;unknown&gt; number" in shown
    chinese = page(as_("front_line", "zh-hans"), case)
    assert "短信" in chinese
    assert "共 2 条" in chinese
    assert "未能送达，系统不会再次发送。" in chinese


def test_the_customer_reads_by_which_way_it_came_and_nothing_of_what_failed(world: World, client: Client) -> None:
    case = world.case_to_call
    sent(case)
    sent(case, key="x", body="Never arrived.", state="failed", error="550 no such mailbox", channel="email")
    mine = client.get(f"/mine/{token_of(f'case:{case.pk}')}").content.decode()
    assert "by text message" in mine
    assert "+12125550147" not in mine
    assert "Never arrived." not in mine
    assert "550" not in mine

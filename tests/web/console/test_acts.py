"""The buttons: each does its one act, tells the person how it went, and comes back to where it was pressed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from amends import recover
from amends.channels.models import Message
from amends.learn.models import Lesson
from amends.recover.core.recharge import RECHARGE
from amends.recover.models import Action, Approval, Case, Outcome, Remedy
from amends.recover.selectors.trail import TABLES
from amends.web.console.act_words import DONE, ROWS
from tests.web.console.world import World


def told(answer: Any) -> list[str]:
    """What the person is told after pressing."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def press(client: Client, name: str, pk: int, act: str, **given: object) -> Any:
    return client.post(reverse(f"console:{name}_act", args=[pk, act]), {k: str(v) for k, v in given.items()})


def test_taking_a_case_makes_it_mine(world: World, as_: Callable[..., Client]) -> None:
    answer = press(as_("front_line"), "case", world.case_to_call.pk, "take")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("console:case", args=[world.case_to_call.pk])
    assert told(answer) == ["The case is yours now."]
    assert Case.objects.get(pk=world.case_to_call.pk).owner == world.staff["front_line"]


def test_the_audit_trail_names_people(world: World, as_: Callable[..., Client]) -> None:
    client, case = as_("front_line"), world.case_to_call
    press(client, "case", case.pk, "take")
    page = client.get(reverse("console:case", args=[case.pk])).content.decode()
    assert f'<td>{world.staff["front_line"].name}</td><td>took it <code class="quiet small">take_case</code>' in page
    assert "<td>staff:" not in page
    chinese = as_("front_line", "zh-hans").get(reverse("console:case", args=[case.pk])).content.decode()
    assert '<td>接手了此案件 <code class="quiet small">take_case</code></td><td>案件 <code' in chinese


OF_NO_CASE = {
    *("keep_blueprint_budgets", "set_budget", "save_macro", "retire_macro", "save_reply", "retire_reply"),
    *("set_watch", "watch_failed"),
}


def acts_in_the_code() -> set[str]:
    """What is said to the trail by the services that write rows of cases, and by the moves of a claim."""
    naming = re.compile(r'\b(?:acting|holding|_grouped)\(\s*"(\w+)"')
    code = [path.read_text(encoding="utf-8") for path in Path(recover.__file__).parent.rglob("*.py")]
    claims = {f"{move}_recharge" for moves in RECHARGE.moves.values() for move in moves}
    return {act for text in code for act in naming.findall(text)} | claims | {"by hand"}


def test_every_act_and_every_row_of_the_audit_trail_has_its_words() -> None:
    acts = acts_in_the_code()
    assert len(acts) > 80
    assert acts - OF_NO_CASE == set(DONE)
    assert set(TABLES) == set(ROWS)


def test_doing_the_next_action_records_who_and_the_note(world: World, as_: Callable[..., Client]) -> None:
    action = world.case_to_call.actions.get(performer="front_line", state="ready")
    answer = press(as_("front_line"), "action", action.pk, "do", note="She is well and waits at the gate.")
    assert told(answer) == ["Done."]
    action.refresh_from_db()
    assert (action.state, action.done_by) == ("done", world.staff["front_line"])
    assert action.note == "She is well and waits at the gate."


def test_leaving_an_action_out_needs_a_reason(world: World, as_: Callable[..., Client]) -> None:
    action = world.case_to_call.actions.get(performer="front_line", state="ready")
    answer = press(as_("front_line"), "action", action.pk, "skip", note=" ")
    assert told(answer) == ["Please say why: the reason goes into the record."]
    assert Action.objects.get(pk=action.pk).state == "ready"
    press(as_("front_line"), "action", action.pk, "skip", note="Reached by a colleague already.")
    assert Action.objects.get(pk=action.pk).state == "skipped"


def test_an_approval_grants_the_remedy_once(world: World, as_: Callable[..., Client]) -> None:
    approval = world.case_to_approve.approvals.get(state="waiting")
    first, second = (press(as_("supervisor"), "approval", approval.pk, "grant") for _ in range(2))
    assert told(first) == ["Approved. The remedy is granted."]
    assert told(second)[0].startswith("That can't be done now (it stands at “Granted”)")
    assert Remedy.objects.filter(action=approval.action).count() == 1


def test_a_refusal_needs_its_reason_and_keeps_it(world: World, as_: Callable[..., Client]) -> None:
    approval = world.case_to_approve.approvals.get(state="waiting")
    press(as_("supervisor"), "approval", approval.pk, "refuse", note="")
    assert Approval.objects.get(pk=approval.pk).state == "waiting"
    press(as_("supervisor"), "approval", approval.pk, "refuse", note="Paid by their insurer.")
    decided = Approval.objects.get(pk=approval.pk)
    assert (decided.state, decided.note, decided.decided_by) == (
        "refused",
        "Paid by their insurer.",
        world.staff["supervisor"],
    )


def test_who_saw_an_older_case_is_told_so_and_changes_nothing(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    press(as_("supervisor"), "case", case.pk, "take")
    answer = press(as_("front_line"), "case", case.pk, "take", version=case.version)
    assert told(answer) == ["Somebody else has changed this case in the meantime. Look at it again, then decide."]
    assert Case.objects.get(pk=case.pk).owner == world.staff["supervisor"]


def test_a_customers_objection_is_kept_in_their_words(world: World, as_: Callable[..., Client]) -> None:
    press(as_("front_line"), "case", world.case_to_call.pk, "object", words="A voucher does not bring back my day.")
    assert Case.objects.get(pk=world.case_to_call.pk).state == "objected"
    heard = Message.objects.get(thread=f"case:{world.case_to_call.pk}", direction=Message.Direction.IN)
    assert heard.body == "A voucher does not bring back my day."


def test_a_message_goes_out_in_ones_own_words(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    answer = press(as_("front_line"), "case", case.pk, "message", subject="Your bag", body="It is with us.")
    assert told(answer) == ["The message is on its way."]
    assert Message.objects.get(thread=f"case:{case.pk}", subject="Your bag").body == "It is with us."
    assert told(press(as_("front_line"), "case", case.pk, "message", subject="", body="x")) == [
        "A message needs a subject.",
        "What you typed is kept: see below.",
    ]


def test_an_outcome_is_recorded_as_said_by_staff(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    press(as_("supervisor"), "approval", case.approvals.get(state="waiting").pk, "grant")
    given = {"accepted": "True", "satisfaction_before": 1, "satisfaction_after": 5, "stays": "True", "told_others": ""}
    press(as_("front_line"), "case", case.pk, "outcome", **given)
    outcome = Outcome.objects.get(case=case)
    assert (outcome.accepted, outcome.satisfaction_after, outcome.told_others) == (True, 5, None)
    assert (outcome.source, outcome.recorded_by) == (Outcome.Source.STAFF, world.staff["front_line"])
    assert Case.objects.get(pk=case.pk).state == "made_good"


def test_a_closed_case_can_be_opened_again(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    press(as_("supervisor"), "approval", case.approvals.get(state="waiting").pk, "grant")
    client = as_("front_line")
    press(client, "case", case.pk, "close")
    assert not Case.objects.get(pk=case.pk).is_open
    press(client, "case", case.pk, "reopen")
    assert Case.objects.get(pk=case.pk).is_open


def test_beside_a_list_only_the_panel_and_the_row_are_drawn_anew(world: World, as_: Callable[..., Client]) -> None:
    url = reverse("console:case_act", args=[world.case_to_call.pk, "take"])
    answer = as_("front_line").post(url, headers={"HX-Request": "true", "HX-Target": "beside"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert f'<tr data-row id="case-{world.case_to_call.pk}" hx-swap-oob="true"' in page
    assert "The case is yours now." in page


def test_a_way_back_to_another_site_is_not_taken(world: World, as_: Callable[..., Client]) -> None:
    answer = press(as_(), "case", world.case_to_call.pk, "take", next="https://elsewhere.example/")
    assert answer["Location"] == reverse("console:case", args=[world.case_to_call.pk])


def test_a_lesson_is_confirmed_or_rejected_by_those_who_own_quality(world: World, as_: Callable[..., Client]) -> None:
    lesson = Lesson.objects.order_by("id")[0]
    assert press(as_("supervisor"), "lesson", lesson.pk, "confirm").status_code == 403
    press(as_("quality_owner"), "lesson", lesson.pk, "reject", note="")
    assert Lesson.objects.get(pk=lesson.pk).state == "drafted"
    press(as_("quality_owner"), "lesson", lesson.pk, "confirm", note="True at our station too.")
    assert Lesson.objects.get(pk=lesson.pk).state == "confirmed"

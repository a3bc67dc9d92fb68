"""Who may open what: every page for every role, and nothing of another unit."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from amends.people.core.rights import may
from amends.recover.models import Action, Approval, Case
from tests.web.console.world import ROLES, World

PAGES = {  # name: (the right it needs, what it is a page of)
    "overview": ("", ""),
    "search": ("", ""),
    "palette": ("", ""),
    "incidents": ("see_incidents", ""),
    "incident": ("see_incidents", "incident"),
    "candidates": ("see_incidents", ""),
    "closures": ("see_incidents", ""),
    "held": ("resume_standards", ""),
    "failures": ("see_incidents", ""),
    "failure": ("see_incidents", "failure"),
    "cases": ("see_cases", ""),
    "case": ("see_cases", "case_to_call"),
    "approvals": ("approve", ""),
    "colleagues": ("work_cases", "case_to_call"),
    "letter": ("work_cases", "case_to_call"),
    "replies": ("work_cases", ""),
    "reply_new": ("work_cases", ""),
    "macro_new": ("work_cases", ""),
    "recharges": ("recharge", ""),
    "splits": ("approve", ""),
    "budgets": ("see_budgets", ""),
    "absences": ("", ""),
    "authority": ("see_cases", "case_to_call"),
    "customers": ("see_customers", ""),
    "customer": ("see_customers", "customer"),
    "callers": ("see_customers", ""),
    "complaint": ("work_cases", ""),
    "complaint_facts": ("work_cases", ""),
    "learn": ("see_learning", ""),
    "lessons": ("see_learning", ""),
    "lesson": ("see_learning", "lesson"),
}


def address(name: str, world: World) -> str:
    """Where a page of this world lies."""
    _, of = PAGES[name]
    if of == "customer":
        return reverse("console:customer", args=[world.case_to_call.customer_id])
    if of == "lesson":
        from amends.learn.models import Lesson

        return reverse("console:lesson", args=[Lesson.objects.order_by("id")[0].pk])
    return reverse(f"console:{name}", args=[getattr(world, of).pk] if of else [])


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_the_pages_of_its_rights_and_no_others(
    role: str, world: World, as_: Callable[..., Client]
) -> None:
    client = as_(role)
    for name, (right, _) in PAGES.items():
        answer = client.get(address(name, world))
        expected = 200 if not right or may(role, right) else 403
        assert answer.status_code == expected, (role, name)
        if expected == 403:
            assert "This isn&#x27;t yours to see" in answer.content.decode()


def test_what_belongs_to_another_unit_is_not_there(world: World, as_: Callable[..., Client]) -> None:
    client = as_(world.elsewhere)
    for name in ("incident", "failure", "case", "lesson", "colleagues", "letter", "authority"):
        answer = client.get(address(name, world))
        assert answer.status_code == 404, name
        assert "There is nothing here" in answer.content.decode()
    assert world.case_to_call.customer.name not in client.get(reverse("console:cases")).content.decode()


def test_what_is_out_of_reach_is_not_said_to_be_nothing(world: World, as_: Callable[..., Client]) -> None:
    page = as_(world.elsewhere).get(reverse("console:customer", args=[world.case_to_call.customer_id]))
    text = page.content.decode()
    assert "None in your units." in text
    assert "Nothing has been given yet." not in text
    assert "No words have gone out or come in yet." not in text
    assert "None that we know of." not in text


def test_nothing_of_another_unit_can_be_done_either(world: World, as_: Callable[..., Client]) -> None:
    client = as_(world.elsewhere)
    action = Action.objects.filter(state="ready", performer="front_line")[0]
    approval = Approval.objects.filter(state="waiting")[0]
    for url in (
        *(
            reverse("console:case_act", args=[world.case_to_call.pk, act])
            for act in ("take", "note", "tick", "time", "start-timer", "stop-timer", "message")
        ),
        reverse("console:case_files", args=[world.case_to_call.pk]),
        reverse("console:draft", args=[world.case_to_call.pk, "note"]),
        reverse("console:draft_discard", args=[world.case_to_call.pk, "note"]),
        reverse("console:letter_preview", args=[world.case_to_call.pk]),
        reverse("console:case_macro", args=[world.case_to_call.pk]),
        reverse("console:action_act", args=[action.pk, "do"]),
        reverse("console:approval_act", args=[approval.pk, "grant"]),
        reverse("console:gesture", args=[world.case_to_call.pk, "small-voucher"]),
        reverse("console:written_complaint", args=[world.case_to_call.pk]),
    ):
        assert client.post(url).status_code == 404, url
    assert Case.objects.get(pk=world.case_to_call.pk).owner is None
    assert Approval.objects.get(pk=approval.pk).state == "waiting"


def test_acts_need_their_right(world: World, as_: Callable[..., Client]) -> None:
    approval = Approval.objects.filter(state="waiting")[0]
    grant = reverse("console:approval_act", args=[approval.pk, "grant"])
    take = reverse("console:case_act", args=[world.case_to_call.pk, "take"])
    assert as_("front_line").post(grant).status_code == 403
    assert as_("administrator").post(take).status_code == 403
    assert Approval.objects.get(pk=approval.pk).state == "waiting"


def test_acts_are_posts_and_known_by_name(world: World, as_: Callable[..., Client]) -> None:
    client = as_()
    seen = client.get(reverse("console:case_act", args=[world.case_to_call.pk, "take"]))
    assert (seen.status_code, seen["Allow"]) == (405, "POST")
    assert "There is nothing to see at this address" in seen.content.decode()
    assert client.post(reverse("console:case_act", args=[world.case_to_call.pk, "destroy"])).status_code == 404


def test_who_is_not_signed_in_is_asked_to(world: World, client: Client) -> None:
    for name in PAGES:
        answer = client.get(address(name, world))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.parametrize(
    ("came_from", "back"), [("http://testserver/cases/?q=rosa", "/cases/?q=rosa"), ("https://elsewhere.example/", "/")]
)
def test_a_button_pressed_after_the_session_ended_leads_back_to_its_page(
    client: Client, world: World, came_from: str, back: str
) -> None:
    door = client.post(reverse("console:next"), headers={"Referer": came_from})
    assert door["Location"] == f"/accounts/login/?{urlencode({'next': back}, safe='/')}"


def test_a_part_asked_for_after_the_session_ended_sends_the_whole_page_to_the_door(
    client: Client, world: World
) -> None:
    at = {"HX-Request": "true", "HX-Current-URL": "http://testserver/cases/?q=rosa"}
    answer = client.get(reverse("console:case", args=[world.case_to_call.pk]), headers=at)
    assert answer["HX-Redirect"] == "/accounts/login/?next=/cases/%3Fq%3Drosa"
    assert answer.content == b""


def test_a_page_key_of_another_list_is_a_bad_request_in_words(world: World, as_: Callable[..., Client]) -> None:
    answer = as_().get(reverse("console:cases"), {"after": "nonsense"})
    assert answer.status_code == 400
    assert "We couldn&#x27;t read that" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_in_words(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.staff["supervisor"])
    answer = client.post(reverse("console:case_act", args=[world.case_to_call.pk, "take"]))
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()

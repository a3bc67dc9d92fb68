"""Guidance beside a case: shown to whoever works on it, overruled by one press, never to the customer."""

from collections.abc import Callable
from html import escape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from amends.people.models import Customer
from amends.recover.links import token_of
from amends.recover.models import Assessment, Case, Edit
from amends.recover.services import hear_customer
from amends.web.console import guidance
from tests.web.console.world import NOW, World


def page(client: Client, case: Case) -> str:
    return client.get(reverse("console:case", args=[case.pk])).content.decode()


def act(client: Client, case: Case, act: str, **sent: str) -> int:
    return client.post(reverse("console:case_act", args=[case.pk, act]), sent).status_code


def test_the_page_says_what_the_customer_feels_why_and_what_to_say(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    hear_customer(case.pk, words="This is <b>unacceptable</b>!", acting_user=case.customer, now=NOW)
    shown = page(as_("front_line"), case)
    assert "The customer&#x27;s own words: “unacceptable”." in shown
    assert escape("You have every reason to be angry.") in shown
    assert "<b>unacceptable" not in shown
    assert "Rosa Klein, this is Test Air" in shown


def test_the_emotion_and_the_stage_are_set_by_one_press_and_stay_with_name_and_record(
    world: World, as_: Callable[..., Client]
) -> None:
    client, case = as_("front_line"), world.case_to_call
    assert act(client, case, "emotion", emotion="worried") == act(client, case, "stage", stage="offer") == 302
    row = Assessment.objects.get(case=case)
    assert (row.emotion, row.stage) == ("worried", "offer")
    shown = page(client, case)
    assert "As Mei Lin sees it." in shown
    assert "First let us make sure that you get what you need." in shown
    assert "Angry → Worried" in shown
    assert act(client, case, "emotion", emotion="") == 302
    assert "As Mei Lin sees it." not in page(client, case)


@pytest.mark.parametrize(("name", "sent"), [("emotion", {"emotion": "cross"}), ("stage", {"stage": ""}), ("stage", {})])
def test_nothing_else_is_taken(world: World, as_: Callable[..., Client], name: str, sent: dict[str, str]) -> None:
    client, case = as_("front_line"), world.case_to_call
    assert act(client, case, name, **sent) == 302
    assert not Edit.objects.filter(case=case).exists()


def test_beside_a_list_it_is_there_too_and_answers_there(world: World, as_: Callable[..., Client]) -> None:
    client, case = as_("front_line"), world.case_to_call
    beside = {"HX-Request": "true", "HX-Target": "beside"}
    assert "talk-path" in client.get(reverse("console:case", args=[case.pk]), headers=beside).content.decode()
    answer = client.post(reverse("console:case_act", args=[case.pk, "stage"]), {"stage": "agree"}, headers=beside)
    assert 'value="agree" aria-current="step"' in answer.content.decode()


def test_customers_never_see_any_of_it(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    act(as_("front_line"), case, "emotion", emotion="threatening")
    mine = Client().get(f"/mine/{token_of(f'case:{case.pk}')}").content.decode()
    assert "hreaten" not in mine
    assert "talk-path" not in mine


def test_the_page_asks_the_database_nothing_more_for_it(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, case = as_("front_line"), world.case_to_call
    page(client, case)
    with CaptureQueriesContext(connection) as asked:
        page(client, case)
    with_it = len(asked)
    monkeypatch.setattr(guidance, "for_panel", lambda *_, **__: {})
    with CaptureQueriesContext(connection) as asked:
        page(client, case)
    assert with_it == len(asked) > 0


def test_words_stand_in_the_customers_language_too_with_what_is_known_of_customers_there(
    world: World, as_: Callable[..., Client]
) -> None:
    client, case = as_("front_line"), world.case_to_call
    Customer.objects.filter(pk=case.customer_id).update(name="王小明", locale="zh-CN")
    act(client, case, "emotion", emotion="humiliated")
    shown = page(client, case)
    assert "Nobody should be treated like that." in shown
    assert '<q class="under" lang="zh-Hans">谁都不应该受到这样的对待。' in shown
    assert "Customers from mainland China: let them speak" in shown
    assert "Hui &amp; Au 2001" in shown
    assert 'lang="zh-Hans"><p>“王小明，您好，这里是测试航空。' in shown
    client.cookies["django_language"] = "zh-hans"
    read = page(client, case)
    assert "谁都不应该受到这样的对待。" in read
    assert "Nobody should be treated like that." not in read


def test_what_is_known_of_customers_somewhere_says_its_source_in_the_readers_language(
    world: World, as_: Callable[..., Client]
) -> None:
    case = Case.objects.get(customer__name="王小明")
    assert "individual overrides nation" in page(as_("supervisor"), case)
    chinese = page(as_("supervisor", "zh-hans"), case)
    assert "个人差异重于国别差异" in chinese
    assert "individual overrides nation" not in chinese


def test_a_case_that_is_closed_needs_no_guidance(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    Case.objects.filter(pk=case.pk).update(state="closed", is_open=False)
    shown = page(as_("front_line"), case)
    assert "talk-path" not in shown
    assert "What to say" not in shown

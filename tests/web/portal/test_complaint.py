"""The complaint in writing on the customer's own page: asked for politely where it is needed, and kept once."""

from django.test import Client

from amends.recover.models import Action, Approval, Case, WrittenComplaint
from tests.web.console.world import World
from tests.web.portal.mail import page_of


def a_large_sum(world: World) -> Case:
    case = world.case_to_approve
    Approval.objects.filter(case=case).update(amount=2_400)
    Action.objects.filter(case=case, state="waiting_approval").update(amount=2_400)
    return case


def test_it_is_asked_for_politely_and_without_the_sum(world: World, client: Client) -> None:
    case = a_large_sum(world)
    page = client.get(page_of(case)).content.decode()
    assert "May we ask you for a few lines?" in page
    assert "2,400" not in page  # it may yet be refused
    client.cookies["django_language"] = "zh-hans"
    assert "能否请您写几句话？" in client.get(page_of(case)).content.decode()


def headline(client: Client, case: Case) -> str:
    """What stands above everything else."""
    return client.get(page_of(case)).content.decode().split('<div class="hero')[1].split("</div>")[0]


def test_the_headline_says_that_it_is_needed_until_it_is_given(world: World, client: Client) -> None:
    case = a_large_sum(world)
    assert "You need not do anything." not in headline(client, case)
    assert "We need something from you" in headline(client, case)
    assert "To go on, we need a few lines from you" in headline(client, case)
    client.cookies["django_language"] = "zh-hans"
    assert "需要您写几句话" in headline(client, case)
    client.cookies["django_language"] = "en"
    client.post(f"{page_of(case)}/complaint", {"words": "My day was lost."})
    assert "You need not do anything." in headline(client, case)


def test_it_is_kept_once_and_then_no_more_asked_for(world: World, client: Client) -> None:
    case = a_large_sum(world)
    for _ in range(2):
        answer = client.post(f"{page_of(case)}/complaint", {"words": "My day\r\nwas lost."}, follow=True)
        assert answer.status_code == 200
    said = WrittenComplaint.objects.get()
    assert (said.case_id, said.words, said.source, said.taken_by) == (case.pk, "My day\nwas lost.", "customer", None)
    page = client.get(page_of(case)).content.decode()
    assert "May we ask you for a few lines?" not in page
    assert "Your complaint in writing" in page


def test_without_words_nothing_is_kept(world: World, client: Client) -> None:
    case = a_large_sum(world)
    assert client.post(f"{page_of(case)}/complaint", {"words": " "}).status_code == 400
    assert not WrittenComplaint.objects.exists()


def test_where_none_is_asked_for_the_page_stays_as_it_was(world: World, client: Client) -> None:
    page = client.get(page_of(world.case_to_call)).content.decode()
    assert "May we ask you for a few lines?" not in page
    assert "Your complaint in writing" not in page

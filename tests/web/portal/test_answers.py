"""What a customer says on their page: yes or no, once however often it is sent, and on record as theirs."""

from typing import Any

import pytest
from django.test import Client

from amends.channels.models import Message
from amends.people.selectors import NotFound
from amends.policy.present import present
from amends.recover.models import Case, Clock, Outcome, TrailEntry
from amends.recover.selectors.trail import unexplained, verify_trail
from amends.recover.services import accept_case, close_case, hear_customer, record_outcome
from tests.web.console.world import NOW, World
from tests.web.portal.mail import case_of, lightly_hit, page_about_incident, page_of


def say_yes(client: Client, case: Case, rating: str = "") -> Any:
    return client.post(f"{page_of(case)}/yes", {"rating": rating}, follow=True)


def say(client: Client, case: Case, words: str) -> Any:
    return client.post(f"{page_of(case)}/words", {"words": words}, follow=True)


def heard(case: Case) -> list[str]:
    rows = Message.objects.filter(thread=f"case:{case.pk}", direction=Message.Direction.IN).order_by("pk")
    return list(rows.values_list("body", flat=True))


def test_yes_makes_it_good_and_is_on_record_as_the_customers(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    answer = say_yes(client, case, "4")
    assert "Made good" in answer.content.decode()
    outcome = Outcome.objects.get(case=case)
    assert (outcome.accepted, outcome.satisfaction_after, outcome.source) == (True, 4, "customer")
    assert outcome.recorded_by is None
    assert Case.objects.get(pk=case.pk).state == "made_good"
    last = TrailEntry.objects.filter(case=case).order_by("number").last()
    assert last is not None
    assert last.actor == f"customer:{case.customer_id}"
    assert verify_trail([case.pk]) == []
    assert unexplained([case.pk]) == []


def test_yes_twice_changes_nothing_and_a_rating_may_follow_once(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    say_yes(client, case)
    first = TrailEntry.objects.filter(case=case).count()
    assert "How well did we deal with it?" in say_yes(client, case).content.decode()
    assert TrailEntry.objects.filter(case=case).count() == first
    assert "How well did we deal with it?" not in say_yes(client, case, "5").content.decode()
    say_yes(client, case, "1")
    assert Outcome.objects.get(case=case).satisfaction_after == 5


@pytest.mark.parametrize("rating", ["0", "6", "best", "4; drop table"])
def test_a_rating_that_there_is_not_records_nothing(world: World, client: Client, rating: str) -> None:
    case = case_of("Ida Holm")
    assert say_yes(client, case, rating).status_code == 200
    assert not Outcome.objects.filter(case=case).exists()
    assert Case.objects.get(pk=case.pk).state == "awaiting_customer"


def test_yes_keeps_what_staff_know_and_nothing_that_was_simulated(world: World, client: Client) -> None:
    ida, ben = case_of("Ida Holm"), case_of("Ben Otieno")
    for case, source in ((ida, "staff"), (ben, "simulated")):
        record_outcome(
            case.pk,
            accepted=None,
            satisfaction_before=2,
            satisfaction_after=None,
            stays=True,
            told_others=None,
            source=source,
            acting_user=None,
            now=NOW,
        )
        say_yes(client, case)
    kept, own = Outcome.objects.get(case=ida), Outcome.objects.get(case=ben)
    assert (kept.satisfaction_before, kept.stays, kept.source) == (2, True, "customer")
    assert (own.satisfaction_before, own.stays, own.source) == (None, None, "customer")


def test_yes_to_what_we_have_not_done_yet_is_not_taken(world: World, client: Client) -> None:
    case = case_of("Ada Moreno")
    assert "Is it put right?" not in client.get(page_of(case)).content.decode()
    say_yes(client, case, "5")
    assert Case.objects.get(pk=case.pk).state == "in_progress"
    assert not Outcome.objects.filter(case=case).exists()


def test_an_objection_sets_the_clock_going_again_and_says_who_answers_by_when(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    before = present()
    answer = say(client, case, "The voucher does not work.").content.decode()
    assert "We have your words and are looking into them." in answer
    assert "We are looking at it again" in answer
    assert "You will have our answer by <b>" in answer
    assert "Your words go to: Supervisor of customer care." in answer
    clock = Clock.objects.get(case=case, kind="resolve")
    assert clock.state == "running"
    assert clock.started_at >= before
    assert Case.objects.get(pk=case.pk).state == "objected"
    assert heard(case) == ["The voucher does not work."]
    outcome = Outcome.objects.get(case=case)
    assert (outcome.accepted, outcome.source) == (False, "customer")
    assert TrailEntry.objects.filter(case=case, actor=f"customer:{case.customer_id}").exists()


def test_an_objection_sent_twice_is_one_and_further_words_are_kept(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    for words in ("Not yet.", "Not yet.", "And nobody called.\r\nNobody.", "And nobody called.\nNobody."):
        assert say(client, case, words).status_code == 200
    assert heard(case) == ["Not yet.", "And nobody called.\nNobody."]
    assert Case.objects.get(pk=case.pk).state == "objected"


def test_who_said_yes_may_still_object_and_then_be_content_again(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    say_yes(client, case, "4")
    say(client, case, "I was wrong, it is not settled.")
    assert Case.objects.get(pk=case.pk).state == "objected"
    outcome = Outcome.objects.get(case=case)
    assert (outcome.accepted, outcome.satisfaction_after) == (False, 4)
    say_yes(client, case, "5")
    assert Case.objects.get(pk=case.pk).state == "made_good"
    outcome.refresh_from_db()
    assert (outcome.accepted, outcome.satisfaction_after) == (True, 5)
    assert verify_trail([case.pk]) == []


def test_an_objection_to_a_closed_case_opens_it_and_a_late_yes_does_not(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    close_case(case.pk, acting_user=None, now=NOW)
    say_yes(client, case, "5")
    assert Case.objects.get(pk=case.pk).state == "closed"
    say(client, case, "It happened again.")
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("objected", True)


def test_a_withdrawn_case_is_taken_up_again_by_the_customers_words(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    Case.objects.filter(pk=case.pk).update(state="withdrawn", is_open=False)
    assert "Your case is closed" in client.get(page_of(case)).content.decode()
    say(client, case, "This was mine.")
    assert Case.objects.get(pk=case.pk).state == "objected"
    assert heard(case) == ["This was mine."]


def test_hostile_words_are_shown_as_words(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    hostile = "<script>alert(1)</script> {{ 7|add:7 }} \"onmouseover='x' https://evil.test"
    page = say(client, case, hostile).content.decode()
    assert heard(case) == [hostile]
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }} &quot;onmouseover=&#x27;x&#x27;" in page
    assert "href=&quot;https://evil" not in page
    assert 'href="https://evil' not in page


@pytest.mark.parametrize(("words", "why"), [("  \n ", "in a few words"), ("x" * 5001, "more than 5,000 characters")])
def test_words_that_we_can_not_take_come_back_with_the_reason(
    world: World, client: Client, words: str, why: str
) -> None:
    case = case_of("Ida Holm")
    answer = say(client, case, words)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert words.strip() in answer.content.decode()
    assert heard(case) == []


def test_looking_changes_nothing_and_a_form_needs_its_own_token(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    before = TrailEntry.objects.count()
    client.get(page_of(case))
    for form in ("yes", "words"):
        assert client.get(f"{page_of(case)}/{form}").status_code == 405
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(f"{page_of(case)}/{form}", {"words": "No.", "rating": "1"}).status_code == 403
    assert client.post(page_of(case)).status_code == 405
    assert TrailEntry.objects.count() == before


def test_nobody_floods_a_page_with_words(world: World, client: Client) -> None:
    case, other = case_of("Ida Holm"), case_of("Ben Otieno")
    seen = [say(client, case, f"And another thing, number {at}.").status_code for at in range(21)]
    assert 429 in seen  # ten a minute, and a minute may turn between two
    assert len(heard(case)) < 21
    assert client.get(page_of(case)).status_code == 200
    assert say(client, other, "I have a question.").status_code == 200


def test_a_customer_reaches_no_case_of_another(world: World) -> None:
    mine, other = case_of("Ida Holm"), case_of("Ben Otieno")
    with pytest.raises(NotFound):
        accept_case(other.pk, satisfaction=5, acting_user=mine.customer, now=NOW)
    with pytest.raises(NotFound):
        hear_customer(other.pk, words="Mine!", acting_user=mine.customer, now=NOW)


def test_who_was_hit_lightly_and_comes_forward_gets_one_case_of_their_own(world: World, client: Client) -> None:
    lea, _ = lightly_hit()
    path = page_about_incident(lea)
    for _again in range(2):
        answer = client.post(f"{path}/words", {"words": "I missed my daughter's recital."}, follow=True)
        assert answer.status_code == 200
    case = Case.objects.select_related("customer").get(customer=lea)
    assert heard(case) == ["I missed my daughter's recital."]
    assert TrailEntry.objects.filter(case=case).order_by("number")[0].actor == f"customer:{lea.pk}"
    page = answer.content.decode()
    assert "For Lea Brandt" in page
    assert "We are looking into it" in page
    assert client.get(path, follow=True).redirect_chain[-1][1] == 302
    assert client.post(f"{path}/yes", {"rating": "5"}).status_code == 302
    assert not Outcome.objects.filter(case=case).exists()

"""Whoever does not want to be contacted gets what serves their case, and is not asked how it went."""

from datetime import timedelta

import pytest
import stories

from amends.channels.models import Message
from amends.people.models import Customer
from amends.recover.models import Action, Case, Clock, Edit
from amends.recover.selectors import case_timeline, unexplained, verify_trail
from amends.recover.services import carry_out, open_cases
from amends.recover.services.consent import NOT_ASKED
from amends.recover.services.promising import NEWS_NOT_OWED
from amends.recover.services.sweeping import release_follow_ups

NOW = stories.NOW
LATER = NOW + timedelta(days=8)


@pytest.fixture
def cases(company) -> list[Case]:
    """Two customers, the first of whom does not want to be contacted; all that is automatic is done."""
    incidents = stories.broken_flights(company, seats=2, minutes_late=200)
    Customer.objects.filter(pk=Customer.objects.order_by("pk")[0].pk).update(consent_contact=False)
    open_cases(incidents, now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    return list(Case.objects.order_by("customer_id"))


def test_what_serves_the_running_case_is_sent_all_the_same(cases):
    sent = [Message.objects.get(customer=case.customer) for case in cases]
    bodies = [
        letter.body.replace(letter.customer.name, "").replace(str(case.pk), "")
        for letter, case in zip(sent, cases, strict=True)
    ]
    assert len(bodies[0].split("\n\n")) == len(bodies[1].split("\n\n")) > 5
    assert Action.objects.filter(case=cases[0], state="done", amount__gt=0).exists()


def test_nobody_asks_them_how_it_went_and_the_reason_is_on_record(cases):
    silent, other = cases
    while release_follow_ups(now=LATER):
        carry_out(1, 2**60, now=LATER, as_of_ready=False)
    asked = Action.objects.get(case=other, kind="follow_up")
    assert asked.state == "done"
    left_out = Action.objects.get(case=silent, kind="follow_up")
    assert (left_out.state, left_out.done_at, left_out.done_by) == ("skipped", LATER, None)
    edit = Edit.objects.select_related("why").get(action=left_out)
    assert (edit.aspect, edit.why.zh, edit.by) == ("withheld", NOT_ASKED.text.zh, None)
    assert any(NOT_ASKED.text.en in entry.text.en for entry in case_timeline(silent))
    news = Edit.objects.filter(action__kind="progress_notice").select_related("why")
    assert {one.case for one in news if one.why.en == NEWS_NOT_OWED.text.en} == {silent, other}  # of both alike
    ids = [case.pk for case in cases]
    assert verify_trail(ids) == unexplained(ids) == []


def test_the_clock_of_a_follow_up_that_is_left_out_stops(cases):
    release_follow_ups(now=LATER)
    clock = Clock.objects.get(case=cases[0], kind="follow_up")
    assert (clock.state, clock.ended_at, clock.wake_at) == ("stopped", LATER, None)
    silent = Case.objects.get(pk=cases[0].pk)
    running = Clock.objects.filter(case=silent, state="running").order_by("due_at").first()
    assert silent.next_due == (running.due_at if running else None)


def test_consent_counts_as_it_is_when_the_time_comes(cases):
    Customer.objects.update(consent_contact=True)
    release_follow_ups(now=LATER)
    assert set(Action.objects.filter(kind="follow_up").values_list("state", flat=True)) == {"ready"}


def test_a_follow_up_that_a_person_added_stays(cases):
    action = Action.objects.get(case=cases[0], kind="follow_up")
    Edit.objects.create(case=cases[0], action=action, aspect="added", at=NOW, by=stories.staff("front_line"))
    release_follow_ups(now=LATER)
    action.refresh_from_db()
    assert action.state == "ready"

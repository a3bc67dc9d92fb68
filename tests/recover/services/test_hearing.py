"""What customers say on their own pages: theirs in the trail, and once however often and however fast it is sent."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import stories
from django.db import connection

from amends.channels.models import Message
from amends.kernel.blueprint import load_shipped
from amends.monitor.models import Affected
from amends.people.models import Customer
from amends.people.selectors import NotFound
from amends.recover.ledger import lock_totals
from amends.recover.models import Action, Case, Clock, Outcome, Remedy, TrailEntry
from amends.recover.selectors.trail import unexplained, verify_trail
from amends.recover.services import (
    accept_case,
    carry_out,
    hear_affected,
    hear_customer,
    open_cases,
    take_complaint,
    tell_affected,
)
from amends.recover.services.holding import holding

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)


def answered_case(place: stories.Company) -> Case:
    """A case of moderate severity whose customer has all that we had to give."""
    open_cases(stories.broken_flights(place, seats=1, minutes_late=100, severity=2), now=NOW)
    ids = list(Action.objects.order_by("pk").values_list("pk", flat=True))
    carry_out(ids[0], ids[-1], now=NOW, as_of_ready=False)
    return Case.objects.select_related("customer").get(state="awaiting_customer")


def all_at_once(act: Callable[[], object]) -> list[object]:
    """What three impatient presses of one button give."""
    together, given = threading.Barrier(3), []

    def press() -> None:
        try:
            together.wait(timeout=10)
            given.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def said(case: Case) -> list[str]:
    rows = Message.objects.filter(thread=f"case:{case.pk}", direction=Message.Direction.IN).order_by("pk")
    return list(rows.values_list("body", flat=True))


def test_every_act_of_a_customer_is_theirs_in_the_trail(company):
    case = answered_case(company)
    before = TrailEntry.objects.filter(case=case).count()
    assert accept_case(case.pk, satisfaction=4, acting_user=case.customer, now=LATER)
    assert hear_customer(case.pk, words="It broke again.", acting_user=case.customer, now=LATER)
    fresh = TrailEntry.objects.filter(case=case, number__gt=before)
    assert {entry.actor for entry in fresh} == {f"customer:{case.customer_id}"}
    assert (verify_trail([case.pk]), unexplained([case.pk])) == ([], [])


def test_a_customer_acts_on_no_case_of_another(company):
    case = answered_case(company)
    stranger = Customer.objects.create(reference="S-1", name="Stranger", created_at=NOW)
    with pytest.raises(NotFound):
        accept_case(case.pk, satisfaction=None, acting_user=stranger, now=LATER)
    with pytest.raises(NotFound):
        hear_customer(case.pk, words="Hello?", acting_user=stranger, now=LATER)
    assert said(case) == []


def test_the_same_words_count_again_on_another_day(company):
    case = answered_case(company)
    days = (LATER, LATER + timedelta(hours=1), LATER + timedelta(days=2))
    assert [hear_customer(case.pk, words="No.", acting_user=case.customer, now=at) for at in days] == [
        True,
        False,
        True,
    ]
    assert said(case) == ["No.", "No."]


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_an_objection_pressed_three_times_at_once_count_once():
    case = answered_case(stories.company())
    assert sorted(all_at_once(lambda: accept_case(case.pk, satisfaction=5, acting_user=case.customer, now=LATER))) == [
        False,
        False,
        True,
    ]
    words = {"words": "It is not settled.", "acting_user": case.customer, "now": LATER}
    assert sorted(all_at_once(lambda: hear_customer(case.pk, **words))) == [False, False, True]
    assert said(case) == ["It is not settled."]
    assert Outcome.objects.get(case=case).accepted is False
    assert verify_trail([case.pk]) == []


@pytest.mark.django_db(transaction=True)
def test_who_comes_forward_three_times_at_once_has_one_case():
    place = stories.company()
    stories.broken_flights(place, seats=1, minutes_late=30, severity=1)
    hit = Affected.objects.select_related("failure__unit", "customer").get()
    words = {"words": "I missed a wedding.", "acting_user": hit.customer, "now": LATER}
    cases = all_at_once(lambda: hear_affected(hit.failure, **words).pk)
    assert set(cases) == {Case.objects.get().pk}
    assert said(Case.objects.get()) == ["I missed a wedding."]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["page", "telephone"])
def test_who_comes_forward_while_their_case_is_given_something_is_heard(way):
    place = stories.company()
    stories.broken_flights(place, seats=1, minutes_late=30, severity=1)
    hit = Affected.objects.select_related("failure__unit", "customer").get()
    case = hear_affected(hit.failure, words="I missed a wedding.", acting_user=hit.customer, now=LATER)
    clerk, heard = stories.staff("front_line"), []

    def come_forward() -> None:
        try:
            again = {"words": "And my mother cried.", "now": LATER}
            if way == "page":
                heard.append(hear_affected(hit.failure, acting_user=hit.customer, **again))
            else:
                about = {"kind": hit.failure.kind, "subject": hit.failure.subject, "unit": None, "facts": {}}
                told = {"form": "1", "channel": "phone", "acting_user": clerk}
                heard.append(take_complaint(hit.customer, **about, **told, **again))
        finally:
            connection.close()

    with holding("hear_customer", case.pk, acting_user=None):  # as a worker that is about to grant
        telling = threading.Thread(target=come_forward)
        telling.start()
        wait_for_somebody_at_a_lock()
        lock_totals(customer_ids=[hit.customer_id], level_ids=[])
    telling.join()
    assert heard == [case]
    assert said(case) == ["I missed a wedding.", "And my mother cried."]


def wait_for_somebody_at_a_lock() -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(
                "select exists (select from pg_stat_activity where datname = current_database()"
                " and wait_event_type = 'Lock')"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.django_db
def test_what_a_plan_gives_to_the_lightly_hit_it_gives_once_they_come_forward():
    place = stories.company(pack=load_shipped("express"))
    incidents = stories.broken_flights(place, seats=2, minutes_late=20, severity=1, kind="late_delivery")
    Affected.objects.update(facts={"postage": 20, "product": "same_city"})
    open_cases(incidents, now=NOW)
    assert tell_affected(incidents, now=NOW, as_of_found=False).queued == 2
    assert not Case.objects.exists()
    hit = Affected.objects.select_related("failure__unit", "customer").first()
    hear_affected(hit.failure, words="It names the hour.", acting_user=hit.customer, now=LATER)
    carry_out(1, 2**60, now=LATER, as_of_ready=False)
    assert [(one.customer_id, one.amount, one.kind) for one in Remedy.objects.all()] == [
        (hit.customer_id, 10, "waiver")
    ]


@pytest.mark.django_db
def test_whoever_comes_forward_days_later_is_promised_from_then_on():
    place = stories.company()
    stories.broken_flights(place, seats=1, minutes_late=30, severity=1)
    hit = Affected.objects.select_related("failure__unit", "customer").get()
    later = NOW + timedelta(days=3)
    case = hear_affected(hit.failure, words="I missed a wedding.", acting_user=hit.customer, now=later)
    assert case.opened_at == later
    clocks = Clock.objects.filter(case=case)
    assert {(clock.started_at, clock.state) for clock in clocks} == {(later, "running")}
    assert all(action.due_at > later for action in Action.objects.filter(case=case))
    carry_out(1, 2**60, now=later, as_of_ready=False)
    letters = Message.objects.filter(thread=f"case:{case.pk}", direction="out")
    assert {letter.created_at for letter in letters} == {later}
    assert not any("2 March" in letter.body for letter in letters)

"""A letter that is refused for good has told nobody anything: somebody calls, and what it promised is owed again."""

from datetime import timedelta

import pytest
import stories
from procrastinate.contrib.django.models import ProcrastinateJob

from amends.channels.models import Message
from amends.channels.services import UNDELIVERED, deliver, give_up
from amends.people.models import Customer
from amends.recover.jobs import call_undelivered_of
from amends.recover.models import Case, Notice
from amends.recover.selectors import unexplained, verify_trail
from amends.recover.services import accept_case, do_action, merge_cases, open_cases, send_message, sweep_clocks
from amends.recover.services.undelivered import call_undelivered
from tests.mail_server import listening
from tests.recover.services.test_carrying_out import all_out

NOW = stories.NOW
LATER = NOW + timedelta(seconds=20)


@pytest.fixture
def server(settings):
    with listening(settings) as mind:
        yield mind


@pytest.fixture
def case(company):
    """All that we had to give is given, and the letter about it is queued."""
    stories.staff("supervisor", name="Lead", unit=company.unit)
    open_cases(stories.broken_flights(company, seats=1, minutes_late=100, severity=2), now=NOW)
    all_out()
    Customer.objects.update(synthetic=False)  # somebody is behind the address
    return Case.objects.get(state="awaiting_customer")


@pytest.fixture
def jobs(monkeypatch):
    """Does the jobs that see to what failed."""
    monkeypatch.setattr("amends.recover.jobs.present", lambda: LATER)

    def do() -> None:
        for one in ProcrastinateJob.objects.filter(task_name=UNDELIVERED, status="todo"):
            call_undelivered_of(**one.args)

    return do


def queued() -> list[int]:
    return list(Message.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True))


def clocks(case: Case) -> dict[str, str]:
    return dict(case.clocks.filter(number=1).values_list("kind", "state"))


def test_a_letter_refused_for_good_means_a_call_a_notice_and_clocks_that_run(case, server, jobs):
    (letter,) = Message.objects.all()
    server.answers[letter.address] = "550 5.1.1 No such mailbox"
    assert clocks(case)["acknowledge"] == "met"
    assert deliver([letter.pk], now=LATER) == 0
    jobs()
    case.refresh_from_db()
    (call,) = case.actions.filter(step__startswith="reach.")
    assert (call.kind, call.channel, call.state, call.performer) == ("call", "phone", "ready", "front_line")
    assert "could not be delivered" in call.why.en
    assert case.state == "in_progress"
    assert clocks(case)["acknowledge"] == "running"
    (notice,) = Notice.objects.all()
    assert (notice.staff.name, notice.what) == ("Lead", "undelivered")
    assert "550 5.1.1 No such mailbox" in notice.en
    assert "550 5.1.1 No such mailbox" in notice.zh
    do_action(call.pk, acting_user=stories.staff("front_line"), now=LATER)
    case.refresh_from_db()
    assert (case.state, clocks(case)["acknowledge"]) == ("awaiting_customer", "met")
    assert (verify_trail([case.pk]), unexplained([case.pk])) == ([], [])


def test_seen_to_twice_there_is_one_call_and_one_notice_for_its_owner(case, server):
    clerk = stories.staff("front_line")
    Case.objects.update(owner=clerk)
    (letter,) = Message.objects.all()
    server.answers[letter.address] = "550 No"
    deliver([letter.pk], now=LATER)
    for _ in range(2):
        call_undelivered([letter.pk], now=LATER)
    assert case.actions.filter(step__startswith="reach.").count() == 1
    assert Notice.objects.get().staff == clerk


def test_what_was_promised_until_long_ago_is_missed_and_not_met(case):
    assert give_up(queued()) == 1
    late = NOW + timedelta(days=12)
    call_undelivered(list(Message.objects.values_list("pk", flat=True)), now=late)
    while sweep_clocks(now=late + timedelta(minutes=1)):
        pass
    assert clocks(case)["acknowledge"] == "missed"


def test_who_has_heard_from_us_since_is_called_and_no_clock_runs_again(case, server):
    (lost,) = Message.objects.all()
    send_message(case.pk, subject="News", body="All is well.", acting_user=stories.staff("front_line"), now=LATER)
    Message.objects.exclude(pk=lost.pk).update(address="new@example.com")
    server.answers[lost.address] = "550 No"
    deliver(queued(), now=LATER)
    call_undelivered([lost.pk], now=LATER)
    assert clocks(case)["acknowledge"] == "met"
    assert case.actions.filter(step__startswith="reach.").count() == 1


def test_who_is_content_is_not_called_and_the_reason_is_told(case, server):
    (lost,) = Message.objects.all()
    accept_case(case.pk, satisfaction=None, acting_user=case.customer, now=LATER)
    server.answers[lost.address] = "550 No"
    deliver([lost.pk], now=LATER)
    call_undelivered([lost.pk], now=LATER)
    case.refresh_from_db()
    assert case.state == "made_good"
    assert not case.actions.filter(step__startswith="reach.").exists()
    assert "550 No" in Notice.objects.get().en


def test_of_a_merged_case_the_one_that_goes_on_has_the_call(company, case, server):
    lead = stories.staff("manager")
    other = stories.broken_flights(company, prefix="G", customers=[case.customer_id], minutes_late=100, severity=2)
    open_cases(other, now=NOW)
    goes_on = Case.objects.exclude(pk=case.pk).get()
    lost = Message.objects.get(thread=f"case:{case.pk}")
    merge_cases(case.pk, into=goes_on.pk, acting_user=lead, now=LATER)
    server.answers[lost.address] = "550 No"
    deliver([lost.pk], now=LATER)
    assert call_undelivered([lost.pk], now=LATER) == 1
    assert goes_on.actions.filter(step__startswith="reach.").count() == 1
    assert not case.actions.filter(step__startswith="reach.").exists()
    assert Notice.objects.get(what="undelivered").case == goes_on

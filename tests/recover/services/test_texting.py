"""Urgent words as texts: to whom has a phone, once, in their language; to all others as a letter that says the same."""

import pytest
import stories

from amends.channels.models import Message
from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.text_message import MOST_SEGMENTS, length_of
from amends.people.models import ContactPoint, Customer
from amends.recover.core.refusals import Declined
from amends.recover.models import Action, Case
from amends.recover.services import do_action, open_cases, send_message, tell_affected
from amends.recover.services.reaching import Reach, by_letter, by_text
from tests.recover.services.test_carrying_out import all_out

NOW = stories.NOW


@pytest.fixture
def delayed(company):
    """Two passengers, one Chinese; both have an e-mail address, nobody a phone yet."""

    def opens(phones=(), **changes):
        open_ = stories.broken_flights(company, seats=2, minutes_late=100, severity=2)
        customers = list(Customer.objects.order_by("pk"))
        for customer, phone in zip(customers, phones, strict=False):
            ContactPoint.objects.create(customer=customer, kind="phone", address=phone, rank=1)
        Customer.objects.update(**changes)
        open_cases(open_, now=NOW)
        return customers

    return opens


def test_who_has_a_phone_gets_one_text_and_one_letter_with_the_rest(delayed):
    customers = delayed(["+12125550147", "+8613800138000"])
    all_out()
    for customer in customers:
        text = Message.objects.get(customer=customer, channel="sms")
        letter = Message.objects.get(customer=customer, channel="email")
        assert text.address.startswith("+")
        assert "/mine/case:" in text.body
        assert "\n" not in text.body
        chinese = customer.locale == "zh-CN"
        assert ("非常抱歉" if chinese else "We are sorry") in text.body
        assert text.key != letter.key
        assert text.subject not in letter.body
    texted = Action.objects.filter(channel="sms", state="done")
    assert {f"action:{action.pk}" for action in texted} == set(
        Message.objects.filter(channel="sms").values_list("key", flat=True)
    )


@pytest.mark.parametrize("phone", ["2125550147", "+0123", "+1"])
def test_a_number_that_no_text_reaches_means_a_letter(delayed, phone):
    customers = delayed([phone, phone])
    all_out()
    assert {(one.channel, one.customer_id) for one in Message.objects.all()} == {
        ("email", customer.pk) for customer in customers
    }


def test_who_asked_for_e_mail_gets_e_mail(delayed):
    delayed(["+12125550147", "+8613800138000"], prefers="email")
    all_out()
    assert set(Message.objects.values_list("channel", flat=True)) == {"email"}


def test_a_text_too_long_for_a_phone_is_a_letter():
    reach = Reach(email="a@example.com", phones=["+12125550147"], prefers="")
    assert by_text(reach, "延" * 201, None) == ("sms", "+12125550147")
    assert by_text(reach, "延" * 202, None) is None
    assert by_letter(reach) == ("email", "a@example.com")


def test_a_text_goes_to_the_first_phone_that_one_reaches():
    home = load_shipped("bank").home
    reach = Reach(email="", phones=["010-12345678", "13800138000", "+12125550147"], prefers="")
    assert by_text(reach, "Sorry", home) == ("sms", "+8613800138000")
    assert by_text(reach, "Sorry", None) == ("sms", "+12125550147")
    assert by_text(reach._replace(phones=["12125550147"]), "Sorry", home) is None


def test_who_has_no_address_at_all_gets_a_letter_for_whoever_sends_it_on(delayed):
    delayed()
    ContactPoint.objects.all().delete()
    all_out()
    assert set(Message.objects.values_list("channel", "address")) == {("outbox", "")}


def test_no_letter_goes_to_a_telephone_number(delayed):
    customers = delayed(["+12125550147", "+8613800138000"])
    ContactPoint.objects.filter(kind="email").delete()
    all_out()
    for customer in customers:
        (text,) = Message.objects.filter(customer=customer)
        assert text.channel == "sms"
        assert text.address.startswith("+")
    why = Action.objects.filter(kind="explanation").first()
    Action.objects.filter(pk=why.pk).update(state="ready", performer="automatic")
    Message.objects.all().delete()
    all_out()
    (text,) = Message.objects.all()  # the letter has no short form in the pack: what it is about, and where it stands
    assert text.channel == "sms"
    assert "/mine/case:" in text.body
    assert text.subject in text.body
    assert length_of(text.body).segments <= MOST_SEGMENTS
    assert not Action.objects.filter(step__startswith="reach.").exists()


@pytest.mark.parametrize("as_found", [True, False])
def test_whom_no_letter_and_no_text_reaches_is_called_by_a_person(delayed, as_found):
    delayed(["2125550147", "2125550148"])
    ContactPoint.objects.filter(kind="email").delete()
    all_out(as_of_ready=as_found)
    all_out(as_of_ready=as_found)
    assert not Message.objects.exists()
    for case in Case.objects.all():
        (call,) = case.actions.filter(step__startswith="reach.")
        assert (call.kind, call.channel, call.state, call.performer) == ("call", "phone", "ready", "front_line")
        assert case.clocks.get(kind="acknowledge").state == "running"  # nobody has heard anything yet
        do_action(call.pk, acting_user=stories.staff("front_line"), now=NOW)
        assert case.clocks.get(kind="acknowledge").state == "met"


def test_words_of_ones_own_go_as_a_text_or_not_at_all_to_whom_we_can_only_telephone(delayed):
    delayed(["+12125550147", "2125550147"])
    ContactPoint.objects.filter(kind="email").delete()
    reached, not_reached = Case.objects.order_by("customer_id")
    clerk = stories.staff("front_line")
    send_message(reached.pk, subject="News", body="Your seat is booked.", acting_user=clerk, now=NOW)
    text = Message.objects.get()
    assert (text.channel, text.address) == ("sms", "+12125550147")
    with pytest.raises(Declined, match="no address for a letter"):
        send_message(reached.pk, subject="News", body="More. " * 100, acting_user=clerk, now=NOW)
    with pytest.raises(Declined, match="no address for a letter"):
        send_message(not_reached.pk, subject="News", body="Booked.", acting_user=clerk, now=NOW)
    assert Message.objects.count() == 1


def test_whom_an_incident_hit_lightly_gets_a_text_unless_they_want_no_contact(company):
    incidents = stories.broken_flights(company, seats=4, minutes_late=20, severity=1)
    told, silent, mailed, _ = Customer.objects.order_by("pk")
    for customer in (told, silent):
        ContactPoint.objects.create(customer=customer, kind="phone", address="+12125550147", rank=1)
    Customer.objects.filter(pk=silent.pk).update(consent_contact=False)
    open_cases(incidents, now=NOW)
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 3
    text = Message.objects.get(customer=told)
    assert (text.channel, text.address) == ("sms", "+12125550147")
    assert "/mine/incident:" in text.body
    assert Message.objects.get(customer=mailed).channel == "email"
    assert not Message.objects.filter(customer=silent).exists()
    assert tell_affected(incidents[:1], now=NOW, as_of_found=False).queued == 0


def test_whom_an_incident_hit_lightly_gets_no_letter_at_a_telephone_number(company):
    incidents = stories.broken_flights(company, seats=2, minutes_late=20, severity=1)
    ContactPoint.objects.all().delete()
    for customer, phone in zip(Customer.objects.order_by("pk"), ("+12125550147", "2125550147"), strict=True):
        ContactPoint.objects.create(customer=customer, kind="phone", address=phone)
    open_cases(incidents, now=NOW)
    tell_affected(incidents[:1], now=NOW, as_of_found=False)
    assert [(one.channel, one.address) for one in Message.objects.all()] == [("sms", "+12125550147")]


def test_done_again_nothing_is_said_twice(delayed):
    delayed(["+12125550147", "+8613800138000"])
    all_out()
    before = set(Message.objects.values_list("key", "channel"))
    all_out()
    assert set(Message.objects.values_list("key", "channel")) == before


def test_the_packs_text_is_in_the_pack_as_it_is_kept():
    pack = stories.pack_with_limit(500)
    again = Blueprint.from_content(pack.content())
    assert again.templates["apology"].text == pack.templates["apology"].text is not None

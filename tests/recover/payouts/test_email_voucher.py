"""Vouchers by e-mail, through a real mail server: the code, in the customer's language, under one Message-ID."""

import socket
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import stories
from aiosmtpd.controller import Controller

from amends.kernel.blueprint import Blueprint
from amends.people.models import ContactPoint
from amends.recover.models import LedgerEntry, Payout, PayoutBatch, Remedy, Voucher
from amends.recover.payouts.connector import NotSent
from amends.recover.services.reconciling import reconcile
from amends.recover.services.reversing import reverse_remedy
from amends.recover.services.settling import order_payouts, send_batch
from amends.recover.services.vouchers import redeem
from amends.recover.voucher_codes import code_for
from tests.recover.services.test_carrying_out import all_out, opened

NOW = stories.NOW


class Mailbox:
    """What the server took in, and what it says to whom."""

    def __init__(self):
        self.letters = []
        self.answers = {}  # to RCPT, by address

    async def handle_RCPT(self, server, session, envelope, address, options):
        said = self.answers.get(address, "250 OK")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 Message accepted for delivery"


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    with socket.socket() as free:  # the controller wants to know its port beforehand
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "care@testair.example"
    yield box
    server.stop()


@pytest.fixture
def place(db):
    content = stories.pack_with_limit(500).content()
    content["settling"]["by"]["voucher"] = "email_voucher"
    return stories.company(pack=Blueprint.from_content(content))


def test_the_code_comes_in_the_customers_language_and_is_good_once(place, mailbox):
    opened(place, seats=2, minutes_late=100, severity=2)
    all_out()
    (batch,) = order_payouts(now=NOW)
    send_batch(batch, now=NOW)
    letters = {to[0]: letter for to, letter in mailbox.letters}
    assert len(letters) == 2
    for voucher in Voucher.objects.select_related("remedy__customer"):
        customer = voucher.remedy.customer
        letter = letters[customer.contact_points.get().address]
        text = letter.get_content()
        assert code_for(voucher.pk) in text
        assert ("有效期至" in text) == (customer.locale == "zh-CN")
        assert letter["Message-ID"] == f"<voucher-{voucher.pk}@127.0.0.1>"
        assert redeem(code_for(voucher.pk), unit=None, reference="", now=NOW).state == "redeemed"
    assert set(Payout.objects.values_list("state", flat=True)) == {"paid"}
    assert set(LedgerEntry.objects.values_list("what", flat=True)) == {"grant", "redeem"}
    assert reconcile(now=NOW).differences == 0


def test_who_has_no_address_finds_it_on_their_page(place, mailbox):
    opened(place, seats=1, minutes_late=100, severity=2)
    all_out()
    ContactPoint.objects.all().delete()
    (batch,) = order_payouts(now=NOW)
    send_batch(batch, now=NOW)
    assert mailbox.letters == []
    payout = Payout.objects.get()
    assert (payout.state, payout.note) == ("returned", "no e-mail address")
    assert Voucher.objects.get().state == "open"
    assert reconcile(now=NOW).differences == 0


def test_a_mail_server_that_is_away_is_told_and_tried_again(place, mailbox, settings):
    opened(place, seats=1, minutes_late=100, severity=2)
    all_out()
    (batch,) = order_payouts(now=NOW)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # nobody listens there
    with pytest.raises(NotSent, match="mail server"):
        send_batch(batch, now=NOW)
    assert "mail server" in PayoutBatch.objects.get().problem
    settings.EMAIL_PORT = port
    assert send_batch(batch, now=NOW + timedelta(minutes=1))
    assert len(mailbox.letters) == 1
    assert PayoutBatch.objects.get().problem == ""


def test_an_address_that_is_refused_comes_back_and_is_in_no_others_way(place, mailbox):
    opened(place, seats=3, minutes_late=100, severity=2)
    all_out()
    (batch,) = order_payouts(now=NOW)
    addresses = [one.remedy.customer.contact_points.get().address for one in Payout.objects.order_by("pk")]
    mailbox.answers = {addresses[0]: "451 4.3.0 Try later", addresses[1]: "550 5.1.1 No such mailbox"}
    with pytest.raises(NotSent, match="Try later"):
        send_batch(batch, now=NOW)
    assert list(Payout.objects.order_by("pk").values_list("state", "note")) == [
        ("ordered", ""),
        ("returned", "550 5.1.1 No such mailbox"),
        ("paid", ""),
    ]
    assert PayoutBatch.objects.get().problem == "451 4.3.0 Try later"
    mailbox.answers = {}
    assert send_batch(batch, now=NOW + timedelta(minutes=1))
    assert not send_batch(batch, now=NOW + timedelta(minutes=2))
    assert [to for to, _ in mailbox.letters] == [[addresses[2]], [addresses[0]]]
    assert list(Payout.objects.order_by("pk").values_list("state", flat=True)) == ["paid", "returned", "paid"]
    assert reconcile(now=NOW).differences == 0


def test_a_voucher_that_was_taken_back_meanwhile_is_not_sent(place, mailbox):
    opened(place, seats=2, minutes_late=100, severity=2)
    all_out()
    (batch,) = order_payouts(now=NOW)
    line = Remedy.objects.order_by("pk").first()
    reverse_remedy(line.pk, reason="Twice.", acting_user=stories.staff("manager"), now=NOW)
    assert send_batch(batch, now=NOW)
    assert len(mailbox.letters) == 1
    payout = Payout.objects.get(remedy=line)
    assert (payout.state, payout.note) == ("returned", "the voucher is not open any more")
    assert Payout.objects.exclude(remedy=line).get().state == "paid"
    assert reconcile(now=NOW).differences == 0

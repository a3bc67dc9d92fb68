"""Letters by e-mail through a real mail server: whole messages, once for their key, refusals told from hiccups."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from amends.channels.email.channel import Email
from amends.channels.letter import Handed, Letter
from amends.channels.models import Message
from amends.channels.services import NotYet, Outgoing, deliver, queue_messages
from amends.people.models import Customer
from tests.mail_server import Server, listening
from tests.workers import forked

AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with listening(settings) as mind:
        yield mind


def letter(number: int, address: str = "", **more: Any) -> Letter:
    given: dict[str, Any] = {
        "id": number,
        "key": f"action:{number}",
        "customer": "C-1",
        "address": address or f"p-{number}@example.test",
        "locale": "zh-CN",
        "subject": "向您致歉",
        "body": "周雨桐，您好：\n\n航班延误，非常抱歉。",
        "created_at": AT,
    }
    return Letter(**given | more)


def sent(letters: list[Letter]) -> Handed:
    with Email().opened() as send:
        return send(letters)


def test_a_letter_is_a_message_with_all_that_belongs_to_one(server):
    handed = sent([letter(1), letter(2)])
    assert handed.receipts == {
        1: "<action.1@care.northwind.example>",
        2: "<action.2@care.northwind.example>",
    }
    message = server.letters[handed.receipts[1]]
    assert message["From"] == "Northwind Air <care@northwind.example>"
    assert message["To"] == "p-1@example.test"
    assert message["Subject"] == "向您致歉"
    assert message["Date"].datetime == AT
    assert message["Content-Language"] == "zh-CN"
    assert message["List-Unsubscribe"] is None
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content().replace("\r\n", "\n").strip() == letter(1).body


def test_after_a_lost_answer_the_same_message_comes_again(server):
    server.hangs_up = True
    first = sent([letter(1), letter(2)])
    assert not first.receipts
    assert not first.refused
    assert "mail server" in first.later
    again = sent([letter(1), letter(2)])
    assert set(again.receipts) == {1, 2}
    assert server.told == 3
    assert len(server.letters) == 2  # by Message-ID


def test_what_is_refused_for_good_is_told_from_what_may_come_later(server):
    server.answers = {"p-1@example.test": "550 5.1.1 No such mailbox", "p-2@example.test": "451 4.3.0 Try later"}
    handed = sent([letter(1), letter(2), letter(3), letter(4, "nobody")])
    assert set(handed.receipts) == {3}
    assert handed.refused[1] == "550 5.1.1 No such mailbox"
    assert "no e-mail address" in handed.refused[4]
    assert handed.later == "451 4.3.0 Try later"


def test_a_subject_of_several_lines_adds_no_header(server):
    sent([letter(1, subject="Sorry\r\nBcc: all@example.test")])
    (message,) = server.letters.values()
    assert message["Subject"] == "Sorry Bcc: all@example.test"
    assert message["Bcc"] is None


def test_a_server_that_is_down_loses_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_IS_SENT = "127.0.0.1", 1, True
    handed = sent([letter(1)])
    assert not handed.receipts
    assert not handed.refused
    assert handed.later


def test_without_a_server_letters_are_files(settings, tmp_path):
    settings.OUTBOX_PATH, settings.MAIL_IS_SENT = tmp_path / "outbox", False
    handed = sent([letter(1)])
    assert handed.receipts[1].startswith("outbox/email/2026-03-02/")
    assert (tmp_path / handed.receipts[1]).exists()


def queued(number: int) -> list[int]:
    customer = Customer.objects.create(reference="C-1", name="Ann", created_at=AT)
    same = {"thread": "case:1", "customer_id": customer.pk, "channel": "email", "locale": "en", "created_at": AT}
    return queue_messages(
        Outgoing(key=f"action:{n}", address=f"p-{n}@example.test", subject="Sorry", body="We are.", **same)
        for n in range(number)
    )


def deliver_there(port: int, ids: list[int]) -> None:
    """In a process of its own."""
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_IS_SENT = "127.0.0.1", port, True
    settings.PUBLIC_ADDRESS = "https://care.northwind.example"
    deliver(ids, now=AT)


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_letters_sends_one_of_them_twice_at_most(server, settings):
    ids = queued(12)
    server.kills_at = 7
    dies = forked(deliver_there, settings.EMAIL_PORT, ids)
    server.pid = dies.pid
    dies.join(timeout=60)
    assert dies.exitcode == -signal.SIGKILL
    assert Message.objects.filter(state="sent").count() == 6
    assert deliver(ids, now=AT) == 6
    assert (server.told, len(server.letters)) == (13, 12)  # by Message-ID
    assert server.connections == 2  # one for each process


@pytest.mark.django_db
def test_a_server_that_goes_away_is_asked_once_and_the_rest_says_why(server):
    ids = queued(4)
    server.hangs_up = True
    with pytest.raises(NotYet, match="mail server"):
        deliver(ids, now=AT)
    assert server.told == 1
    assert all("mail server" in error for error in Message.objects.values_list("error", flat=True))
    assert deliver(ids, now=AT) == 4
    assert set(Message.objects.values_list("state", "error")) == {("sent", "")}

"""Messages queued set-wise, once for each key, and kept when they come in."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from django.db import connection

from amends.channels.jobs import deliver_messages
from amends.channels.letter import Handed
from amends.channels.models import Message
from amends.channels.services import DELIVER, NotYet, Outgoing, deliver, queue_messages, receive
from amends.people.models import Customer
from amends.policy.trying_again import MOST

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def customer(db: None) -> Customer:
    return Customer.objects.create(reference="C-1", name="Ann", created_at=NOW)


def outgoing(customer: Customer, key: str, subject: str = "subject") -> Outgoing:
    return Outgoing(
        key=key,
        thread="case:1",
        customer_id=customer.pk,
        channel="outbox",
        address="ann@example.com",
        locale="en",
        subject=subject,
        body="tab\tand\nline \\N",
        created_at=NOW,
    )


def test_a_key_is_queued_once_whoever_queues_it_again(customer):
    first = queue_messages([outgoing(customer, "a"), outgoing(customer, "b")])
    assert len(first) == 2
    assert len(queue_messages([outgoing(customer, "b"), outgoing(customer, "c")])) == 1
    assert queue_messages([]) == []
    assert Message.objects.count() == 3
    assert Message.objects.get(key="a").body == "tab\tand\nline \\N"


def test_a_subject_too_long_is_cut_not_refused(customer):
    queue_messages([outgoing(customer, "a", "x" * 500)])
    assert len(Message.objects.get().subject) == 300


class Pigeons:
    """A channel that takes what is even, refuses three, and has no room for the others this time."""

    at_once = 2
    noted = 10

    def __init__(self):
        self.room = False
        self.told = []

    def opened(self):
        return nullcontext(self.send)

    def send(self, letters):
        self.told += [letter.key for letter in letters]
        sorts = {letter.id: int(letter.key) for letter in letters}
        return Handed(
            receipts={id_: f"ring {n}" for id_, n in sorts.items() if n % 2 == 0 or (self.room and n != 3)},
            refused={id_: "550 no such roof" for id_, n in sorts.items() if n == 3},
            later="no pigeon at home",
        )


@pytest.fixture
def pigeons(monkeypatch):
    there = Pigeons()
    monkeypatch.setattr("amends.channels.services.channel", lambda _: there)
    return there


def test_what_went_out_is_noted_what_cannot_is_failed_and_the_rest_comes_again(customer, pigeons):
    ids = queue_messages([outgoing(customer, str(n)) for n in (1, 2, 3, 4)])
    with pytest.raises(NotYet, match="no pigeon"):
        deliver(ids, now=NOW)
    rows = dict(Message.objects.values_list("key", "state"))
    assert rows == {"1": "queued", "2": "sent", "3": "failed", "4": "sent"}
    assert Message.objects.get(key="3").error == "550 no such roof"
    assert Message.objects.get(key="1").error == "no pigeon at home"
    pigeons.room = True
    assert deliver(ids, now=NOW) == 1
    assert pigeons.told == ["1", "2", "3", "4", "1"]
    assert Message.objects.get(key="1").error == ""


class Tried:
    """The context of a job that was tried so often."""

    def __init__(self, attempts):
        self.job = self
        self.attempts = attempts


def test_what_was_tried_often_enough_is_failed_with_the_last_reason(customer, pigeons, monkeypatch):
    monkeypatch.setattr("amends.channels.jobs.present", lambda: NOW)
    ids = queue_messages([outgoing(customer, "1")])
    with pytest.raises(NotYet):
        deliver_messages(Tried(MOST - 1), ids)
    assert Message.objects.get().state == "queued"
    deliver_messages(Tried(MOST), ids)
    assert Message.objects.values_list("state", "error").get() == ("failed", "no pigeon at home")


def test_jobs_are_as_small_as_the_channel_wants_them(customer, pigeons):
    ids = queue_messages([outgoing(customer, str(n)) for n in range(5)])
    with connection.cursor() as cursor:
        cursor.execute("select args -> 'ids' from procrastinate_jobs where task_name = %s order by id", [DELIVER])
        rows = [row[0] if isinstance(row[0], list) else json.loads(row[0]) for row in cursor.fetchall()]
    ours = [row for row in rows if set(row) & set(ids)]  # tests that commit leave jobs behind
    assert ours == [ids[:2], ids[2:4], ids[4:]]


def test_to_whom_nobody_is_nothing_is_sent_but_files(customer, pigeons, settings, tmp_path):
    settings.OUTBOX_PATH = tmp_path / "outbox"
    Customer.objects.update(synthetic=True)
    ids = queue_messages([outgoing(customer, "1")._replace(channel="email")])
    assert deliver(ids, now=NOW) == 1
    assert pigeons.told == []
    assert Message.objects.get().receipt.startswith("outbox/email/")


def test_what_comes_in_twice_is_one_message(customer):
    given = {"thread": "case:1", "customer_id": customer.pk, "channel_name": "outbox", "locale": "en", "subject": "s"}
    one = receive(key="in:1", body="no", now=NOW, **given)
    assert receive(key="in:1", body="no", now=NOW, **given) == one
    assert (one.direction, one.state) == ("in", "received")

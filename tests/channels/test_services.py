"""Messages queued set-wise, once for each key, and kept when they come in."""

from datetime import UTC, datetime

import pytest

from amends.channels.models import Message
from amends.channels.services import Outgoing, queue_messages, receive
from amends.people.models import Customer

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


def test_what_comes_in_twice_is_one_message(customer):
    given = {"thread": "case:1", "customer_id": customer.pk, "channel_name": "outbox", "locale": "en", "subject": "s"}
    one = receive(key="in:1", body="no", now=NOW, **given)
    assert receive(key="in:1", body="no", now=NOW, **given) == one
    assert (one.direction, one.state) == ("in", "received")

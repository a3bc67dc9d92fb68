"""Writes of the channels wing: queue messages in the transaction that needs them, and deliver what is queued, once
(Law 3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection, transaction
from procrastinate.contrib.django import app

from amends.channels.core.message import MESSAGE, RECEIVED
from amends.channels.letter import Letter
from amends.channels.models import Message
from amends.channels.registry import channel
from amends.kernel.instants import instant_of, micros_sql

DELIVER: Final = "channels.deliver"
CHANNELS: Final = "channels"  # queue


class Outgoing(NamedTuple):
    """A message before it has a row; `key` says which one it is, however often it is queued."""

    key: str
    thread: str
    customer_id: int
    channel: str
    address: str
    locale: str
    subject: str
    body: str
    created_at: datetime


@transaction.atomic
def queue_messages(messages: Iterable[Outgoing]) -> list[int]:
    """Queue messages, set-wise, and have them delivered; a key that is there already is passed over. The new rows'
    ids.

    Whoever queues holds the row that the message is about. Two who did not would meet at the unique key: the one who
    comes second gets an IntegrityError, and passes the message over when trying again.
    """
    fresh = {message.key: message for message in messages}
    with connection.cursor() as cursor:
        cursor.execute("select key from channels_message where key = any(%s)", [list(fresh)])
        for (key,) in cursor.fetchall():
            del fresh[key]
        cursor.execute("select nextval('channels_message_id_seq') from generate_series(1, %s)", [len(fresh)])
        ids = [row[0] for row in cursor.fetchall()]
        with cursor.copy(
            """
            copy channels_message (id, key, thread, customer_id, channel, address, locale, subject, body, created_at,
                direction, state, receipt, error) from stdin
            """
        ) as copy:
            for id_, one in zip(ids, fresh.values(), strict=True):
                copy.write_row((id_, *one._replace(subject=one.subject[:300]), "out", MESSAGE.initial, "", ""))
    by_channel: dict[str, list[int]] = {}
    for id_, one in zip(ids, fresh.values(), strict=True):
        by_channel.setdefault(one.channel, []).append(id_)
    for queued in by_channel.values():
        app.configure_task(DELIVER, queue=CHANNELS).defer(ids=queued)
    return ids


@transaction.atomic
def deliver(ids: Sequence[int], *, now: datetime) -> int:
    """Send what is still queued of these messages of one channel, and note it; how many went out.

    The rows stay locked while the channel sends. A process killed in between leaves them queued, and the next one
    sends the same letters in the same place.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select message.channel, message.id, message.key, customer.reference, message.address, message.locale,
                message.subject, message.body, {micros_sql("message.created_at")}
            from channels_message as message join people_customer as customer on customer.id = message.customer_id
            where message.id = any(%s) and message.state = any(%s)
            order by message.id for no key update of message
            """,
            [list(ids), list(MESSAGE.states_with("send"))],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        receipt = channel(rows[0][0]).send([Letter(*row[1:-1], instant_of(row[-1])) for row in rows])
        cursor.execute(
            "update channels_message set state = %s, sent_at = %s, receipt = %s where id = any(%s)",
            [MESSAGE.after("queued", "send"), now, receipt, [row[1] for row in rows]],
        )
    return len(rows)


def receive(
    *, key: str, thread: str, customer_id: int, channel_name: str, locale: str, subject: str, body: str, now: datetime
) -> Message:
    """Keep words that came in; the same key again is the same message."""
    message, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "thread": thread,
            "customer_id": customer_id,
            "direction": Message.Direction.IN,
            "channel": channel_name,
            "locale": locale,
            "subject": subject,
            "body": body,
            "state": RECEIVED,
            "created_at": now,
        },
    )
    return message

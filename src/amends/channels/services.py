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
    ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create temp table outgoing (place serial, key text, thread text, customer_id bigint, channel text,
                address text, locale text, subject text, body text, created_at timestamptz) on commit drop
            """
        )
        with cursor.copy(
            "copy outgoing (key, thread, customer_id, channel, address, locale, subject, body, created_at) from stdin"
        ) as copy:
            for message in messages:
                copy.write_row(message._replace(subject=message.subject[:300]))
        cursor.execute(
            f"""
            insert into channels_message (key, thread, customer_id, direction, channel, address, locale, subject,
                body, state, created_at, receipt, error)
            select key, thread, customer_id, 'out', channel, address, locale, subject, body, '{MESSAGE.initial}',
                created_at, '', ''
            from outgoing order by place
            on conflict (key) do nothing
            returning id, channel
            """
        )
        queued = cursor.fetchall()
        cursor.execute("drop table outgoing")
    by_channel: dict[str, list[int]] = {}
    for id_, name in queued:
        by_channel.setdefault(name, []).append(id_)
    for ids in by_channel.values():
        app.configure_task(DELIVER, queue=CHANNELS).defer(ids=ids)
    return [id_ for id_, _ in queued]


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

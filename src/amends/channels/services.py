"""Writes of the channels wing: queue messages in the transaction that needs them, and deliver what is queued, once
(Law 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from procrastinate.contrib.django import app

from amends.channels.core.message import MESSAGE, RECEIVED
from amends.channels.letter import Letter
from amends.channels.models import Message
from amends.channels.registry import channel

DELIVER: Final = "channels.deliver"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
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
            create temp table outgoing (place serial, key text, thread text, customer_id bigint, channel text, address
            text,
                locale text, subject text, body text, created_at timestamptz) on commit drop
            """
        )
        with cursor.copy(
            "copy outgoing (key, thread, customer_id, channel, address, locale, subject, body, created_at) from stdin"
        ) as copy:
            for message in messages:
                copy.write_row(
                    (
                        message.key,
                        message.thread,
                        message.customer_id,
                        message.channel,
                        message.address,
                        message.locale,
                        message.subject[:300],
                        message.body,
                        message.created_at,
                    )
                )
        cursor.execute(
            f"""
            insert into channels_message (key, thread, customer_id, direction, channel, address, locale, subject,
                body, state,
                created_at, receipt, error)
            select key, thread, customer_id, 'out', channel, address, locale, subject, body, '{MESSAGE.initial}',
                created_at,
                '', ''
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
        app.configure_task(DELIVER, queue="channels").defer(ids=ids)
    return [id_ for id_, _ in queued]


@transaction.atomic
def deliver(ids: Sequence[int], *, now: datetime) -> int:
    """Send what is still queued of these messages of one channel, and note it; how many went out.

    The rows stay locked while the channel sends. A process killed in between leaves them queued, and the next one
    sends the
    same letters in the same place.
    """
    rows = list(
        Message.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=ids, state__in=MESSAGE.states_with("send"))
        .select_related("customer")
        .order_by("pk")
    )
    if not rows:
        return 0
    letters = [
        Letter(
            id=row.pk,
            key=row.key,
            customer=row.customer.reference,
            address=row.address,
            locale=row.locale,
            subject=row.subject,
            body=row.body,
            created_at=row.created_at,
        )
        for row in rows
    ]
    receipt = channel(rows[0].channel).send(letters)
    return Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=MESSAGE.after("queued", "send"), sent_at=now, receipt=receipt
    )


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

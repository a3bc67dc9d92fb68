"""Writes of the channels wing: queue messages in the transaction that needs them, and deliver what is queued, once
(Law 3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection, transaction
from procrastinate.contrib.django import app

from amends.channels.core.message import MESSAGE, RECEIVED
from amends.channels.letter import Channel, Handed, Letter, Send
from amends.channels.models import Message
from amends.channels.outbox.channel import files
from amends.channels.registry import channel
from amends.kernel.instants import instant_of, micros_sql

DELIVER: Final = "channels.deliver"
UNDELIVERED: Final = "channels.undelivered"  # the job of whoever wrote messages that failed: it gets their ids
CHANNELS: Final = "channels"  # queue
SENT_ELSEWHERE: Final = frozenset({"email", "sms"})  # by a server or gateway, where there is one


class NotYet(Exception):
    """Some of the messages did not go out this time; says why. Their job is to be done again."""


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
    for name, queued in by_channel.items():
        most = channel(name).at_once
        for start in range(0, len(queued), most):
            app.configure_task(DELIVER, queue=CHANNELS).defer(ids=queued[start : start + most])
    return ids


def deliver(ids: Sequence[int], *, now: datetime) -> int:
    """Send what is still queued of these messages of one channel, and note what became of each; how many went out.

    What the channel is given together is noted together, and its rows stay locked while it sends. A process killed in
    between leaves them queued, and the next one sends the same letters in the same place. What can never go out is
    failed, with the reason, and whoever wrote it sees to that by a job.

    Raises:
        NotYet: some are still queued; the others are noted.
    """
    rows = Message.objects.filter(pk__in=ids, state__in=MESSAGE.states_with("send")).order_by("pk")
    queued = list(rows.values_list("pk", "channel", "customer__synthetic"))
    # nobody is behind the address of a synthetic customer, or somebody who is none
    parts = {made_up: [id_ for id_, _, synthetic in queued if synthetic == made_up] for made_up in (False, True)}
    delivered = [
        _deliver_by(files(name) if made_up and name in SENT_ELSEWHERE else channel(name), part, now=now)
        for name in [one for _, one, _ in queued[:1]]
        for made_up, part in parts.items()
        if part
    ]
    later = next((why for _, why in delivered if why is not None), None)
    if later is not None:
        raise NotYet(later)
    return sum(sent for sent, _ in delivered)


def _deliver_by(way: Channel, ids: Sequence[int], *, now: datetime) -> tuple[int, str | None]:
    """Send these by one channel, lot by lot; how many went out, and why some did not, if any are left."""
    sent, later = 0, None
    with way.opened() as send:
        for start in range(0, len(ids), way.noted):
            handed, left = _deliver_lot(ids[start : start + way.noted], send, now=now)
            sent += len(handed.receipts)
            if left and later is None:
                later = handed.later
            if handed.away:
                Message.objects.filter(pk__in=ids[start:], state=MESSAGE.initial).update(error=handed.later[:500])
                break
    return sent, later


def _deliver_lot(ids: Sequence[int], send: Send, *, now: datetime) -> tuple[Handed, int]:
    """Send what is still queued of them, and note it; what became of it, and how many are left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            select message.id, message.key, customer.reference, message.address, message.locale, message.subject,
                message.body, {micros_sql("message.created_at")}
            from channels_message as message join people_customer as customer on customer.id = message.customer_id
            where message.id = any(%s) and message.state = any(%s)
            order by message.id for no key update of message
            """,
            [list(ids), list(MESSAGE.states_with("send"))],
        )
        letters = [Letter(*row[:-1], instant_of(row[-1])) for row in cursor.fetchall()]
        if not letters:
            return Handed(), 0
        handed = send(letters)
        cursor.execute(
            """
            update channels_message as message set state = %s, sent_at = %s,
                receipt = left(went.receipt, 200), error = ''
            from unnest(%s::bigint[], %s::text[]) as went (id, receipt) where message.id = went.id
            """,
            [MESSAGE.after("queued", "send"), now, list(handed.receipts), list(handed.receipts.values())],
        )
        if handed.refused:
            cursor.execute(
                """
                update channels_message as message set state = %s, error = left(went.reason, 500)
                from unnest(%s::bigint[], %s::text[]) as went (id, reason) where message.id = went.id
                """,
                [MESSAGE.after("queued", "fail"), list(handed.refused), list(handed.refused.values())],
            )
            _tell_of(list(handed.refused))
        left = [one.id for one in letters if one.id not in handed.receipts and one.id not in handed.refused]
        if left:
            cursor.execute("update channels_message set error = left(%s, 500) where id = any(%s)", [handed.later, left])
    return handed, len(left)


@transaction.atomic
def give_up(ids: Sequence[int]) -> int:
    """Fail what is still queued of these messages, with the reason that stands there; how many."""
    queued = Message.objects.filter(pk__in=ids, state__in=MESSAGE.states_with("fail")).order_by("pk")
    failed = list(queued.select_for_update(no_key=True).values_list("pk", flat=True))
    if failed:
        Message.objects.filter(pk__in=failed).update(state=MESSAGE.after("queued", "fail"))
        _tell_of(failed)
    return len(failed)


def _tell_of(failed: Sequence[int]) -> None:
    """Part of the transaction that fails them."""
    app.configure_task(UNDELIVERED, queue=CHANNELS).defer(ids=list(failed))


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

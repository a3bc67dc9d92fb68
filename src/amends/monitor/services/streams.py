"""Messages of a stream come in: signals, parked messages and the new position in one transaction.

So a process killed at any moment left all of a batch or nothing of it. The position is a bar as well: whoever still
holds a partition that was given to another takes in nothing that is taken in already.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from amends.kernel.text import Localised
from amends.monitor.core.signal import Ahead, SignalIn, Unusable
from amends.monitor.models import ParkedMessage, StreamPosition
from amends.monitor.selectors import unknown_units, why_out_of_reach
from amends.monitor.services.clocks import note_ahead
from amends.monitor.services.intake import accept_signals
from amends.monitor.sources.kafka import Bounds, Partition, Told

KEPT: Final = 2**14  # bytes of a parked message

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of the messages."""

    accepted: int
    duplicate: int
    parked: int
    positions: Mapping[Partition, int]


def positions_within(bounds: Mapping[Partition, Bounds], *, now: datetime) -> dict[Partition, int]:
    """Where to go on in each of these partitions, given where they begin and end.

    A position that is not there goes back to the beginning, and that stays on record: messages may have been deleted
    before they were read, or the topic made anew. What is read again then is known by its ids.
    """
    rows = StreamPosition.objects.filter(topic__in={topic for topic, _ in bounds})
    known = {(row.topic, row.partition): row.position for row in rows}
    found = {}
    for partition, (low, high) in bounds.items():
        at = known.get(partition, low)
        if not low <= at <= high:
            why = Localised(
                en=f"the messages from {at} to {low - 1} were deleted before they were read",
                zh=f"{at} 至 {low - 1} 的消息在读取之前已被删除",
            )
            if at > high:
                why = Localised(
                    en=f"the topic ends at {high}, before our position {at}; made anew, it is read from its start",
                    zh=f"主题末尾为 {high}，早于已读位置 {at}：主题已重建，从头读取",
                )
            log.error("Kafka, %s %s: %s", *partition, why.en)
            _move(partition, low, why=why, now=now)
            at = low
        found[partition] = at
    return found


@transaction.atomic
def take_messages(told: Mapping[Partition, Sequence[Told]], *, now: datetime) -> Taken:
    """Take in messages, each partition's in their order, and move its position on; what was taken in is passed over."""
    positions = _locked(told, now=now)
    good: list[SignalIn] = []
    parked: list[tuple[Partition, Told, Unusable]] = []
    fresh = [
        (partition, one)
        for partition, messages in told.items()
        for one in messages
        if one.offset >= positions[partition]
    ]
    unknown = unknown_units((one.signal.unit for _, one in fresh if one.signal is not None), None)
    for partition, one in fresh:
        fault = one.fault if one.signal is None else why_out_of_reach(one.signal, unknown, None)
        if fault is None and one.signal is not None:
            good.append(one.signal)
        else:
            parked.append((partition, one, fault or Unusable("it tells nothing", "消息没有内容")))
        positions[partition] = one.offset + 1
    counts = accept_signals(good, now=now)
    note_ahead((fault for *_, fault in parked if isinstance(fault, Ahead)), now=now)
    ParkedMessage.objects.bulk_create(
        [_parked(partition, one, fault.said, now) for partition, one, fault in parked],
        ignore_conflicts=True,
        batch_size=1_000,
    )
    for (topic, partition), position in positions.items():
        StreamPosition.objects.filter(topic=topic, partition=partition).update(position=position, updated_at=now)
    return Taken(accepted=counts.accepted, duplicate=counts.duplicate, parked=len(parked), positions=positions)


@transaction.atomic
def _move(partition: Partition, position: int, *, why: Localised, now: datetime) -> None:
    _locked({partition: ()}, now=now)
    topic, number = partition
    row = StreamPosition.objects.get(topic=topic, partition=number)
    ParkedMessage.objects.bulk_create([_parked(partition, Told(offset=row.position), why, now)], ignore_conflicts=True)
    row.position, row.updated_at = position, now
    row.save(update_fields=["position", "updated_at"])


def _locked(partitions: Mapping[Partition, object], *, now: datetime) -> dict[Partition, int]:
    """Their positions, which nobody else changes until the transaction ends; in one order, so that none waits in a
    circle."""
    ordered = sorted(partitions)
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into monitor_streamposition (topic, partition, position, updated_at) values (%s, %s, 0, %s)
            on conflict (topic, partition) do nothing
            """,
            [(topic, partition, now) for topic, partition in ordered],
        )
    found = {}
    for topic, partition in ordered:
        row = StreamPosition.objects.select_for_update().get(topic=topic, partition=partition)
        found[topic, partition] = row.position
    return found


def _parked(partition: Partition, told: Told, said: Localised, now: datetime) -> ParkedMessage:
    topic, number = partition
    return ParkedMessage(
        topic=topic,
        partition=number,
        offset=told.offset,
        key=told.key[:KEPT] if told.key is not None else None,
        value=told.value[:KEPT] if told.value is not None else None,
        size=len(told.value or b""),
        said_en=said.en.replace("\0", "�")[:500],
        said_zh=said.zh.replace("\0", "�")[:500],
        parked_at=now,
    )

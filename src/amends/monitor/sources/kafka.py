"""Messages of Kafka topics as CloudEvents: what one tells, and the consumer that reads them from where we say.

Positions belong to whoever keeps the signals (services/streams.py); the broker is told of them only so that its own
tools can show how far we are.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from amends.monitor.core.intake import LONGEST_LINE
from amends.monitor.core.signal import SignalIn, Unusable, signal_from_cloudevent

AT_ONCE: Final = 5_000  # messages
WAIT: Final = 0.5  # seconds for the first of them
LONGEST_ANSWER: Final = 10.0  # seconds
STRUCTURED: Final = "application/cloudevents+json"
_BINARY: Final = "ce_"  # headers that begin so are attributes, in the binary form of the protocol binding
_OURS: Final = {  # whoever configures the consumer does not get to change these
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # a position that is gone is our business, see services/streams.py
    "partition.assignment.strategy": "range,roundrobin",
}
Partition = tuple[str, int]
Bounds = tuple[int, int]


class KafkaSettingsError(ValueError):
    """What is said of Kafka cannot be used; says what."""


@dataclass(frozen=True, kw_only=True)
class KafkaSettings:
    """Which topics of which cluster are read, and as which group."""

    servers: str
    topics: tuple[str, ...]
    group: str = "amends"
    more: Mapping[str, str] = field(default_factory=dict)  # of librdkafka: security and the like

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self | None:
        """As the environment says; None if it says nothing of Kafka.

        Raises:
            KafkaSettingsError: topics are missing, or the file of further settings can't be read.
        """
        servers = environment.get("AMENDS_KAFKA", "")
        if not servers:
            return None
        topics = tuple(filter(None, (one.strip() for one in environment.get("AMENDS_KAFKA_TOPICS", "").split(","))))
        if not topics:
            raise KafkaSettingsError("AMENDS_KAFKA needs AMENDS_KAFKA_TOPICS, with commas between")
        file = environment.get("AMENDS_KAFKA_CONFIG")
        return cls(
            servers=servers,
            topics=topics,
            group=environment.get("AMENDS_KAFKA_GROUP") or "amends",
            more=_properties(Path(file)) if file else {},
        )

    def consumer(self, *, tells_end: bool = False) -> Consumer:
        """A consumer that has joined nothing yet.

        Args:
            tells_end: whether it tells when a partition has no more messages.

        Raises:
            KafkaSettingsError: librdkafka does not know such a setting.
        """
        given = {**self.more, "bootstrap.servers": self.servers, "group.id": self.group, **_OURS}
        given["enable.partition.eof"] = tells_end
        try:
            return Consumer(given)
        except KafkaException as error:
            raise KafkaSettingsError(f"Kafka can't be set up: {error.args[0].str()}") from None


def _properties(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise KafkaSettingsError(f"AMENDS_KAFKA_CONFIG {path}: {error}") from None
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise KafkaSettingsError(f"AMENDS_KAFKA_CONFIG {path}, line {number}: NAME=VALUE is needed")
        found[name.strip()] = value.strip()
    return found


@dataclass(frozen=True, kw_only=True)
class Told:
    """One message and what it tells: a signal, or why none."""

    offset: int
    signal: SignalIn | None = None
    fault: Unusable | None = None
    key: bytes | None = None
    value: bytes | None = None


def told_by(message: Message, *, now: datetime) -> Told:
    """What a message tells. It never raises: a message that is no signal is told with its fault."""
    key, value = message.key(), message.value()
    signal, fault = told_in(message.headers() or (), value, now=now)
    return Told(offset=message.offset(), key=key, value=value, signal=signal, fault=fault)


def told_in(
    headers: Sequence[tuple[str, bytes | None]], value: bytes | None, *, now: datetime
) -> tuple[SignalIn | None, Unusable | None]:
    """The signal in a message, or why there is none."""
    try:
        return signal_from_cloudevent(_event(headers, value), now=now), None
    except Unusable as fault:
        return None, fault


def _event(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> object:
    if value is None:
        raise Unusable("the message is empty", "消息为空")
    if len(value) > LONGEST_LINE:
        raise Unusable("the message is longer than any signal", "消息过长")
    attributes = {}
    for name, said in headers:
        if name.lower().startswith(_BINARY):
            try:
                attributes[name.lower().removeprefix(_BINARY)] = (said or b"").decode("utf-8")
            except UnicodeDecodeError:
                raise Unusable(f"the header {name} is no UTF-8", f"消息头 {name} 不是 UTF-8") from None
    try:
        parsed = orjson.loads(value) if value or not attributes else None
    except orjson.JSONDecodeError:
        raise Unusable("the message is no JSON", "消息不是 JSON") from None
    return {**attributes, "data": parsed} if "specversion" in attributes else parsed


class Reader:
    """A member of the group: reads its partitions from where `positions` says.

    That is asked whenever partitions are given to us, and told for each the first position that there is, and the one
    after the last.
    """

    def __init__(
        self, settings: KafkaSettings, positions: Callable[[Mapping[Partition, Bounds]], Mapping[Partition, int]]
    ) -> None:
        self._consumer = settings.consumer()
        self._positions = positions
        self._paused = False
        self._consumer.subscribe(list(settings.topics), on_assign=self._assigned)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def read(self) -> dict[Partition, list[Message]]:
        """The next messages of each partition in their order; nothing after a short wait.

        Raises:
            KafkaException: the cluster refuses us, or a position is not there any more; join anew to be told where to
                go on.
        """
        found: dict[Partition, list[Message]] = {}
        for message in self._consumer.consume(AT_ONCE, WAIT):
            error = message.error()
            if error is None:
                found.setdefault((message.topic(), message.partition()), []).append(message)
            elif error.fatal() or not passes(error):
                raise KafkaException(error)
        return found

    def pause(self, wanted: bool) -> None:
        """Stay a member and read nothing; or read on."""
        partitions = self._consumer.assignment()
        if partitions and (wanted or self._paused):
            (self._consumer.pause if wanted else self._consumer.resume)(partitions)
        self._paused = wanted

    def tell_broker(self, positions: Mapping[Partition, int]) -> None:
        """For the tools of whoever looks after the cluster; nothing rests on it."""
        self._consumer.commit(offsets=[TopicPartition(*one, at) for one, at in positions.items()], asynchronous=True)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        bounds = {
            (one.topic, one.partition): consumer.get_watermark_offsets(one, timeout=LONGEST_ANSWER)
            for one in partitions
        }
        positions = self._positions(bounds)
        for one in partitions:
            one.offset = positions[one.topic, one.partition]
        consumer.assign(partitions)
        self._paused = False


def passes(error: Any) -> bool:
    """Whether an error passes by itself: librdkafka goes on trying, and so do we."""
    return bool(error.retriable()) or error.code() in {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._RESOLVE,
        KafkaError._TIMED_OUT,
        KafkaError._PARTITION_EOF,
        KafkaError._MAX_POLL_EXCEEDED,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
    }


def kafka_settings() -> KafkaSettings | None:
    """As this process's environment says."""
    return KafkaSettings.of(os.environ)

"""Kafka topics as a stream of Spark's: a worker reads its piece of a partition with the consumer of one machine.

Spark keeps the positions, with its checkpoint: of each partition the offset that comes next. The driver says up to
where a batch goes; what a batch is to read is the same whoever reads it, and however often.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Final

import pyarrow as pa
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow
from pyspark.sql.types import StructType

from amends.monitor.sources.kafka import AT_ONCE, LONGEST_ANSWER, WAIT, Bounds, KafkaSettings, Partition, passes

FORMAT: Final = "amends_topics"
SETTINGS: Final = "secret_settings"  # Spark redacts an option of such a name wherever it shows options
AT_MOST: Final = "at_most"  # messages a batch
PATIENCE: Final = 60.0  # seconds without a message that the broker said was there
_COLUMNS: Final = (
    "timestamp timestamp, topic string, partition int, offset bigint, value binary, "
    "headers array<struct<key: string, value: binary>>"
)
_ARROW: Final = pa.schema(
    [
        ("timestamp", pa.timestamp("us", "UTC")),
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("value", pa.binary()),
        ("headers", pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))),
    ]
)
Positions = dict[str, int]  # as Spark keeps them: by `topic/partition`

log = logging.getLogger(__name__)


def options_of(settings: KafkaSettings, *, at_most: int) -> dict[str, str]:
    """What the stream is to be told: which topics, and how many messages a batch has at most."""
    return {SETTINGS: json.dumps(asdict(settings)), AT_MOST: str(at_most)}


class TopicsSource(DataSource):
    """The messages of topics, from the oldest on; the options are those of `options_of`."""

    @classmethod
    def name(cls) -> str:
        """The format of the stream."""
        return FORMAT

    def schema(self) -> str:
        """A row is a message."""
        return _COLUMNS

    def streamReader(self, schema: StructType) -> "TopicsReader":  # noqa: N802 -- Spark calls it so
        """Who reads them."""
        del schema
        told = json.loads(self.options[SETTINGS])
        settings = KafkaSettings(**told | {"topics": tuple(told["topics"])})
        return TopicsReader(settings, at_most=int(self.options[AT_MOST]))


@dataclass(frozen=True)
class Piece(InputPartition):
    """Of a partition, the messages from `first` on that come before `end`."""

    topic: str
    number: int
    first: int
    end: int


class TopicsReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Plans batches where the driver is, and reads their pieces where the workers are."""

    def __init__(self, settings: KafkaSettings, *, at_most: int) -> None:
        self._settings, self._at_most = settings, at_most
        self._there: dict[Partition, Bounds] | None = None

    def initialOffset(self) -> Positions:  # noqa: N802 -- Spark calls it so
        """A partition without a position begins with the oldest message that there is."""
        return {}

    def getDefaultReadLimit(self) -> ReadLimit:  # noqa: N802 -- Spark calls it so
        """Of a batch."""
        return ReadMaxRows(self._at_most)

    def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802 -- Spark calls it so
        """What comes from now on is for the next time."""
        self._there = self._bounds()

    def latestOffset(self, start: Positions, limit: ReadLimit) -> Positions:  # noqa: N802 -- Spark calls it so
        """Up to where the next batch goes: each partition in proportion to what it has waiting."""
        there = self._bounds() if self._there is None else self._there
        first = {of: _going_on(of, start.get(_name(of)), bounds) for of, bounds in there.items()}
        waiting = {of: high - first[of] for of, (_, high) in there.items()}
        total = sum(waiting.values())
        most = min(total, limit.max_rows) if isinstance(limit, ReadMaxRows) else total
        return start | {
            _name(of): first[of] + (-(-count * most // total) if count else 0)  # rounded up: all get on
            for of, count in waiting.items()
            if count or first[of] != start.get(_name(of), first[of])
        }

    def partitions(self, start: Positions, end: Positions) -> list[Piece]:
        """The pieces of a batch: a worker each."""
        pieces = []
        for name, until in end.items():
            topic, number = name.rsplit("/", 1)
            since = start.get(name, 0)
            if since != until:  # a position that went back: the topic was made anew
                pieces.append(Piece(topic, int(number), since if since < until else 0, until))
        return pieces

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The messages of a piece.

        Raises:
            KafkaException: the cluster refuses us.
            TimeoutError: it gives nothing of what it said was there.
        """
        piece = partition
        with closing(self._settings.consumer(tells_end=True)) as consumer:
            place = TopicPartition(piece.topic, piece.number)
            low, _ = consumer.get_watermark_offsets(place, timeout=LONGEST_ANSWER)
            at, since = max(piece.first, low), time.monotonic()
            consumer.assign([TopicPartition(piece.topic, piece.number, at)])
            while at < piece.end:
                messages, now_at = _next(consumer, at, piece.end)
                if messages:
                    yield _table(messages)
                if now_at != at:
                    at, since = now_at, time.monotonic()
                elif time.monotonic() - since > PATIENCE:
                    raise TimeoutError(f"Kafka, {piece.topic} {piece.number}: nothing came from {at} on")

    def _bounds(self) -> dict[Partition, Bounds]:
        """Where the partitions begin and end; none while the cluster is away, as it is asked again soon."""
        try:
            with closing(self._settings.consumer()) as consumer:
                return {
                    one: consumer.get_watermark_offsets(TopicPartition(*one), timeout=LONGEST_ANSWER)
                    for topic in self._settings.topics
                    for one in _partitions(consumer, topic)
                }
        except KafkaException as error:
            if not passes(error.args[0]):
                raise
            log.warning("Kafka, %s: %s", self._settings.servers, error.args[0].str())
            return {}


def _partitions(consumer: Consumer, topic: str) -> list[Partition]:
    told = consumer.list_topics(topic, timeout=LONGEST_ANSWER).topics[topic]
    if told.error is not None:
        raise KafkaException(told.error)
    return [(topic, number) for number in sorted(told.partitions)]


def _name(partition: Partition) -> str:
    topic, number = partition
    return f"{topic}/{number}"


def _going_on(partition: Partition, position: int | None, bounds: Bounds) -> int:
    """From where on a partition is read; from its start where the position is not there."""
    low, high = bounds
    if position is None or low <= position <= high:
        return low if position is None else position
    if position < low:
        log.error("Kafka, %s %s: the messages from %s to %s were deleted unread", *partition, position, low - 1)
    else:
        log.error("Kafka, %s %s: it ends before our position %s; read from its start", *partition, position)
    return low


def _next(consumer: Consumer, at: int, end: int) -> tuple[list[Message], int]:
    """Messages from `at` on that come before `end`, and where to go on; offsets may have no message."""
    found = []
    for message in consumer.consume(min(AT_ONCE, end - at), WAIT):
        error = message.error()
        if error is None:
            at = message.offset() + 1
            if at <= end:
                found.append(message)
        elif error.code() == KafkaError._PARTITION_EOF:
            at = max(at, message.offset())
        elif error.fatal() or not passes(error):
            raise KafkaException(error)
    return found, at


def _table(messages: list[Message]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([_row(one) for one in messages], _ARROW)


def _row(message: Message) -> Mapping[str, object]:
    _, milliseconds = message.timestamp()
    return {
        "timestamp": milliseconds * 1_000,
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "value": message.value(),
        "headers": [{"key": name, "value": said} for name, said in message.headers() or ()],
    }

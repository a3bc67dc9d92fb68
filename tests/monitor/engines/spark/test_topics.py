"""Topics of Kafka as a stream of Spark's: every message once and in order, in batches that are the same when repeated.

The peer is librdkafka's mock cluster, over its protocol; the workers are processes of their own.
"""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadMaxRows

from amends.monitor.sources import topics_on_spark
from amends.monitor.sources.kafka import KafkaSettings
from amends.monitor.sources.on_spark import Topics
from amends.monitor.sources.topics_on_spark import Piece, TopicsReader
from tests.brokers import Brokers

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.early,
]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def brokers() -> Brokers:
    return Brokers.two()


def numbers(*wanted: int) -> list[bytes]:
    return [str(number).encode() for number in wanted]


def reader(settings: KafkaSettings, at_most: int = 100) -> TopicsReader:
    return TopicsReader(settings, at_most=at_most)


def read(one: TopicsReader, *pieces: Piece) -> list[bytes]:
    return [row["value"] for piece in pieces for batch in one.read(piece) for row in batch.to_pylist()]


def batches(spark: Any, topics: Topics, checkpoint: Path) -> list[list[tuple[Any, ...]]]:
    """What a stream gives from where the checkpoint is, until there is no more: partition, offset, value, headers."""
    seen: list[list[tuple[Any, ...]]] = []

    def note(rows: Any, _: int) -> None:
        told = rows.select("partition", "offset", "value", "headers").collect()
        seen.append(sorted((row[0], row[1], bytes(row[2]), row[3]) for row in told))

    query = topics.stream(spark).writeStream.foreachBatch(note).trigger(availableNow=True)
    query.option("checkpointLocation", str(checkpoint)).start().awaitTermination()
    return seen


def test_every_message_comes_once_in_batches_that_are_the_same_when_repeated(
    spark: Any, brokers: Brokers, tmp_path: Path
) -> None:
    topics = Topics(settings=brokers.settings(), at_once=20)
    brokers.send(*numbers(*range(30)), partition=0)
    brokers.send(*numbers(*range(6)), partition=1, headers=[("ce_id", b"1")])
    first = batches(spark, topics, tmp_path)
    assert [len(batch) for batch in first] == [21, 15]  # five sixths of 20 and a sixth, rounded up; and the rest
    everything = [row[:3] for batch in first for row in batch]
    assert sorted(everything) == [
        (partition, n, str(n).encode()) for partition, count in ((0, 30), (1, 6)) for n in range(count)
    ]
    assert {(row[0], row[3][0]["key"] if row[3] else None) for batch in first for row in batch} == {
        (0, None),
        (1, "ce_id"),
    }
    for done in (tmp_path / "commits").glob("*1*"):  # with its checksum
        done.unlink()  # as whoever was killed before it was noted that the batch is done
    brokers.send(b"more", partition=3)
    assert batches(spark, topics, tmp_path) == [first[1], [(3, 0, b"more", [])]]
    assert batches(spark, topics, tmp_path) == []


def test_messages_of_topics_are_signals_in_the_order_of_the_brokers(
    spark: Any, brokers: Brokers, tmp_path: Path
) -> None:
    told = {
        "specversion": "1.0",
        "id": "1",
        "source": "s",
        "type": "open",
        "subject": "a",
        "time": "2026-03-02T12:00:00Z",
    }
    binary = [(f"ce_{name}", value.encode()) for name, value in (told | {"id": "2"}).items()]

    def at(minutes: int) -> int:
        return int((NOON + minutes * MINUTE).timestamp() * 1_000)

    brokers.send(b'{"late": 5}', partition=0, headers=binary, timestamp=at(1))
    brokers.send(json.dumps(told).encode(), partition=1, timestamp=at(0))
    brokers.send(b"no JSON", partition=0, timestamp=at(2))
    topics = Topics(settings=brokers.settings())
    found: list[tuple[list[dict[str, Any]], int]] = []

    def note(rows: Any, _: int) -> None:
        arrived, places = topics.arrived(rows, first=40, now=NOON)
        found.append((sorted(arrived.toArrow().to_pylist(), key=lambda row: row["seq"]), places))

    query = topics.stream(spark).writeStream.foreachBatch(note).trigger(availableNow=True)
    query.option("checkpointLocation", str(tmp_path)).start().awaitTermination()
    ((rows, places),) = found
    assert places == 3
    assert [(row["seq"], row["id"], row["file"], row["row"]) for row in rows] == [
        (40, "1", "signals/1", 0),
        (41, "2", "signals/0", 0),
        (42, None, "signals/0", 1),
    ]
    assert [(row["data"], row["fault"]) for row in rows] == [
        (None, None),
        ('{"late":5}', None),
        (None, "the message is no JSON"),
    ]


def test_what_was_deleted_unread_is_passed_over_and_said(brokers: Brokers, caplog: pytest.LogCaptureFixture) -> None:
    brokers.send(*(bytes(500_000) for _ in range(14)))  # of a partition it keeps five million bytes
    one = reader(brokers.settings())
    with caplog.at_level(logging.ERROR):
        end = one.latestOffset({"signals/0": 1}, ReadAllAvailable())
    assert end["signals/0"] == 14
    assert "Kafka, signals 0: the messages from 1 to" in caplog.text
    (piece,) = (piece for piece in one.partitions({"signals/0": 1}, end) if piece.number == 0)
    kept = len(read(one, piece))
    assert 0 < kept < 13
    assert f"from 1 to {13 - kept} were deleted unread" in caplog.text


def test_a_topic_made_anew_is_read_from_its_start(brokers: Brokers, caplog: pytest.LogCaptureFixture) -> None:
    brokers.send(*numbers(0, 1))
    one = reader(brokers.settings())
    before = {"signals/0": 50, "signals/1": 4}
    with caplog.at_level(logging.ERROR):
        end = one.latestOffset(before, ReadMaxRows(10))
    assert {name: end[name] for name in before} == {"signals/0": 2, "signals/1": 0}
    assert "Kafka, signals 0: it ends before our position 50" in caplog.text
    assert read(one, *one.partitions(before, end)) == numbers(0, 1)


def test_what_comes_after_a_look_began_is_for_the_next(brokers: Brokers) -> None:
    brokers.send(*numbers(0))
    one = reader(brokers.settings())
    one.prepareForTriggerAvailableNow()
    brokers.send(*numbers(1))
    end = one.latestOffset({}, ReadAllAvailable())
    assert end == {"signals/0": 1}
    assert one.latestOffset(end, ReadAllAvailable()) == end
    assert reader(brokers.settings()).latestOffset(end, ReadAllAvailable()) == {"signals/0": 2}


def test_without_its_brokers_nothing_is_new(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(topics_on_spark, "LONGEST_ANSWER", 0.2)
    away = reader(KafkaSettings(servers="127.0.0.1:1", topics=("signals",)))
    away.prepareForTriggerAvailableNow()
    assert away.latestOffset({"signals/0": 3}, ReadAllAvailable()) == {"signals/0": 3}
    assert "Kafka, 127.0.0.1:1:" in caplog.text


def test_a_broker_that_gives_nothing_of_what_it_said_it_has_fails_the_piece(
    brokers: Brokers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics_on_spark, "PATIENCE", 0.1)
    brokers.send(*numbers(0))
    one = reader(brokers.settings())
    with pytest.raises(TimeoutError, match="Kafka, signals 0: nothing came from 1 on"):
        read(one, Piece("signals", 0, 0, 5))

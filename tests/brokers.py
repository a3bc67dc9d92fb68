"""Brokers of Kafka in this process, spoken with over their protocol: librdkafka's mock cluster."""

from dataclasses import dataclass
from typing import Any, Self

from confluent_kafka import Producer

from amends.monitor.sources.kafka import KafkaSettings

_QUICK = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "500"}


@dataclass(frozen=True, kw_only=True)
class Brokers:
    """They are there as long as this is."""

    producer: Producer
    servers: str

    @classmethod
    def two(cls) -> Self:
        """Two of them, without messages."""
        producer = Producer({"test.mock.num.brokers": 2, "bootstrap.servers": "mock", "log_level": 3})
        brokers = producer.list_topics(timeout=20).brokers.values()
        return cls(producer=producer, servers=",".join(f"{one.host}:{one.port}" for one in brokers))

    def send(self, *values: bytes | None, partition: int = 0, topic: str = "signals", **more: Any) -> None:
        """Put messages at the end of a partition; they are there when this is over."""
        for value in values:
            self.producer.produce(topic, value, partition=partition, **more)
        assert self.producer.flush(20) == 0

    def settings(self, group: str = "amends", topic: str = "signals") -> KafkaSettings:
        """Of one who reads a topic, and is soon missed by its group."""
        return KafkaSettings(servers=self.servers, topics=(topic,), group=group, more=_QUICK)

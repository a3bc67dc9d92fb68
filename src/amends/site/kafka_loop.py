"""The process that reads Kafka topics, where AMENDS_KAFKA says so. As many may run as there are partitions.

Whatever goes wrong between us, the cluster and the database, it leaves the group, waits and joins again: where to go
on stands in the database.
"""

import logging
import signal
import sys
from collections.abc import Callable
from threading import Event
from typing import Final

from confluent_kafka import KafkaException

from amends.monitor.sources.kafka import KafkaSettings, KafkaSettingsError, Reader, kafka_settings, told_by
from amends.site.loading import load_django

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds after trouble, doubling

log = logging.getLogger(__name__)


def read_topics(
    settings: KafkaSettings, stop: Event, *, each_look: Callable[[int], None] = lambda _taken: None
) -> None:
    """Read until stopped. `each_look` is told how many messages each look took in."""
    from django.db import DatabaseError, close_old_connections

    wait: Final = [FIRST_WAIT]
    while not stop.is_set():
        try:
            close_old_connections()
            _read(settings, stop, each_look, wait)
        except (KafkaException, DatabaseError) as error:
            log.warning("Kafka: %s; again in %.0f seconds", error, wait[0])
            stop.wait(wait[0])
            wait[0] = min(2 * wait[0], LONGEST_WAIT)


def _read(settings: KafkaSettings, stop: Event, each_look: Callable[[int], None], wait: list[float]) -> None:
    from django.conf import settings as django_settings

    from amends.monitor.core.intake import seconds_to_wait
    from amends.monitor.selectors import backlog
    from amends.monitor.services.streams import positions_within, take_messages
    from amends.policy.present import present

    reader = Reader(settings, lambda bounds: positions_within(bounds, now=present()))
    try:
        while not stop.is_set():
            reader.pause(bool(seconds_to_wait(backlog(), django_settings.SIGNALS_BACKLOG)))
            found = reader.read()
            now = present()
            told = {partition: [told_by(one, now=now) for one in messages] for partition, messages in found.items()}
            if told:
                taken = take_messages(told, now=now)
                reader.tell_broker(taken.positions)
                wait[0] = FIRST_WAIT
            each_look(sum(map(len, told.values())))
    finally:
        reader.close()


def main() -> None:
    """`python -m amends.site.kafka_loop`."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = kafka_settings()
    except KafkaSettingsError as error:
        sys.exit(str(error))
    if settings is None:
        sys.exit("AMENDS_KAFKA is not set: there is no cluster to read from.")
    load_django()
    from amends.site.monitor_loop import wait_for_set_up

    if wait_for_set_up(stop):
        read_topics(settings, stop)


if __name__ == "__main__":
    main()

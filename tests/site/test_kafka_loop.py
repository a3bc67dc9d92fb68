"""Signals from Kafka, spoken with over its protocol: librdkafka's mock cluster is the peer.

Nothing is lost and nothing comes twice, whoever is killed, joins or leaves; what is no signal is parked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.monitor.models import MonitorProgress, ParkedMessage, Signal, SourceClock, StreamPosition
from amends.monitor.sources.kafka import KafkaSettings
from amends.people.services import plant_units
from amends.policy.models import Deployment
from amends.policy.present import present
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.site.kafka_loop import read_topics
from amends.site.postgres.locks import wait_until
from tests.brokers import Brokers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.early(turn=0)]
PATIENCE = 60.0  # seconds; the mock cluster lets three pass before it gives a group its partitions


@pytest.fixture(autouse=True)
def _company(transactional_db: None) -> None:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    plant_units([("AAA", None, "Alpha", "甲站")])
    publish_blueprint(load_shipped("airline"), name="airline", now=present(), acting_user="test")


@pytest.fixture
def cluster() -> Brokers:
    return Brokers.two()


@pytest.fixture
def reading(cluster: Brokers) -> Iterator[Callable[..., Event]]:
    """Members of the group, each in a thread, until the test is over or says so."""
    members: list[tuple[Event, Thread]] = []

    def begin(settings: KafkaSettings | None = None) -> Event:
        given, stop = settings or cluster.settings(), Event()

        def run() -> None:
            try:
                read_topics(given, stop)
            finally:
                connections.close_all()

        member = Thread(target=run)
        members.append((stop, member))
        member.start()
        return stop

    yield begin
    for stop, _ in members:
        stop.set()
    for _, member in members:
        member.join(30)


def event(number: int, **changes: Any) -> bytes:
    told = {
        "specversion": "1.0",
        "id": f"{number}",
        "source": "ops",
        "type": "flight.departed",
        "subject": f"F{number}",
        "time": "2026-03-02T09:00:00Z",
        **changes,
    }
    return json.dumps(told).encode()


def kept() -> int:
    return Signal.objects.count()


def position(partition: int = 0) -> int | None:
    return StreamPosition.objects.filter(partition=partition).values_list("position", flat=True).first()


def test_messages_become_signals_and_the_position_goes_with_them(
    cluster: Brokers, reading: Callable[..., Event]
) -> None:
    cluster.send(*(event(n) for n in range(50)), partition=0)
    cluster.send(*(event(n) for n in range(50, 80)), partition=1)
    reading()
    assert wait_until(lambda: kept() == 80, seconds=PATIENCE)
    assert (position(0), position(1)) == (50, 30)


def test_what_is_no_signal_is_parked_with_its_reason_and_the_partition_goes_on(
    cluster: Brokers, reading: Callable[..., Event]
) -> None:
    late = (present() + timedelta(hours=1)).isoformat()
    poison = [b"\xff\xfe", b"{", b"[1]", None, event(2, type=None), event(3, unit="NOWHERE")]
    cluster.send(event(1), *poison, event(4, time=late), event(5, unit="AAA"), key=b"k")
    reading()
    assert wait_until(lambda: position() == len(poison) + 3, seconds=PATIENCE)
    assert set(Signal.objects.values_list("signal_id", flat=True)) == {"1", "5"}
    parked = list(ParkedMessage.objects.order_by("offset"))
    assert [one.offset for one in parked] == list(range(1, len(poison) + 2))
    assert all(one.said_en and one.said_zh and bytes(one.key or b"") == b"k" for one in parked)
    assert bytes(parked[0].value or b"") == b"\xff\xfe"
    assert "NOWHERE" in parked[-2].said_en
    assert SourceClock.objects.get().refused == 1


def test_the_binary_form_is_read_too(cluster: Brokers, reading: Callable[..., Event]) -> None:
    told = json.loads(event(1, unit="AAA"))
    headers = [(f"ce_{name}", value.encode()) for name, value in told.items()]
    cluster.send(b'{"gate": "B7"}', headers=[*headers, ("content-type", b"application/json")])
    reading()
    assert wait_until(lambda: kept() == 1, seconds=PATIENCE)
    assert (Signal.objects.get().data, Signal.objects.get().unit) == ({"gate": "B7"}, "AAA")


def test_members_come_and_go_and_nothing_is_lost_or_comes_twice(
    cluster: Brokers, reading: Callable[..., Event]
) -> None:
    for partition in range(4):
        cluster.send(*(event(n) for n in range(partition * 100, partition * 100 + 50)), partition=partition)
    first = reading()
    assert wait_until(lambda: kept() == 200, seconds=PATIENCE)
    reading()
    for partition in range(4):
        cluster.send(*(event(n) for n in range(partition * 100 + 50, partition * 100 + 80)), partition=partition)
    assert wait_until(lambda: kept() == 320, seconds=PATIENCE)
    first.set()
    for partition in range(4):
        cluster.send(*(event(n) for n in range(partition * 100 + 80, partition * 100 + 100)), partition=partition)
    assert wait_until(lambda: kept() == 400, seconds=PATIENCE)
    assert wait_until(lambda: [position(n) for n in range(4)] == [100] * 4, seconds=PATIENCE)
    assert not ParkedMessage.objects.exists()


def test_a_killed_process_left_all_of_a_batch_or_nothing(cluster: Brokers, reading: Callable[..., Event]) -> None:
    cluster.send(*(event(n) for n in range(20_000)))
    given = connection.get_connection_params()
    known = {"dbname", "user", "password", "host", "port"}
    url = make_conninfo(**{name: value for name, value in given.items() if name in known and value})
    environment = {"DATABASE_URL": url, "AMENDS_KAFKA": cluster.servers, "AMENDS_KAFKA_TOPICS": "signals"}
    process = subprocess.Popen(
        [sys.executable, "-m", "amends.site.kafka_loop"], env={**os.environ, **environment, "AMENDS_LOG": "ERROR"}
    )
    try:
        assert wait_until(lambda: kept() > 0, seconds=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert kept() == position(), "signals and position are of one transaction"
    reading(cluster.settings(group="another"))  # the killed member keeps its partitions until its session ends
    assert wait_until(lambda: kept() == 20_000, seconds=PATIENCE)
    assert position() == 20_000
    assert not ParkedMessage.objects.exists()


def test_a_position_that_is_not_there_goes_back_to_the_beginning_and_that_is_on_record(
    cluster: Brokers, reading: Callable[..., Event]
) -> None:
    StreamPosition.objects.create(topic="signals", partition=0, position=900, updated_at=present())
    cluster.send(event(1), event(2))
    reading()
    assert wait_until(lambda: kept() == 2, seconds=PATIENCE)
    assert position() == 2
    parked = ParkedMessage.objects.get()
    assert parked.offset == 900
    assert "made anew" in parked.said_en


def test_reading_waits_while_the_monitor_is_too_far_behind(
    cluster: Brokers, reading: Callable[..., Event], settings: Any
) -> None:
    settings.SIGNALS_BACKLOG = 5
    cluster.send(*(event(n) for n in range(10)))
    reading()
    assert wait_until(lambda: kept() == 10, seconds=PATIENCE)
    cluster.send(*(event(n) for n in range(10, 20)))
    assert not wait_until(lambda: kept() > 10, seconds=3)
    MonitorProgress.objects.create(stream="s", position="1", updated_at=present(), read_to=2**40)
    assert wait_until(lambda: kept() == 20, seconds=PATIENCE)

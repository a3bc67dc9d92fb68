"""One cancelled flight is told over HTTP, by Kafka, in a file and in an uploaded table: it is one failure."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from confluent_kafka import Producer
from django.test import Client
from django.utils import timezone

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.monitor.models import Failure, IntakeFile, ParkedMessage, Signal, StreamPosition
from amends.monitor.services.uploads import keep_upload, move_upload, take_upload
from amends.monitor.sources.folder import DONE, Folder
from amends.monitor.sources.kafka import KafkaSettings
from amends.people.services import create_api_token, create_staff, plant_units
from amends.policy.models import Deployment
from amends.policy.present import present
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.site.inbox import take_in
from amends.site.kafka_loop import read_topics
from amends.site.ring import Watch

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cancelled_flight_told_four_times_is_one_failure(tmp_path: Path) -> None:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    plant_units([("AAA", None, "Alpha", "甲站")])
    now = timezone.now()
    version = publish_blueprint(load_shipped("airline"), name="airline", now=now, acting_user="test")
    staff = create_staff(email="o@air.test", name="Ops", role="quality_owner", unit=None, now=now, acting_user=None)
    told = {
        "specversion": "1.0",
        "id": "NW12-cancelled",
        "source": "operations",
        "type": "flight.cancelled",
        "subject": "NW12",
        "time": now.isoformat(),
        "customer": "C-1",
        "unit": "AAA",
        "data": {"cancelled": True},
    }

    assert _by_http(told, staff)["accepted"] == 1
    for way in (_by_kafka, _by_file, _by_table):
        way(told, staff, tmp_path)
        assert Signal.objects.count() == 1, way.__name__
    assert not ParkedMessage.objects.exists()
    assert set(IntakeFile.objects.values_list("way", "state", "duplicate")) == {
        ("folder", "finished", 1),
        ("upload", "finished", 1),
    }

    with Watch(tmp_path / "monitor", version) as watch:
        watch.turn(now=now)
        watch.tick(now=now + (later := load_shipped("airline").lateness) + later)
    assert Failure.objects.get().subject == "NW12"


def _by_http(told: dict[str, Any], staff: Any) -> Any:
    _, secret = create_api_token(staff, name="ops", scopes=["write:signals"], now=timezone.now())
    answer = Client().post(
        "/api/v1/signals",
        json.dumps(told),
        content_type="application/cloudevents+json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 202
    return answer.json()


def _by_kafka(told: dict[str, Any], _staff: Any, _folder: Path) -> None:
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 3})
    (broker,) = producer.list_topics(timeout=20).brokers.values()
    producer.produce("operations", json.dumps(told).encode(), partition=0)
    assert producer.flush(20) == 0
    stop = Event()
    until: Callable[[int], None] = lambda taken: stop.set() if taken else None  # noqa: E731 -- one look is enough
    read_topics(KafkaSettings(servers=f"{broker.host}:{broker.port}", topics=("operations",)), stop, each_look=until)
    assert StreamPosition.objects.get().position == 1


def _by_file(told: dict[str, Any], _staff: Any, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "inbox")
    (folder.path / "night.ndjson").write_text(json.dumps(told) + "\n")
    folder.finished(now=0)
    (found,) = folder.finished(now=10)
    take_in(folder, found, Event())
    assert (folder.path / DONE / "night.ndjson").exists()


def _by_table(told: dict[str, Any], staff: Any, _folder: Path) -> None:
    names = ("id", "source", "type", "subject", "time", "customer", "unit")
    table = ",".join(names) + "\n" + ",".join(str(told[name]) for name in names) + "\n"
    file = keep_upload([table.encode()], name="night.csv", zone="UTC", acting_user=staff, now=present())
    move_upload(file.pk, "begin", acting_user=staff, now=present())
    assert take_upload(file.pk, now_of=present) is None

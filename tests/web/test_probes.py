"""Alive, ready, and in figures: what a machine that watches us gets to know."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.monitor.models import MonitorProgress
from amends.people.models import Staff
from amends.people.services import create_api_token, create_staff
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.web import probes


@pytest.fixture
def set_up(db: None) -> None:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    publish_blueprint(load_shipped("airline"), name="airline", now=timezone.now(), acting_user="test")


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[None]:
    """The database is not where it was."""
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")
        yield


def figures(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200
    return {family.name: family for family in text_string_to_metric_families(answer.content.decode())}


def test_alive_whatever_the_database_does(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_when_all_is_there(client: Client, set_up: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


def test_not_ready_before_anything_is_set_up(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["set_up"] == "nothing is set up yet"


def test_not_ready_while_migrations_are_missing(client: Client, set_up: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'web'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["tables"]) == (503, "migrations are missing")


def test_figures_are_in_the_form_that_prometheus_reads(client: Client, set_up: None) -> None:
    client.get("/healthz")
    found = figures(client.get("/metrics"))
    assert found["amends_database_up"].samples[0].value == 1
    assert {"amends_signals", "amends_cases_open", "amends_jobs_waiting"} <= set(found)
    routes = {sample.labels["route"] for sample in found["amends_request_seconds"].samples}
    assert "healthz" in routes


def test_jobs_that_fail_are_counted(client: Client, set_up: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, attempts) values"
            " ('q', 'new', 'todo', 0), ('q', 'again', 'todo', 3), ('q', 'over', 'failed', 20), ('q', 'now', 'doing', 1)"
        )
    found = figures(client.get("/metrics"))
    jobs = {name: found[f"amends_jobs_{name}"].samples[0].value for name in ("waiting", "tried_again", "given_up")}
    assert jobs == {"waiting": 2, "tried_again": 1, "given_up": 1}


def test_strangers_addresses_make_no_new_series(client: Client, set_up: None) -> None:
    for number in range(5):
        client.get(f"/nothing-{number}")
    routes = {one.labels["route"] for one in figures(client.get("/metrics"))["amends_request_seconds"].samples}
    assert not any("nothing" in route for route in routes)


@pytest.mark.parametrize("more", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
def test_figures_are_not_for_strangers(client: Client, set_up: None, more: dict[str, str]) -> None:
    assert client.get("/metrics", **more).status_code == 403


@pytest.mark.parametrize(("scope", "status"), [("read:metrics", 200), ("write:signals", 403)])
def test_figures_are_for_tokens_with_their_scope(client: Client, set_up: None, scope: str, status: int) -> None:
    now = timezone.now()
    staff = create_staff(email="a@example.test", name="A", role="administrator", now=now, acting_user=None)
    _, secret = create_api_token(staff, name="x", scopes=[scope], now=now)
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == status


def test_a_token_whose_account_lost_the_right_gets_no_figures(client: Client, set_up: None) -> None:
    now = timezone.now()
    staff = create_staff(email="a@example.test", name="A", role="administrator", now=now, acting_user=None)
    _, secret = create_api_token(staff, name="x", scopes=["read:metrics"], now=now)
    Staff.objects.filter(pk=staff.pk).update(role="manager")
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403


def test_without_a_database_alive_and_not_ready(client: Client, no_database: None) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "not reachable")
    assert figures(client.get("/metrics"))["amends_database_up"].samples[0].value == 0


def test_how_the_monitor_fares_can_be_watched(client: Client, set_up: None) -> None:
    MonitorProgress.objects.create(stream="s", position="7", signals=40, late=3, updated_at=timezone.now())
    found = figures(client.get("/metrics"))
    assert found["amends_monitor_late"].samples[0].value == 3
    assert found["amends_monitor_signals"].samples[0].value == 40
    assert 0 <= found["amends_monitor_silent_seconds"].samples[0].value < 60

"""Idempotency-Key: the same write twice is done once and answered alike, also when both come at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from procrastinate.contrib.django import app

from amends.people.models import Customer
from amends.people.services import token_owner
from amends.web.kept_answers import sweep_answers
from amends.web.models import KeptAnswer

from .conftest import NOW

Ask = Callable[..., Any]
ANN = {"customers": [{"reference": "A", "name": "Ann"}]}
BOB = {"customers": [{"reference": "B", "name": "Bob"}]}


def test_the_same_write_is_done_once_and_answered_alike(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    first = ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1")
    again = ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1")
    assert (first.status_code, first.json()["new"]) == (200, 1)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first


def test_a_key_with_another_request_is_refused(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1")
    answer = ask("PUT", "/customers", secret, send=BOB, Idempotency_Key="k1")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert not Customer.objects.filter(reference="B").exists()


def test_keys_belong_to_a_token(ask: Ask, token: Callable[..., str]) -> None:
    ask("PUT", "/customers", token(), send=ANN, Idempotency_Key="k1")
    answer = ask("PUT", "/customers", token(), send=BOB, Idempotency_Key="k1")
    assert (answer.status_code, answer.json()["new"]) == (200, 1)


def test_a_key_is_forgotten_after_a_day(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1")
    KeptAnswer.objects.update(created_at=NOW - timedelta(days=2000))
    assert ask("PUT", "/customers", secret, send=BOB, Idempotency_Key="k1").status_code == 200
    assert KeptAnswer.objects.count() == 1


def test_what_was_answered_is_gone_after_a_day_though_nobody_writes_again(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    for key in ("k1", "k2", "k3"):
        ask("PUT", "/customers", secret, send=ANN, Idempotency_Key=key)
    now = KeptAnswer.objects.latest("created_at").created_at
    KeptAnswer.objects.exclude(key="k3").update(created_at=now - timedelta(days=1))
    assert [sweep_answers(now=now, limit=1) for _ in range(3)] == [1, 1, 0]
    assert KeptAnswer.objects.get().key == "k3"
    assert ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k3")["Idempotent-Replayed"] == "true"


def test_a_job_sees_to_it(ask: Ask, token: Callable[..., str]) -> None:
    ask("PUT", "/customers", token(), send=ANN, Idempotency_Key="k1")
    KeptAnswer.objects.update(created_at=NOW - timedelta(days=2000))
    (job,) = (one.task for one in app.periodic_registry.periodic_tasks.values() if one.task.queue == "web")
    job(timestamp=0)
    assert not KeptAnswer.objects.exists()


def test_a_refused_write_is_not_kept_and_may_be_mended(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    assert ask("PUT", "/customers", secret, send={"customers": []}, Idempotency_Key="k1").status_code == 422
    assert ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1").status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "钥匙"])
def test_a_key_is_short_printable_ascii(ask: Ask, token: Callable[..., str], key: str) -> None:
    assert ask("PUT", "/customers", token(), send=ANN, Idempotency_Key=key).status_code == 400
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_being_worked_on_the_second_is_told_so(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    owner = token_owner(secret, now=NOW)
    assert owner is not None
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [owner.pk, "k1"])
            held.set()
            go_on.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        answer = ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1")
        assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    finally:
        go_on.set()
        thread.join()
    assert ask("PUT", "/customers", secret, send=ANN, Idempotency_Key="k1").json()["new"] == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done_and_all_others_are_told_so_or_get_its_answer(token: Callable[..., str]) -> None:
    secret, together, answers = token(), threading.Barrier(6), []

    def send() -> None:
        client = Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k1"})
        together.wait()
        answers.append(client.put("/api/v1/customers", ANN, content_type="application/json"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len([answer for answer in done if "Idempotent-Replayed" not in answer]) == 1
    assert {answer.json()["new"] for answer in done} == {1}
    assert KeptAnswer.objects.count() == 1

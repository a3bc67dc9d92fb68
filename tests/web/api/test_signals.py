"""Signals in: counted as accepted, duplicate or rejected; nobody's fault is a neighbour's."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from amends.monitor.models import MonitorProgress, Signal, SourceClock
from amends.policy.models import Deployment
from amends.policy.present import present

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"
Ask = Callable[..., Any]


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "ops",
        "type": "flight.departed",
        "subject": f"UA{number}",
        "time": "2026-03-02T09:00:00+08:00",
        **changes,
    }


def many(count: int) -> list[str]:
    one = json.dumps(event(4711))
    return [one.replace("4711", str(number)) for number in range(count)]


def counts(answer: Any) -> tuple[int, int, int]:
    assert answer.status_code == 202, answer.content
    said = answer.json()
    assert said["rejected"] == len(said["rejections"])
    return said["accepted"], said["duplicate"], said["rejected"]


def test_one_event_is_kept_with_all_that_it_says(ask: Ask, token: Callable[..., str]) -> None:
    sent = event(customer="C-1", unit="EWR", data={"gate": "B7", "delay": 17.5, "ok": None})
    answer = ask("POST", "/signals", token("manager", "write:signals"), send=sent, form=ONE)
    assert counts(answer) == (1, 0, 0)
    kept = Signal.objects.get()
    assert (kept.source, kept.signal_id, kept.type, kept.subject) == ("ops", "1", "flight.departed", "UA1")
    assert kept.time.isoformat() == "2026-03-02T01:00:00+00:00"
    assert (kept.customer, kept.unit, kept.data) == ("C-1", "EWR", sent["data"])


def test_a_duplicate_is_counted_and_kept_once_also_within_a_batch(ask: Ask, token: Callable[..., str]) -> None:
    secret = token("manager", "write:signals")
    assert counts(ask("POST", "/signals", secret, send=[event(1), event(1), event(2)], form=BATCH)) == (2, 1, 0)
    assert counts(ask("POST", "/signals", secret, send=[event(1), event(3)], form=BATCH)) == (1, 1, 0)
    assert Signal.objects.count() == 3


def test_bad_events_are_rejected_by_index_and_the_good_ones_are_kept(ask: Ask, token: Callable[..., str]) -> None:
    bad: list[Any] = [event(1, time="soon"), None, [], "x", 1, {}, event(2, unit="NOWHERE"), event(3, data=[1])]
    answer = ask("POST", "/signals", token(), send=[event(10), *bad, event(11)], form=BATCH)
    assert counts(answer) == (2, 0, len(bad))
    rejections = answer.json()["rejections"]
    assert [one["index"] for one in rejections] == list(range(1, len(bad) + 1))
    assert all(one["reason"] for one in rejections)
    assert "NOWHERE" in rejections[6]["reason"]


def test_lines_are_events_and_a_broken_or_blank_line_harms_no_other(ask: Ask, token: Callable[..., str]) -> None:
    body = "\n".join([json.dumps(event(1)), "", "{broken", " ", json.dumps(event(2))]) + "\n"
    answer = ask("POST", "/signals", token(), body=body, form=LINES)
    assert counts(answer) == (2, 0, 1)
    assert [one["index"] for one in answer.json()["rejections"]] == [2], "the line, with the blank ones counted"


@pytest.mark.parametrize(
    ("body", "form", "status"),
    [
        ("{", ONE, 400),
        ("", BATCH, 400),
        ("[" * 5000, BATCH, 400),
        ('{"a": NaN}', ONE, 400),
        (b"\xff\xfe", ONE, 400),
        (json.dumps(event()), BATCH, 400),
        (json.dumps(event()), "application/json", 415),
        (json.dumps(event()), "text/plain", 415),
        (json.dumps(event()), ONE + "; charset=utf-16", 415),
    ],
)
def test_what_is_no_batch_of_events_is_a_problem(
    ask: Ask, token: Callable[..., str], body: bytes | str, form: str, status: int
) -> None:
    answer = ask("POST", "/signals", token(), body=body, form=form)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Signal.objects.exists()


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b"])
def test_text_that_no_database_keeps_is_refused(ask: Ask, token: Callable[..., str], text: str) -> None:
    body = json.dumps(event()).replace("UA1", text)
    answer = ask("POST", "/signals", token(), body=body, form=ONE)
    assert answer.status_code == 400 or counts(answer) == (0, 0, 1)
    assert not Signal.objects.exists()


def test_a_large_batch_is_taken(ask: Ask, token: Callable[..., str]) -> None:
    answer = ask("POST", "/signals", token(), body="\n".join(many(20_000)), form=LINES)
    assert counts(answer) == (20_000, 0, 0)


def test_more_than_100_000_events_are_too_many(ask: Ask, token: Callable[..., str]) -> None:
    secret, lines = token(), many(100_001)
    for body, form in (("\n".join(lines), LINES), (f"[{','.join(lines)}]", BATCH)):
        assert ask("POST", "/signals", secret, body=body, form=form).status_code == 413
    assert not Signal.objects.exists()


def test_a_body_beyond_the_limit_is_413(ask: Ask, token: Callable[..., str], settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = ask("POST", "/signals", token(), send=event(data={"a": "x" * 1000}), form=ONE)
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"


def test_an_account_with_a_unit_sends_only_for_its_units(ask: Ask, token: Callable[..., str]) -> None:
    events = [event(1, unit="EWR"), event(2, unit="JFK"), event(3)]
    answer = ask("POST", "/signals", token("manager", unit="EWR"), send=events, form=BATCH)
    assert counts(answer) == (1, 0, 2)
    assert Signal.objects.get().unit == "EWR"


def test_what_is_later_than_a_demos_present_is_refused_rather_than_kept_and_never_judged(
    ask: Ask, token: Callable[..., str]
) -> None:
    secret = token()
    Deployment.objects.update(behind=timedelta(days=5000))
    answer = ask("POST", "/signals", secret, send=event(time=timezone.now().isoformat()), form=ONE)
    assert counts(answer) == (0, 0, 1)
    assert "lies in the future" in answer.json()["rejections"][0]["reason"]
    assert counts(ask("POST", "/signals", secret, send=event(time=present().isoformat()), form=ONE)) == (1, 0, 0)


def judged_to(number: int) -> None:
    MonitorProgress.objects.update_or_create(
        stream="s", defaults={"position": "1", "updated_at": timezone.now(), "read_to": number}
    )


def test_a_sender_is_put_off_while_the_monitor_is_too_far_behind(
    ask: Ask, token: Callable[..., str], settings: Any
) -> None:
    settings.SIGNALS_BACKLOG = 3
    secret = token()
    assert counts(ask("POST", "/signals", secret, send=[event(n) for n in range(4)], form=BATCH)) == (4, 0, 0)
    answer = ask("POST", "/signals", secret, send=event(5), form=ONE)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert answer["Content-Type"] == "application/problem+json"
    assert "4 accepted signals wait" in answer.json()["detail"]
    assert Signal.objects.count() == 4, "what is put off is not kept"
    judged_to(max(Signal.objects.values_list("pk", flat=True)))
    assert counts(ask("POST", "/signals", secret, send=event(5), form=ONE)) == (1, 0, 0)


def test_a_key_of_a_request_that_was_put_off_is_good_for_the_next_try(
    ask: Ask, token: Callable[..., str], settings: Any
) -> None:
    settings.SIGNALS_BACKLOG = 0
    secret, key = token(), {"Idempotency_Key": "k"}
    assert counts(ask("POST", "/signals", secret, send=event(1), form=ONE)) == (1, 0, 0)
    assert ask("POST", "/signals", secret, send=event(2), form=ONE, **key).status_code == 429
    settings.SIGNALS_BACKLOG = 10
    assert counts(ask("POST", "/signals", secret, send=event(2), form=ONE, **key)) == (1, 0, 0)


def test_duplicates_are_no_backlog(ask: Ask, token: Callable[..., str], settings: Any) -> None:
    """They get no number, so however many come, nobody is put off for them."""
    settings.SIGNALS_BACKLOG = 50
    secret = token()
    for _ in range(10):
        assert ask("POST", "/signals", secret, send=[event(n) for n in range(40)], form=BATCH).status_code == 202
    assert counts(ask("POST", "/signals", secret, send=event(41), form=ONE)) == (1, 0, 0)


def test_whose_clock_is_ahead_is_on_record(ask: Ask, token: Callable[..., str]) -> None:
    late = (timezone.now() + timedelta(minutes=10)).isoformat()
    answer = ask("POST", "/signals", token(), send=[event(n, time=late) for n in range(3)], form=BATCH)
    assert counts(answer) == (0, 0, 3)
    clock = SourceClock.objects.get()
    assert (clock.source, clock.refused) == ("ops", 3)
    assert timedelta(minutes=9) < clock.furthest <= timedelta(minutes=10)

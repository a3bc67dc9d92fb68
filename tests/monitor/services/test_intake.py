"""Signals come in once each, and the reader never passes a transaction that is still open."""

from datetime import UTC, datetime
from threading import Event, Thread, Timer
from typing import Any

import pytest
from django.db import connection, connections, transaction

from amends.monitor.core.intake import LONGEST_WAIT, seconds_to_wait
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import MonitorProgress, RosterEntry, SetAside, Signal
from amends.monitor.selectors import backlog, signals_after
from amends.monitor.services import accept_signals, keep_roster, keep_set_aside
from amends.people.services import keep_customers

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _signal(number: int, **changes: object) -> SignalIn:
    given = {"id": str(number), "source": "test", "type": "parcel.scanned", "subject": "P1", "time": NOW}
    return SignalIn(**(given | changes))  # type: ignore[arg-type]  # one that is wrong is what some tests are about


@pytest.mark.django_db
def test_a_signal_that_comes_twice_is_counted_and_kept_once() -> None:
    first = accept_signals([_signal(1), _signal(2), _signal(1)], now=NOW)
    again = accept_signals([_signal(2), _signal(3)], now=NOW)
    assert (first.accepted, first.duplicate) == (2, 1)
    assert (again.accepted, again.duplicate) == (1, 1)
    assert Signal.objects.count() == 3


@pytest.mark.django_db
def test_data_of_any_shape_comes_back_as_it_was() -> None:
    data = {"a": [1, None, {"b": "引号 \" \\ 和 'x'"}], "n": 1.5, "t": True}
    accept_signals([_signal(1, data=data), _signal(2)], now=NOW)
    assert list(Signal.objects.order_by("id").values_list("data", flat=True)) == [data, None]


@pytest.mark.django_db(transaction=True)
def test_the_reader_goes_on_where_it_stopped_in_the_order_of_arrival() -> None:
    accept_signals([_signal(n) for n in range(5)], now=NOW)
    first, position = signals_after("", limit=2)
    rest, position = signals_after(position, limit=10)
    assert [signal["id"] for signal in first + rest] == ["0", "1", "2", "3", "4"]
    assert signals_after(position, limit=10) == ([], position)


@pytest.mark.django_db(transaction=True)
def test_the_reader_waits_for_an_intake_under_way() -> None:
    """Its signal has the lower number, so a reader who passed it would lose it."""
    accepted, may_commit = Event(), Event()
    other = Thread(target=_accept_slowly, args=(accepted, may_commit))
    other.start()
    accepted.wait()
    accept_signals([_signal(2)], now=NOW)
    Timer(0.2, may_commit.set).start()
    seen, _ = signals_after("", limit=10)
    other.join()
    assert [signal["id"] for signal in seen] == ["1", "2"]


@pytest.mark.django_db(transaction=True)
def test_a_long_transaction_that_takes_in_no_signals_does_not_hold_the_reader_up() -> None:
    accept_signals([_signal(1)], now=NOW)
    begun, may_end = Event(), Event()
    other = Thread(target=_write_elsewhere, args=(begun, may_end))
    other.start()
    begun.wait()
    accept_signals([_signal(2)], now=NOW)
    seen, _ = signals_after("", limit=10)
    may_end.set()
    other.join()
    assert len(seen) == 2


def _accept_slowly(accepted: Event, may_commit: Event) -> None:
    try:
        with transaction.atomic():
            accept_signals([_signal(1)], now=NOW)
            accepted.set()
            may_commit.wait()
    finally:
        connections.close_all()


def _write_elsewhere(begun: Event, may_end: Event) -> None:
    try:
        with transaction.atomic():
            keep_customers([{"reference": "A", "name": "A", "locale": "en"}], now=NOW)
            begun.set()
            may_end.wait()
    finally:
        connections.close_all()


@pytest.mark.django_db
def test_a_roster_is_brought_up_to_date_and_leaves_out_unknown_customers() -> None:
    keep_customers([{"reference": "A", "name": "A", "locale": "en"}], now=NOW)
    assert keep_roster([("F1", "A", {"fare": 1}), ("F1", "nobody", {})]) == 1
    assert keep_roster([("F1", "A", {"fare": 2})]) == 1
    assert RosterEntry.objects.get().facts == {"fare": 2}


@pytest.mark.django_db
def test_a_hundred_thousand_duplicates_take_no_number_and_no_room() -> None:
    """Ten million are tried by `python -m benchmarks duplicates`."""
    signals = [_signal(n) for n in range(10_000)]
    assert accept_signals(signals, now=NOW).accepted == 10_000
    with connection.cursor() as cursor:
        before = _numbers_and_room(cursor)
        for _ in range(10):
            assert accept_signals(signals, now=NOW).duplicate == 10_000
        assert _numbers_and_room(cursor) == before


def _numbers_and_room(cursor: Any) -> tuple[int, int]:
    cursor.execute("select last_value, pg_total_relation_size('monitor_signal') from monitor_signal_id_seq")
    return cursor.fetchone()


@pytest.mark.django_db
def test_what_has_no_id_is_kept_aside_by_its_place_and_once() -> None:
    late = {"source": "ops", "id": "1", "subject": "F1", "time": NOW, "reason": "late", "file": "a.ndjson", "row": 1}
    unread = late | {"source": None, "id": None, "subject": None, "time": None, "reason": "no JSON\0", "row": 2}
    for _ in range(2):
        keep_set_aside([late, unread, late | {"id": "2" * 300}], now=NOW)
    kept = SetAside.objects.order_by("id").values_list("source", "signal_id", "subject", "reason")
    assert list(kept) == [
        ("ops", "1", "F1", "late"),
        ("a.ndjson", "2", "", "no JSON�"),
        ("ops", "2" * 200, "F1", "late"),
    ]


@pytest.mark.django_db
def test_what_waits_to_be_judged_is_reckoned_from_numbers_alone(django_assert_num_queries: Any) -> None:
    assert backlog() == 0
    accept_signals([_signal(n) for n in range(10)], now=NOW)
    assert backlog() == 10
    fourth = Signal.objects.order_by("id")[3].pk
    MonitorProgress.objects.create(stream="one", position="1", updated_at=NOW, read_to=fourth)
    MonitorProgress.objects.create(stream="a newer version, which judges anew", position="0", updated_at=NOW)
    with django_assert_num_queries(1):
        assert backlog() == 6


def test_a_sender_waits_the_longer_the_more_there_is_and_never_too_long() -> None:
    assert [seconds_to_wait(n, 100_000) for n in (0, 100_000)] == [0, 0]
    waits = [seconds_to_wait(n, 100_000) for n in (100_001, 200_000, 10**9)]
    assert waits == [6, 15, LONGEST_WAIT]

"""Signals come in once each, and the reader never passes a transaction that is still open."""

from datetime import UTC, datetime
from threading import Event, Thread, Timer

import pytest
from django.db import connections, transaction

from amends.monitor.core.signal import SignalIn
from amends.monitor.models import RosterEntry, Signal
from amends.monitor.selectors import signals_after
from amends.monitor.services import accept_signals, keep_roster
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

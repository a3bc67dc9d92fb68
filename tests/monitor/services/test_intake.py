"""Signals come in once each, and the reader never passes a transaction that is still open."""

from datetime import UTC, datetime
from threading import Thread

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
    return SignalIn(**(given | changes))  # type: ignore[arg-type]


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
def test_the_reader_waits_for_a_transaction_that_is_still_open() -> None:
    """Its rows may have lower numbers than rows committed meanwhile, so passing it would lose them."""
    with transaction.atomic():
        accept_signals([_signal(1)], now=NOW)
        other = Thread(target=_accept_elsewhere)
        other.start()
        other.join()
        seen_while_open, position = signals_after("", limit=10)
    seen_after, _ = signals_after(position, limit=10)
    assert seen_while_open == []
    assert {signal["id"] for signal in seen_after} == {"1", "2"}


def _accept_elsewhere() -> None:
    try:
        accept_signals([_signal(2)], now=NOW)
    finally:
        connections.close_all()


@pytest.mark.django_db
def test_a_roster_is_brought_up_to_date_and_leaves_out_unknown_customers() -> None:
    keep_customers([{"reference": "A", "name": "A", "locale": "en"}], now=NOW)
    assert keep_roster([("F1", "A", {"fare": 1}), ("F1", "nobody", {})]) == 1
    assert keep_roster([("F1", "A", {"fare": 2})]) == 1
    assert RosterEntry.objects.get().facts == {"fare": 2}

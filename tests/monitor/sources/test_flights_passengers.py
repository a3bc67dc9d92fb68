import datetime as dt
import time
from collections import Counter
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.monitor.sources.flights import customers, flights, passengers
from amends.monitor.sources.flights.passengers import bookings, money

DAY = dt.date(2013, 1, 2)


@pytest.fixture(scope="module")
def flown() -> pa.Table:
    return flights(DAY, 1)


@pytest.fixture(scope="module")
def aboard(flown: pa.Table) -> pa.Table:
    return passengers(flown, seed=7)


def by_flight(table: pa.Table) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for row in table.to_pylist():
        found.setdefault(row["subject"], []).append(row)
    return found


@settings(max_examples=20)
@given(picked=st.lists(st.integers(0, 940), min_size=1, max_size=6, unique=True))
def test_a_flight_has_the_same_passengers_whichever_flights_are_asked_for_in_whatever_order(picked: list[int]) -> None:
    flown = flights(DAY, 1)
    together = by_flight(passengers(flown.take(picked), seed=7))
    for index in picked:
        subject = flown["subject"][index].as_py()
        assert together[subject] == by_flight(passengers(flown.slice(index, 1), seed=7))[subject]


def test_a_month_comes_out_the_same_in_one_piece_and_day_by_day() -> None:
    days = [passengers(flights(DAY + dt.timedelta(days=n), 1), seed=7) for n in range(3)]
    whole = passengers(flights(DAY, 3), seed=7)
    order = [("subject", "ascending"), ("customer", "ascending")]
    assert pa.concat_tables(days).sort_by(order).equals(whole.sort_by(order))


def test_another_seed_makes_other_passengers(flown: pa.Table, aboard: pa.Table) -> None:
    assert not passengers(flown, seed=8)["customer"].equals(aboard["customer"])


def test_every_row_says_that_it_is_synthetic(aboard: pa.Table) -> None:
    assert pc.all(aboard["synthetic"]).as_py()


def test_flights_are_about_four_fifths_full_and_never_overbooked(flown: pa.Table, aboard: pa.Table) -> None:
    counted = Counter(aboard["subject"].to_pylist())
    seats = dict(zip(flown["subject"].to_pylist(), flown["seats"].to_pylist(), strict=True))
    assert counted.keys() == seats.keys()
    assert all(counted[subject] <= seats[subject] for subject in seats)
    assert np.mean([counted[subject] / seats[subject] for subject in seats]) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("pool", [400_000, 1_000_000])
def test_nobody_flies_twice_on_one_day(flown: pa.Table, pool: int) -> None:
    aboard = passengers(flown, seed=7, pool=pool)
    assert pc.count_distinct(aboard["customer"]).as_py() == aboard.num_rows


def test_over_a_week_holders_of_a_tier_fly_more_often_than_others() -> None:
    aboard = passengers(flights(DAY, 7), seed=7)
    trips = aboard["customer"].value_counts()
    who = customers(trips.field("values"), seed=7)
    count, tier = trips.field("counts").to_numpy(), who["tier"].to_numpy(zero_copy_only=False)
    mean = {name: count[tier == name].sum() / size for name, size in (("gold", 40_000), ("none", 845_000))}
    assert mean["gold"] > 1.7 * mean["none"]
    assert count.max() > 3


def test_fares_are_exact_dollars_and_grow_with_distance_and_cabin(flown: pa.Table, aboard: pa.Table) -> None:
    assert aboard.schema.field("fare").type == pa.decimal128(12, 2)
    assert pc.min(aboard["fare"]).as_py() > Decimal(10)
    fare = aboard["fare"].cast(pa.float64()).to_numpy()
    first = pc.equal(aboard["cabin"], "first").to_numpy()
    assert np.median(fare[first]) > 2 * np.median(fare[~first])
    distances = dict(zip(flown["subject"].to_pylist(), flown["distance_km"].to_pylist(), strict=True))
    far = np.array([distances[subject] > 3_000 for subject in aboard["subject"].to_pylist()])
    assert np.median(fare[far]) > 1.5 * np.median(fare[~far])


def test_a_fifth_connect_to_another_airport_with_a_layover_that_can_be_made(flown: pa.Table, aboard: pa.Table) -> None:
    connecting = aboard.filter(pc.is_valid(aboard["connects_to"]))
    assert connecting.num_rows / aboard.num_rows == pytest.approx(0.2, abs=0.01)
    assert aboard["layover_minutes"].is_valid().equals(aboard["connects_to"].is_valid())
    assert pc.min(connecting["layover_minutes"]).as_py() >= 35
    dest = dict(zip(flown["subject"].to_pylist(), flown["dest"].to_pylist(), strict=True))
    onward = zip(connecting["subject"].to_pylist(), connecting["connects_to"].to_pylist(), strict=True)
    assert all(there != dest[subject] for subject, there in onward)


def test_everyone_has_a_booking_reference_of_six_characters_of_their_own(aboard: pa.Table) -> None:
    assert pc.all(pc.match_substring_regex(aboard["order"], "^[A-HJ-NP-Z2-9]{6}$")).as_py()
    two_days = pa.concat_tables([aboard, passengers(flights(DAY + dt.timedelta(days=1), 1), seed=7)])
    assert pc.count_distinct(two_days["order"]).as_py() == two_days.num_rows
    assert pc.count_distinct(pc.utf8_slice_codeunits(aboard["order"], 0, 3)).as_py() > 30_000  # of 32,768: spread


def test_another_seed_books_under_other_references(flown: pa.Table, aboard: pa.Table) -> None:
    assert not passengers(flown, seed=8)["order"].equals(aboard["order"])


@given(numbers=st.lists(st.integers(0, 32**6 - 1), unique=True, max_size=50), seed=st.integers(0, 2**32))
def test_distinct_numbers_never_share_a_booking_reference(numbers: list[int], seed: int) -> None:
    booked = bookings(np.array(numbers, dtype=np.int64), seed).to_pylist()
    assert len(set(booked)) == len(numbers)
    assert all(len(one) == 6 for one in booked)


def test_a_pool_smaller_than_a_days_seats_is_refused(flown: pa.Table) -> None:
    with pytest.raises(ValueError, match="50,000 customers is too small"):
        passengers(flown, seed=7, pool=50_000)


def test_no_flights_have_no_passengers(flown: pa.Table, aboard: pa.Table) -> None:
    nobody = passengers(flown.slice(0, 0), seed=7)
    assert (nobody.num_rows, nobody.schema) == (0, aboard.schema)


def test_a_hundred_thousand_passengers_take_less_than_a_second_of_computing(flown: pa.Table) -> None:
    started = time.process_time()
    assert passengers(flown, seed=9).num_rows > 100_000
    assert time.process_time() - started < 1.0


@given(st.lists(st.integers(-(10**11), 10**11), max_size=20))
def test_money_is_the_cents_exactly(cents: list[int]) -> None:
    assert money(np.array(cents, dtype=np.int64)).to_pylist() == [Decimal(c).scaleb(-2) for c in cents]

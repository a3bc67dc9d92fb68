"""Synthetic passengers for real flights: the source has none, so every row here is made up, and says so.

The same seed and flight give the same passengers, whichever other flights are asked for and in whatever order. Nobody
flies twice on one day: each day deals its seats out to the pool of customers by a shuffle of its own. Over the days the
holders of a tier come up about twice as often as the rest (`TIERS`).
"""

import datetime as dt
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.keyed_random import Ints, Keys, choose, key_of, keys_of, normal, shuffled, subkeys, uniform

from .records import source

POOL: Final = 1_000_000  # customers who fly from New York with these carriers; about 110,000 seats are filled on a day

# Tier, its share of the pool and of the seats, in percent: our assumption.
TIERS: Final = (("platinum", 1.5, 3), ("gold", 4.0, 8), ("silver", 10.0, 17), ("none", 84.5, 72))

LOAD_MEAN, LOAD_SPREAD = 0.80, 0.12  # share of seats filled
FIRST_CLASS_SHARE: Final = np.array([0.35, 0.20, 0.10, 0.04])  # by tier, upgrades included
CONNECTING_SHARE: Final = 0.20
SHORTEST_LAYOVER, LONGEST_LAYOVER = 35, 240  # minutes

# USD; fitted by eye to the US average domestic itinerary fares of 2013 (about 380 USD for a return journey)
FARE_BASE, FARE_PER_KM, FARE_SPREAD, FIRST_CLASS_FACTOR = 62.0, 0.055, 0.35, 2.6

CABINS: Final = np.array(["economy", "first"])

# Of booking references: what is not taken for another character when read out. 32 of them, five bits each.
CHARACTERS: Final = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", dtype=np.uint8)
CHARACTERS_EACH: Final = 6
SEATS_A_DAY: Final = 1 << 21  # room for each day's numbers; 366 times that is below 32**6


def passengers(flights: pa.Table, seed: int, pool: int = POOL) -> pa.Table:
    """One row a passenger of these flights (rows of `records.flights`, any selection), in the order of the flights.

    Raises ValueError if the pool is too small for a day's seats.
    """
    seats = flights["seats"].to_numpy().astype(np.int64)
    flight_keys = keys_of(seed, flights["subject"].to_pylist())
    load = np.clip(LOAD_MEAN + LOAD_SPREAD * normal(flight_keys, 0), 0.2, 1.0)
    filled = np.maximum(np.rint(seats * load).astype(np.int64), 1)
    row = np.repeat(np.arange(len(seats)), filled)
    seat = np.arange(len(row)) - np.repeat(np.cumsum(filled) - filled, filled)
    keys = subkeys(flight_keys[row], seat)

    day_seat = flights["seat_offset"].to_numpy().astype(np.int64)[row] + seat
    number, tier = _dealt(day_seat, _day_keys(seed, flights["day"].to_pylist())[row], pool)
    first_class = uniform(keys, 0) < FIRST_CLASS_SHARE[tier]
    cents = _fare_cents(flights["distance_km"].to_numpy().astype(np.float64)[row], keys, first_class)
    connecting = uniform(keys, 1) < CONNECTING_SHARE
    layover = SHORTEST_LAYOVER + ((LONGEST_LAYOVER - SHORTEST_LAYOVER) * uniform(keys, 2) ** 1.6).astype(np.int32)
    return pa.table(
        {
            "subject": flights["subject"].combine_chunks().take(pa.array(row)),
            "customer": references(number),
            "fare": money(cents),
            "currency": pa.repeat("USD", len(row)),
            "order": bookings(pc.day_of_year(flights["day"]).to_numpy()[row] * SEATS_A_DAY + day_seat, seed),
            "cabin": pa.DictionaryArray.from_arrays(first_class.astype(np.int8), CABINS).cast(pa.string()),
            "layover_minutes": pa.array(layover.astype(np.int32), mask=~connecting),
            "connects_to": _onward(flights["dest"].to_numpy(zero_copy_only=False)[row], keys, connecting),
            "synthetic": pa.repeat(True, len(row)),
        }
    )


def tier_of(number: Ints, pool: int) -> Ints:
    """The index in `TIERS` of the customers with these numbers: the pool's lowest numbers hold the highest tier."""
    return np.searchsorted(_tier_ends(pool), number, side="right").astype(np.int64)


def references(numbers: Ints) -> pa.Array:
    """Customer references (SYN-0000123) of customer numbers."""
    return pc.binary_join_element_wise("SYN", pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 7, "0"), "-")


def bookings(numbers: Ints, seed: int) -> pa.Array:
    """Booking references of six characters (K7QW2P): distinct numbers below 32**6 have distinct ones, in no order."""
    size = np.full(len(numbers), len(CHARACTERS) ** CHARACTERS_EACH)
    dealt = shuffled(numbers, size, np.full(len(numbers), key_of(seed, "booking"), dtype=np.uint64))
    text = CHARACTERS[(dealt[:, None] >> (5 * np.arange(CHARACTERS_EACH))) & (len(CHARACTERS) - 1)]
    ends = np.arange(0, text.size + 1, CHARACTERS_EACH, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(numbers), [None, pa.py_buffer(ends), pa.py_buffer(text)])


def money(cents: Ints) -> pa.Array:
    """Exact amounts of two decimals from whole cents."""
    halves = np.empty((len(cents), 2), dtype="<i8")
    halves[:, 0] = cents
    halves[:, 1] = cents >> 63  # the sign, carried into the upper half of 128 bits
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(halves)])


def _dealt(day_seat: Ints, day_keys: Keys, pool: int) -> tuple[Ints, Ints]:
    """Customer number and tier index of a seat of the day.

    Of every hundred seats of the day's schedule a fixed number belongs to each tier; numbered within its tier, such a
    seat is shuffled over the customers of the tier.
    """
    ends = _tier_ends(pool)
    starts = np.concatenate(([0], ends[:-1]))
    quota = np.array([seats for _, _, seats in TIERS])
    hundred = (np.arange(100) * 37) % 100  # spreads the tiers over a row of a hundred seats
    tier_in_hundred = np.searchsorted(np.cumsum(quota), hundred, side="right")
    place_in_tier = hundred - (np.cumsum(quota) - quota)[tier_in_hundred]
    tier = tier_in_hundred[day_seat % 100]
    slot = day_seat // 100 * quota[tier] + place_in_tier[day_seat % 100]
    size = (ends - starts)[tier]
    if np.any(slot >= size):
        raise ValueError(
            f"a pool of {pool:,} customers is too small: a day has more seats than some tier has customers"
        )
    return starts[tier] + shuffled(slot, size, subkeys(day_keys, tier)), tier


def _tier_ends(pool: int) -> Ints:
    return np.rint(pool * np.cumsum([share for _, share, _ in TIERS]) / 100).astype(np.int64)


def _day_keys(seed: int, days: list[dt.date]) -> Keys:
    known = {day: key_of(seed, "day", day.isoformat()) for day in set(days)}
    return np.array([known[day] for day in days], dtype=np.uint64)


def _fare_cents(distance_km: npt.NDArray[np.float64], keys: Keys, first_class: npt.NDArray[np.bool_]) -> Ints:
    typical = FARE_BASE + FARE_PER_KM * distance_km
    paid = typical * np.exp(FARE_SPREAD * normal(keys, 3)) * np.where(first_class, FIRST_CLASS_FACTOR, 1.0)
    return np.rint(paid * 100).astype(np.int64)


def _onward(dest: npt.NDArray[np.object_], keys: Keys, connecting: npt.NDArray[np.bool_]) -> pa.Array:
    """Where a connecting passenger goes on to: an airport of the year's, neither New York's nor this flight's own."""
    airports = np.array(sorted(source()["flown"]["dest"].unique().to_pylist()))
    here = np.searchsorted(airports, dest.astype(airports.dtype))
    step = 1 + choose(keys, 4, np.arange(1, len(airports)) / (len(airports) - 1))
    onward = airports[(here + step) % len(airports)]
    return pa.array(onward, mask=~connecting)

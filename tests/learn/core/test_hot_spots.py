"""Hot spots against a second, naive implementation, and against what a person would call hot."""

import math
from collections import defaultdict
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.learn.core.hot_spots import SpotCount, discoveries, dispersion, find_hot_spots

Daily = dict[tuple[str, str, int], list[int]]  # spot -> failures day by day


def counted(daily: Daily) -> list[SpotCount]:
    return [
        SpotCount(
            unit=unit, step=step, hour=hour, failures=sum(days), squares=sum(n * n for n in days), customers=sum(days)
        )
        for (unit, step, hour), days in daily.items()
        if sum(days)
    ]


def naive(daily: Daily, days: int) -> dict[tuple[str, str, int], tuple[float, float | None]]:
    """Expected count and p-value of each spot, from the daily counts themselves."""
    daily = {spot: counts for spot, counts in daily.items() if sum(counts)}
    whole = sum(map(sum, daily.values()))
    by_row: dict[tuple[str, str], int] = defaultdict(int)
    by_hour: dict[int, int] = defaultdict(int)
    for (unit, step, hour), counts in daily.items():
        by_row[unit, step] += sum(counts)
        by_hour[hour] += sum(counts)

    def factor(spots: list[list[int]]) -> float:
        deviations = sum(sum((n - sum(counts) / days) ** 2 for n in counts) for counts in spots)
        return deviations / (sum(sum(counts) / days for counts in spots) * (days - 1))

    found = {}
    for (unit, step, hour), counts in daily.items():
        expected = by_row[unit, step] * by_hour[hour] / whole
        p = None
        if days > 1 and expected >= 5:
            stricter = max(1.0, factor(list(daily.values())), factor([counts]))
            p = 1 - NormalDist(expected, math.sqrt(stricter * expected)).cdf(sum(counts))
        found[unit, step, hour] = (expected, p)
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Daily, int]:
    days = draw(st.integers(1, 6))
    spots = draw(
        st.lists(
            st.tuples(st.sampled_from("ABC"), st.sampled_from(["departure", "arrival"]), st.integers(0, 3)),
            unique=True,
            min_size=1,
        )
    )
    daily = {spot: draw(st.lists(st.integers(0, 20), min_size=days, max_size=days)) for spot in spots}
    return daily, days


@given(worlds())
def test_expected_counts_and_p_values_agree_with_a_naive_count(case: tuple[Daily, int]) -> None:
    daily, days = case
    by_hand = naive(daily, days)
    found = find_hot_spots(counted(daily), days=days)
    assert {(spot.unit, spot.step, spot.hour) for spot in found} == set(by_hand)
    for spot in found:
        expected, p = by_hand[spot.unit, spot.step, spot.hour]
        assert spot.expected == pytest.approx(expected)
        assert spot.per_day == spot.failures / days
        assert (spot.p_value is None) == (p is None)
        if p is not None:
            assert spot.p_value == pytest.approx(p, abs=1e-9)


def all_that_pass(p_values: list[float], rate: float) -> list[bool]:
    """Benjamini and Hochberg by their own words: the greatest k with p(k) <= k/m x rate, and all up to it."""
    greatest = 0.0
    for k, p in enumerate(sorted(p_values), start=1):
        if p <= rate * k / len(p_values):
            greatest = max(greatest, p) if greatest else p
    return [bool(greatest or 0.0 in p_values) and p <= greatest for p in p_values]


@given(st.lists(st.floats(0, 1), max_size=30))
def test_discoveries_are_those_of_benjamini_and_hochberg(p_values: list[float]) -> None:
    assert discoveries(p_values) == all_that_pass(p_values, 0.05)


def test_the_published_example_of_benjamini_and_hochberg_rejects_four() -> None:
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    p_values += [0.7590, 1.0]
    assert sum(discoveries(p_values)) == 4


def test_a_spot_far_above_its_place_and_hour_is_hot() -> None:
    random = Random(7)
    daily: Daily = {
        (unit, "departure", hour): [random.randint(2, 6) for _ in range(28)] for unit in "ABCD" for hour in range(6, 18)
    }
    daily["B", "departure", 17] = [random.randint(9, 14) for _ in range(28)]
    found = find_hot_spots(counted(daily), days=28)
    assert [(spot.unit, spot.hour) for spot in found if spot.hot] == [("B", 17)]
    assert found[0].hot
    assert found[0].ratio > 1.5


def test_one_bad_day_does_not_make_a_hot_spot() -> None:
    daily: Daily = {(unit, "departure", hour): [1] * 28 for unit in "ABCD" for hour in range(6, 18)}
    daily["B", "departure", 17] = [1] * 27 + [40]  # a storm
    steady: Daily = {**daily, ("B", "departure", 17): [2] * 12 + [3] * 13 + [2] * 2 + [0]}
    stormy = find_hot_spots(counted(daily), days=28)
    assert not any(spot.hot for spot in stormy)
    # as many failures on ordinary days are a hot spot
    assert [(spot.unit, spot.hour) for spot in find_hot_spots(counted(steady), days=28) if spot.hot] == [("B", 17)]


def test_a_single_day_tells_nothing_about_chance() -> None:
    daily: Daily = {("A", "departure", 8): [50], ("A", "departure", 9): [1], ("B", "departure", 9): [50]}
    assert all(spot.p_value is None and not spot.hot for spot in find_hot_spots(counted(daily), days=1))


def test_counts_of_a_poisson_law_have_a_dispersion_near_one() -> None:
    random = Random(11)
    daily: Daily = {
        ("A", "departure", hour): [sum(random.random() < 0.05 for _ in range(100)) for _ in range(60)]
        for hour in range(24)
    }
    factor = dispersion(counted(daily), days=60)
    assert factor is not None
    assert 1.0 <= factor < 1.15


def test_nothing_counted_has_no_hot_spots() -> None:
    assert find_hot_spots([], days=3) == ()
    assert dispersion([], days=3) is None

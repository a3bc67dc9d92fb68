"""Limits by hand, and run lengths against the published tables, a Markov chain, and simulation."""

from math import erf, isclose, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.control import (
    count_limits,
    cusum,
    cusum_arl,
    cusum_terms,
    ewma,
    ewma_arl,
    ewma_limit,
    ewma_terms,
    least_number,
    mean_limits,
    share_limits,
    shewhart_arl,
)

SHIFTS = (0.0, 0.5, 1.0, 2.0)


@pytest.mark.parametrize(
    ("lengths", "published"),
    [
        ([shewhart_arl(shift) for shift in SHIFTS], (370.40, 155.22, 43.89, 6.30)),
        ([cusum_arl(shift, decision=4) for shift in SHIFTS], (167.68, 26.63, 8.38, 3.34)),
        ([cusum_arl(shift, decision=5) for shift in SHIFTS], (465.44, 38.00, 10.38, 4.01)),
        ([cusum_arl(shift, decision=4.77) for shift in SHIFTS], (368.6, 35.21, 9.92, 3.86)),
        ([ewma_arl(shift, weight=0.1, sigmas=2.814) for shift in SHIFTS], (499.6, 31.30, 10.33, 4.36)),
        ([ewma_arl(shift, weight=0.2, sigmas=2.962) for shift in SHIFTS], (499.7, 41.76, 10.54, 3.74)),
    ],
    ids=["Shewhart 3", "CUSUM 4", "CUSUM 5", "CUSUM 4.77", "EWMA .1", "EWMA .2"],
)
def test_run_lengths_are_those_of_the_published_tables(lengths: list[float], published: tuple[float, ...]) -> None:
    for length, figure in zip(lengths, published, strict=True):
        digits = 1 if figure in (368.6, 499.6, 499.7) else 2  # as printed there
        assert round(length, digits) == pytest.approx(figure, abs=1e-9)


def below(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2


def markov_cusum(shift: float, slack: float, decision: float, states: int) -> float:
    """Brook and Evans 1972: the upper sum in so many classes, the first of half width around 0."""
    width = 2 * decision / (2 * states - 1)
    moves = np.array(
        [
            [
                below((to - start) * width + width / 2 + slack - shift)
                - (below((to - start) * width - width / 2 + slack - shift) if to else 0.0)
                for to in range(states)
            ]
            for start in range(states)
        ]
    )
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[0])


def markov_ewma(shift: float, weight: float, sigmas: float, states: int) -> float:
    """Lucas and Saccucci 1990: the span between the limits in an odd number of classes."""
    limit = ewma_limit(weight, sigmas)
    width = 2 * limit / states
    middles = [-limit + (number + 0.5) * width for number in range(states)]
    moves = np.array(
        [
            [
                below((to + width / 2 - (1 - weight) * start) / weight - shift)
                - below((to - width / 2 - (1 - weight) * start) / weight - shift)
                for to in middles
            ]
            for start in middles
        ]
    )
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[states // 2])


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_markov_chain_says_the_same_as_the_integral_equation(shift: float) -> None:
    # the chain's error falls with the square of its width: two of them give the limit
    coarse, fine = (markov_cusum(shift, 0.5, 5.0, states) for states in (50, 100))
    narrower = (2 * 100 - 1) / (2 * 50 - 1)
    limit = fine + (fine - coarse) / (narrower**2 - 1)
    assert limit == pytest.approx(cusum_arl(shift, two_sided=False), rel=2e-4)
    coarse, fine = (markov_ewma(shift, 0.2, 2.962, states) for states in (51, 101))
    limit = fine + (fine - coarse) / ((101 / 51) ** 2 - 1)
    assert limit == pytest.approx(ewma_arl(shift), rel=2e-4)


def test_simulated_charts_run_as_long_as_computed() -> None:
    chance = np.random.default_rng(7)
    for shift, runs, most in ((0.5, 3_000, 400), (1.0, 6_000, 120)):
        samples = chance.normal(shift, 1.0, size=(runs, most))
        sums, levels = np.zeros(runs), np.zeros(runs)
        first_sum, first_level, first_beyond = (np.zeros(runs) for _ in range(3))
        for number in range(most):
            column = samples[:, number]
            sums = np.maximum(0.0, sums + column - 0.5)
            levels = 0.2 * column + 0.8 * levels
            for first, signals in (
                (first_sum, sums > 4),
                (first_level, np.abs(levels) > ewma_limit()),
                (first_beyond, column > 2),
            ):
                first[(first == 0) & signals] = number + 1
        for first, expected in (
            (first_sum, cusum_arl(shift, decision=4, two_sided=False)),
            (first_level, ewma_arl(shift)),
            (first_beyond, shewhart_arl(shift, sigmas=2, two_sided=False)),
        ):
            assert (first > 0).mean() > 0.998
            error = first.std() / sqrt(runs)
            assert abs(first.mean() - expected) < 4 * error + 0.01 * expected


def test_one_side_alone_signals_later() -> None:
    assert shewhart_arl(two_sided=False) == pytest.approx(2 * shewhart_arl())
    assert cusum_arl(two_sided=False) == pytest.approx(2 * cusum_arl())
    assert ewma_arl(two_sided=False) > 1.9 * ewma_arl()
    assert ewma_arl(2.0, two_sided=False) == pytest.approx(ewma_arl(2.0), rel=1e-3)


def test_limits_can_be_checked_by_hand() -> None:
    share = share_limits(0.1, 100)
    assert (share.lower, share.centre, share.upper) == pytest.approx((0.01, 0.1, 0.19))
    assert share_limits(0.1, 20).lower == 0
    assert share_limits(0.9, 20).upper == 1
    count = count_limits(4)
    assert (count.lower, count.centre, count.upper) == (0, 4, 10)
    assert count_limits(4, 9).upper == 6
    mean = mean_limits(30, 8, 16)
    assert (mean.lower, mean.upper) == (24, 36)


@given(st.floats(0.001, 0.999))
def test_a_lower_limit_of_shares_needs_more_than_nine_times_the_odds(share: float) -> None:
    enough = least_number(share)
    assert enough > 9 * (1 - share) / share or isclose(enough, 9 * (1 - share) / share, rel_tol=1e-9)
    assert share_limits(share, enough + 1).lower > 0
    if enough > 1:
        assert share_limits(share, enough - 1).lower <= 1e-9


@pytest.mark.parametrize("decision", [1.5, 2, 4, 5, 8, 20, 50])
def test_a_cusum_looks_back_as_far_as_its_climbs_last(decision: float) -> None:
    # samples off by the slack, neither back at 0 nor beyond the bound: what goes on so from one to the next
    nodes, weights = np.polynomial.legendre.leggauss(200)
    levels, weights = decision / 2 * (nodes + 1), decision / 2 * weights
    onward = np.exp(-((levels[None, :] - levels[:, None]) ** 2) / 2) / sqrt(2 * pi) * weights[None, :]
    staying = float(np.abs(np.linalg.eigvals(onward)).max())
    assert cusum_terms(decision) == pytest.approx(log(0.01) / log(staying), abs=1.05)


@pytest.mark.parametrize("shift", [0.25, 0.5, 0.75, 1.0])
def test_a_cusum_that_forgets_what_lies_further_back_runs_as_long_as_the_whole(shift: float) -> None:
    chance, runs, most = np.random.default_rng(11), 4_000, 900
    whole, cut = np.zeros(runs), np.zeros(runs)
    steps = chance.normal(shift - 0.5, 1.0, size=(runs, most))
    reached = np.concatenate((np.zeros((runs, 1)), steps.cumsum(axis=1)), axis=1)
    for number in range(1, most + 1):
        for first, back in ((whole, number), (cut, cusum_terms())):
            least = reached[:, max(0, number - back) : number + 1].min(axis=1)
            first[(first == 0) & (reached[:, number] - least > 5)] = number
    found = (whole > 0) & (cut > 0)
    assert found.mean() > 0.99
    assert cut[found].mean() == pytest.approx(whole[found].mean(), rel=0.01)


def test_an_ewma_forgets_and_a_cusum_adds_up() -> None:
    assert ewma([1, 1], 0.5) == [0.5, 0.75]
    assert cusum([1, 1, -3, 2]) == [0.5, 1.0, 0.0, 1.5]
    assert (1 - 0.2) ** ewma_terms(0.2) <= 1e-4 < (1 - 0.2) ** (ewma_terms(0.2) - 1)

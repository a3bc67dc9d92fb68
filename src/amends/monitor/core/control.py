"""Control charts: limits of shares (p), counts (u), means (X-bar), EWMA and CUSUM, and how long each chart runs.

The average run length (ARL) is how many samples pass, on average, until a chart signals: long while nothing has
changed (false alarms are rare), short once something has. It is computed, not simulated, for samples that are
standard normal, or shifted by so many of their standard deviations. Sources: Montgomery, Introduction to Statistical
Quality Control; Page 1954 (CUSUM); Roberts 1959, Lucas and Saccucci 1990 (EWMA); Crowder 1987 (integral equation);
Siegmund 1985 (how long a sum stays between 0 and its bound).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erf, inf, log, pi, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SIGMAS: Final = 3.0  # of a Shewhart chart: one false alarm in 370 samples, both sides counted
EWMA_WEIGHT: Final = 0.2  # of the latest sample
EWMA_SIGMAS: Final = 2.962  # with that weight: one false alarm in 500
CUSUM_SLACK: Final = 0.5  # standard deviations that a sample may lie off for nothing: half the shift to be found
CUSUM_DECISION: Final = 5.0  # standard deviations: one false alarm in 465
FORGOTTEN: Final = 1e-4  # the weight of what an EWMA leaves away, all together
LEFT_OUT: Final = 0.01  # the share of the climbs to a decision interval that take longer than a CUSUM looks back
_OVERSHOOT: Final = 1.166  # how much further apart the ends of a climb seem to samples than to a steady motion
_NODES: Final = 80  # of the quadrature: more change no digit of the figures in the tests


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Between which values a window is in control."""

    lower: float
    centre: float
    upper: float


def share_limits(share: float, number: float, *, sigmas: float = SIGMAS) -> Limits:
    """A p chart: p ± 3 √(p (1 - p) / n), within 0 and 1."""
    reach = sigmas * sqrt(share * (1 - share) / number)
    return Limits(lower=max(0.0, share - reach), centre=share, upper=min(1.0, share + reach))


def count_limits(count: float, number: float = 1.0, *, sigmas: float = SIGMAS) -> Limits:
    """A u chart of counts per opportunity, n of them in the sample: u ± 3 √(u / n), not below 0; n = 1: a c chart."""
    reach = sigmas * sqrt(count / number)
    return Limits(lower=max(0.0, count - reach), centre=count, upper=count + reach)


def mean_limits(mean: float, spread: float, number: float, *, sigmas: float = SIGMAS) -> Limits:
    """An X-bar chart: mean ± 3 σ / √n."""
    reach = sigmas * spread / sqrt(number)
    return Limits(lower=mean - reach, centre=mean, upper=mean + reach)


def least_number(share: float, *, sigmas: float = SIGMAS) -> int:
    """How many a sample must have for the lower limit of a p chart to lie above 0: more than 9 (1 - p) / p."""
    bound = sigmas**2 * (1 - share) / share
    return int(bound) + 1


def ewma_limit(weight: float = EWMA_WEIGHT, sigmas: float = EWMA_SIGMAS) -> float:
    """How far from 0 the weighted mean of standardised samples may lie, in the long run: L √(λ / (2 - λ))."""
    return sigmas * sqrt(weight / (2 - weight))


def ewma_terms(weight: float = EWMA_WEIGHT) -> int:
    """So many samples back the weighted mean looks; all that came before weighs FORGOTTEN at most."""
    return 1 if weight >= 1 else ceil(log(FORGOTTEN) / log(1 - weight))


def cusum_terms(decision: float = CUSUM_DECISION) -> int:
    """So many samples back a cumulative sum looks: LEFT_OUT of its climbs take longer, at most.

    A climb is the time between 0 and a signal. The share of those that go on falls by exp(-π² / 2 (h + 1.166)²) a
    sample, after that shift for which they last longest: the slack itself. After any other it falls faster.
    """
    return ceil(-log(LEFT_OUT) * 2 * (decision + _OVERSHOOT) ** 2 / pi**2)


def ewma(samples: Sequence[float], weight: float = EWMA_WEIGHT) -> list[float]:
    """The weighted mean after each standardised sample, from 0 on."""
    level, levels = 0.0, []
    for sample in samples:
        level = weight * sample + (1 - weight) * level
        levels.append(level)
    return levels


def cusum(samples: Sequence[float], slack: float = CUSUM_SLACK) -> list[float]:
    """The upper cumulative sum after each standardised sample, from 0 on: max(0, S + z - k)."""
    total, totals = 0.0, []
    for sample in samples:
        total = max(0.0, total + sample - slack)
        totals.append(total)
    return totals


def shewhart_arl(shift: float = 0.0, *, sigmas: float = SIGMAS, two_sided: bool = True) -> float:
    """The ARL of a chart that looks at the latest sample alone, after a shift of so many standard deviations."""
    beyond = _below(shift - sigmas) + (_below(-shift - sigmas) if two_sided else 0.0)
    return 1 / beyond if beyond > 0 else inf


def cusum_arl(
    shift: float = 0.0, *, slack: float = CUSUM_SLACK, decision: float = CUSUM_DECISION, two_sided: bool = True
) -> float:
    """The ARL of a CUSUM from 0 on; of two sides the rates of signals add up: 1/ARL = 1/upper + 1/lower."""
    upper = _upper_cusum_arl(shift, slack, decision)
    if not two_sided:
        return upper
    return 1 / (1 / upper + 1 / _upper_cusum_arl(-shift, slack, decision))


def _upper_cusum_arl(shift: float, slack: float, decision: float) -> float:
    # L(s) = 1 + L(0) P(z <= k - s) + ∫ L(y) φ(y + k - s) dy over 0 < y < h, at 0 and at the nodes
    nodes, weights = _quadrature(0.0, decision)
    starts = np.concatenate(([0.0], nodes))
    back_to_zero = _below_all(slack - starts - shift)
    onward = weights * _density(nodes[None, :] + slack - starts[:, None] - shift)
    moves = np.concatenate((back_to_zero[:, None], onward), axis=1)
    return float(np.linalg.solve(np.eye(len(starts)) - moves, np.ones(len(starts)))[0])


def ewma_arl(
    shift: float = 0.0, *, weight: float = EWMA_WEIGHT, sigmas: float = EWMA_SIGMAS, two_sided: bool = True
) -> float:
    """The ARL of an EWMA from 0 on, with its limits of the long run."""
    limit = ewma_limit(weight, sigmas)
    # one side: nothing stops it below, so far down that it makes no difference
    floor = -limit if two_sided else -limit - 8 * sqrt(weight / (2 - weight)) - abs(min(shift, 0.0))
    nodes, weights = _quadrature(floor, limit)
    starts = np.concatenate(([0.0], nodes))
    moves = weights / weight * _density((nodes[None, :] - (1 - weight) * starts[:, None]) / weight - shift)
    lengths = np.linalg.solve(np.eye(len(nodes)) - moves[1:], np.ones(len(nodes)))
    return float(1 + moves[0] @ lengths)


def _quadrature(low: float, high: float) -> tuple[Numbers, Numbers]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = (high - low) / 2
    return low + half * (nodes + 1), half * weights


def _density(z: Numbers) -> Numbers:
    return np.exp(-z * z / 2) / sqrt(2 * np.pi)


def _below(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2


def _below_all(z: Numbers) -> Numbers:
    return np.array([_below(float(one)) for one in z])

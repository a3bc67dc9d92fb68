"""Where and when failures gather: unit x step x local hour of day, and which of these spots are more than chance.

A spot is compared with what its unit and step, and its hour, would have if the two had nothing to do with each other:
expected = failures of the row x failures of the hour / all failures. Failures come in bursts (one storm, many flights),
so counts vary more than a Poisson law allows; the day-to-day variance gives the factor (index of dispersion) by which
the test is made stricter: that of all spots together, or the spot's own if it is greater, so that one bad day makes no
hot spot. Of the spots tested, those are `hot` that pass the procedure of Benjamini & Hochberg (1995) at a false
discovery rate of 5 %.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FALSE_DISCOVERIES: Final = 0.05
LEAST_EXPECTED: Final = 5.0  # below, the normal approximation of a count is poor and a spot is not judged


@dataclass(frozen=True, kw_only=True)
class SpotCount:
    """What was counted at one spot."""

    unit: str  # code; empty: no unit
    step: str
    hour: int  # 0-23, local
    failures: int
    squares: int  # sum over days of the square of that day's failures
    customers: int


@dataclass(frozen=True, kw_only=True)
class HotSpot:
    """One spot and what to think of it."""

    unit: str
    step: str
    hour: int
    failures: int
    customers: int
    per_day: float
    expected: float  # failures, if the hour had nothing to do with the place
    ratio: float  # failures / expected
    p_value: float | None  # None: too few to judge
    hot: bool


def dispersion(counts: Sequence[SpotCount], *, days: int) -> float | None:
    """How many times more the daily counts vary than a Poisson law has it; never under 1; None from a single day.

    Pooled over the spots: sum of squared deviations from each spot's mean / (sum of the means x (days - 1)).
    """
    failures = sum(spot.failures for spot in counts)
    if days < 2 or failures == 0:
        return None
    deviations = sum(spot.squares - spot.failures**2 / days for spot in counts)
    return max(1.0, deviations / (failures / days * (days - 1)))


def discoveries(p_values: Sequence[float], *, rate: float = FALSE_DISCOVERIES) -> list[bool]:
    """Which of the tests hold with at most this rate of false discoveries (Benjamini & Hochberg 1995)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    passed = [rank for rank, index in enumerate(order, start=1) if p_values[index] <= rate * rank / len(order)]
    held = set(order[: passed[-1]] if passed else ())
    return [index in held for index in range(len(p_values))]


def find_hot_spots(counts: Sequence[SpotCount], *, days: int) -> tuple[HotSpot, ...]:
    """All spots, the most failures first; each (unit, step, hour) comes once in `counts`."""
    if not counts:
        return ()
    expected = _expected(counts)
    pooled = dispersion(counts, days=days)
    p_values: list[float | None] = [None] * len(counts)
    if pooled is not None:
        for index, spot in enumerate(counts):
            if expected[index] < LEAST_EXPECTED:
                continue
            factor = max(pooled, dispersion([spot], days=days) or 1.0)
            z = (spot.failures - expected[index]) / math.sqrt(factor * expected[index])
            p_values[index] = math.erfc(z / math.sqrt(2)) / 2
    judged = [index for index, p in enumerate(p_values) if p is not None]
    hot = dict(zip(judged, discoveries([p for p in p_values if p is not None]), strict=True))
    found = (
        HotSpot(
            unit=spot.unit,
            step=spot.step,
            hour=spot.hour,
            failures=spot.failures,
            customers=spot.customers,
            per_day=spot.failures / days,
            expected=expected[index],
            ratio=spot.failures / expected[index] if expected[index] else 0.0,
            p_value=p_values[index],
            hot=hot.get(index, False),
        )
        for index, spot in enumerate(counts)
    )
    return tuple(sorted(found, key=lambda spot: (-spot.failures, spot.unit, spot.step, spot.hour)))


def _expected(counts: Sequence[SpotCount]) -> list[float]:
    by_row: Counter[tuple[str, str]] = Counter()
    by_hour: Counter[int] = Counter()
    for spot in counts:
        by_row[spot.unit, spot.step] += spot.failures
        by_hour[spot.hour] += spot.failures
    whole = by_hour.total()
    return [by_row[spot.unit, spot.step] * by_hour[spot.hour] / whole if whole else 0.0 for spot in counts]

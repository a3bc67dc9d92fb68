"""How well a standard is kept over time: each period's share, and between which limits chance alone leaves it.

Kept shares go on a p chart, what must not come on a c chart (counts per period). The centre is that of the periods
shown, so a chart says which periods differ from the rest, not whether all of them are good enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amends.monitor.core.control import Limits, count_limits, share_limits

LEAST: Final = 2  # periods with anything in them, before limits say something


@dataclass(frozen=True, kw_only=True)
class Period:
    """An hour or a day."""

    start: datetime
    kept: int
    broken: int
    whole: bool = True  # false: only a part of it was counted, as of today

    @property
    def number(self) -> int:
        """Promises that were settled in it."""
        return self.kept + self.broken


@dataclass(frozen=True, kw_only=True)
class Point:
    """A period on the chart."""

    period: Period
    value: float | None  # share kept, or how often it came; None: nothing was promised then
    limits: Limits | None

    @property
    def beyond(self) -> str:
        """Whether it lies `above` or `below` its limits; empty if between them."""
        if self.value is None or self.limits is None:
            return ""
        if self.value > self.limits.upper:
            return "above"
        return "below" if self.value < self.limits.lower else ""


def shares(periods: Sequence[Period]) -> list[Point]:
    """The p chart of the share of promises kept."""
    total = sum(period.number for period in periods)
    counted = sum(1 for period in periods if period.number)
    kept = sum(period.kept for period in periods)
    points = []
    for period in periods:
        if not period.number:
            points.append(Point(period=period, value=None, limits=None))
            continue
        limits = share_limits(kept / total, period.number) if counted >= LEAST else None
        points.append(Point(period=period, value=period.kept / period.number, limits=limits))
    return points


def counts(periods: Sequence[Period]) -> list[Point]:
    """The c chart of how often something came that must not; a period in which it did not come is 0, not nothing.

    A part of a period has fewer than the whole would have, and is not judged. Of a share it makes no difference.
    """
    whole = [period.broken for period in periods if period.whole]
    mean = sum(whole) / len(whole) if whole else 0.0
    limits = count_limits(mean) if len(whole) >= LEAST and mean > 0 else None
    return [
        Point(period=period, value=float(period.broken), limits=limits if period.whole else None) for period in periods
    ]


def kept_share(periods: Sequence[Period]) -> float | None:
    """Of all the promises of these periods; None if there was none."""
    total = sum(period.number for period in periods)
    return sum(period.kept for period in periods) / total if total else None

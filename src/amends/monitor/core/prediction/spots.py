"""Where promises break more often than elsewhere: unit x standard x local hour, by what is sure at the least.

A spot with three of four broken may be chance; so spots are ranked by the lower end of the interval of their share.
Promises of one day fail together (one storm), so the interval counts fewer promises than there are: as many as would
vary alike if each failed for itself (the design effect, Kish 1965).
"""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from amends.monitor.core.prediction.columns import local_clock
from amends.monitor.core.prediction.judging import wilson
from amends.monitor.core.prediction.record import DAY, Record
from amends.monitor.core.prediction.sampling import known_fates

MOST: Final = 40
FEWEST: Final = 20  # promises, on
FEWEST_DAYS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place and hour where promises break more often than this standard's do on the whole."""

    unit: str
    standard: str
    hour: int  # local
    promises: int
    broken: float  # share
    low: float  # lower end of its 95 % interval
    usual: float  # share of the standard everywhere


def spots(record: Record, *, since: int, until: int, zone: ZoneInfo) -> tuple[Spot, ...]:
    """The spots whose share is surely above the standard's own, the surest first."""
    rows = known_fates(record, since=since, until=until)
    rows = rows[record.unit[rows] >= 0]
    if not len(rows):
        return ()
    hour = local_clock(record.due[rows], zone)[0].astype(np.int64)
    standard, unit, broken = record.standard[rows], record.unit[rows], record.broken[rows].astype(np.float64)
    place, back = np.unique((unit * len(record.standards) + standard) * 24 + hour, return_inverse=True)
    number = np.bincount(back).astype(np.float64)
    share = np.bincount(back, weights=broken) / number
    effect, days = _design_effect(back, record.due[rows] // DAY, broken, number, share)
    usual = np.bincount(standard, weights=broken, minlength=len(record.standards)) / np.maximum(
        np.bincount(standard, minlength=len(record.standards)), 1
    )
    found = []
    for at in np.flatnonzero((number >= FEWEST) & (days >= FEWEST_DAYS)):
        at_unit, rest = divmod(int(place[at]), 24 * len(record.standards))
        at_standard, at_hour = divmod(rest, 24)
        low, _ = wilson(float(share[at]), float(number[at] / effect[at]))
        if low > usual[at_standard]:
            spot = Spot(
                unit=record.units[at_unit],
                standard=record.standards[at_standard],
                hour=at_hour,
                promises=int(number[at]),
                broken=float(share[at]),
                low=low,
                usual=float(usual[at_standard]),
            )
            found.append(spot)
    return tuple(sorted(found, key=lambda spot: (-spot.low, spot.unit, spot.standard, spot.hour))[:MOST])


def _design_effect(
    spot: np.ndarray, day: np.ndarray, broken: np.ndarray, number: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many times more each spot's share varies than if promises failed one by one, at least 1; and its days."""
    first = int(day.min())
    width = int(day.max()) - first + 1
    each, back = np.unique(spot * width + (day - first), return_inverse=True)
    of = each // width
    off = np.bincount(back, weights=broken) - share[of] * np.bincount(back)
    spread = np.bincount(of, weights=off**2, minlength=len(number))
    alone = np.maximum(number * share * (1 - share), 1e-9)
    return np.maximum(1.0, spread / alone), np.bincount(of, minlength=len(number))

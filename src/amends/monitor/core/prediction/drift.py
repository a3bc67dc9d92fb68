"""Whether what goes on now is like what a model was trained on. Where it is not, its chances give way to base rates."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from amends.monitor.core.prediction.columns import Floats
from amends.monitor.core.prediction.judging import Flags, Z, shift
from amends.monitor.core.prediction.record import Whole

MOST_SHIFT: Final = 0.25  # stability index of the chances; heuristic of practice: above, the spread is another one
MOST_OFF: Final = 0.05  # mean chance against share broken, beyond what chance explains
FEWEST: Final = 200  # promises, and
FEWEST_DAYS: Final = 4  # days; of fewer nothing is said

Verdict = Literal["steady", "shifted", "off", "too_few"]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How the chances lay when the model was judged: as many in each bin, by its edges."""

    edges: tuple[float, ...]  # between the bins
    counts: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {"edges": list(self.edges), "counts": list(self.counts)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Spread":
        return cls(edges=tuple(map(float, kept["edges"])), counts=tuple(map(int, kept["counts"])))


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What the last days say of a model."""

    verdict: Verdict
    promises: int
    shift: float  # of the chances
    told: float  # mean chance
    broken: float  # share that broke
    low: float  # 95 % interval of it, days counting as one each: what fails on one day fails together
    high: float

    @property
    def drifted(self) -> bool:
        return self.verdict in ("shifted", "off")


def spread_of(chances: Floats, *, bins: int = 10) -> Spread:
    """Bins of equal numbers, and how many fell into each."""
    edges = np.unique(np.quantile(chances, np.linspace(0, 1, bins + 1)[1:-1])) if len(chances) else np.zeros(0)
    return Spread(edges=tuple(map(float, edges)), counts=_counted(chances, edges))


def drift_of(spread: Spread, chances: Floats, broken: Flags, promise: Whole, day: Whole) -> Drift:
    """Hold the chances of the last days, and what came of them, against those that the model was judged on.

    - `shifted`: the chances lie elsewhere, by more than MOST_SHIFT: other promises, or other circumstances;
    - `off`: the share that broke lies MOST_OFF or more from the mean chance, and its 95 % interval leaves that out.

    Args:
        spread: of the chances when the model was judged.
        chances: of some promises at several moments each.
        broken: whether that promise broke.
        promise: which one.
        day: on which it was due.
    """
    number = len(np.unique(promise))
    if number < FEWEST or len(np.unique(day)) < FEWEST_DAYS:
        return Drift(verdict="too_few", promises=number, shift=0.0, told=0.0, broken=0.0, low=0.0, high=1.0)
    moved = shift(
        np.array(spread.counts, dtype=float), np.array(_counted(chances, np.array(spread.edges)), dtype=float)
    )
    told, share = float(chances.mean()), float(broken.mean())
    reach = Z * _error(chances, broken, day)
    low, high = max(0.0, share - reach), min(1.0, share + reach)
    off = abs(told - share) > MOST_OFF and not low <= told <= high
    verdict: Verdict = "off" if off else "shifted" if moved > MOST_SHIFT else "steady"
    return Drift(verdict=verdict, promises=number, shift=moved, told=told, broken=share, low=low, high=high)


def _error(chances: Floats, broken: Flags, day: Whole) -> float:
    """Standard error of the share beside the mean chance, by days: sqrt(sum of squared sums of a day) / n, for few
    days times sqrt(days / (days - 1)) (Liang & Zeger 1986)."""
    _, of = np.unique(day, return_inverse=True)
    sums = np.bincount(of, weights=broken - chances - (broken - chances).mean())
    days = len(sums)
    return float(np.sqrt((sums**2).sum() * days / (days - 1)) / len(chances))


def _counted(chances: Floats, edges: Floats) -> tuple[int, ...]:
    return tuple(np.bincount(np.searchsorted(edges, chances, side="right"), minlength=len(edges) + 1).tolist())

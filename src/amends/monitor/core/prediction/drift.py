"""Whether what goes on now is like what a model was trained on. Where it is not, its chances give way to base rates."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from amends.monitor.core.prediction.columns import Floats
from amends.monitor.core.prediction.judging import Flags, shift, wilson

MOST_SHIFT: Final = 0.25  # stability index of the chances; heuristic of practice: above, the spread is another one
MOST_OFF: Final = 0.05  # mean chance against share broken, beyond what chance explains
FEWEST: Final = 200  # promises; of fewer nothing is said

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
    low: float  # 95 % interval of it
    high: float

    @property
    def drifted(self) -> bool:
        return self.verdict in ("shifted", "off")


def spread_of(chances: Floats, *, bins: int = 10) -> Spread:
    """Bins of equal numbers, and how many fell into each."""
    edges = np.unique(np.quantile(chances, np.linspace(0, 1, bins + 1)[1:-1])) if len(chances) else np.zeros(0)
    return Spread(edges=tuple(map(float, edges)), counts=_counted(chances, edges))


def drift_of(spread: Spread, chances: Floats, broken: Flags) -> Drift:
    """Hold the chances of the last days, and what came of them, against those that the model was judged on.

    - `shifted`: the chances lie elsewhere, by more than MOST_SHIFT: other promises, or other circumstances;
    - `off`: the share that broke lies MOST_OFF or more from the mean chance, and outside its 95 % interval.
    """
    number = len(chances)
    if number < FEWEST:
        return Drift(verdict="too_few", promises=number, shift=0.0, told=0.0, broken=0.0, low=0.0, high=1.0)
    moved = shift(
        np.array(spread.counts, dtype=float), np.array(_counted(chances, np.array(spread.edges)), dtype=float)
    )
    told, share = float(chances.mean()), float(broken.mean())
    low, high = wilson(share, number)
    off = abs(told - share) > MOST_OFF and not low <= told <= high
    verdict: Verdict = "off" if off else "shifted" if moved > MOST_SHIFT else "steady"
    return Drift(verdict=verdict, promises=number, shift=moved, told=told, broken=share, low=low, high=high)


def _counted(chances: Floats, edges: Floats) -> tuple[int, ...]:
    return tuple(np.bincount(np.searchsorted(edges, chances, side="right"), minlength=len(edges) + 1).tolist())

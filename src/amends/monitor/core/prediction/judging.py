"""How good chances are: what a figure means, and what it must not be mistaken for, stands with each function."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from amends.monitor.core.prediction.columns import Floats
from amends.monitor.core.prediction.record import MINUTE, Whole

Flags = NDArray[np.bool_]

Z: Final = 1.96  # 95 %
STEPS: Final = 10  # of the reliability table
EARLY: Final = 30 * MINUTE  # time enough to do something


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line of the reliability table: of those told about the same chance, how many broke."""

    number: int  # promises at a moment
    promises: int  # of them different ones: the interval counts these, as moments of one promise share its fate
    told: float  # mean chance
    broken: float  # share
    low: float  # Wilson's interval of the share, 95 %
    high: float


@dataclass(frozen=True, kw_only=True)
class Warned:
    """What comes of warning whenever a chance reaches a threshold, the first time of each promise."""

    threshold: float
    promises: int
    warned: int
    right: int  # of the warned, how many broke
    broken: int  # of all
    lead: float | None  # minutes before due, median over the right ones
    quarter: float | None  # a quarter of them had no more than this
    early: int  # of the right ones: warned at least EARLY before due

    @property
    def precision(self) -> float:
        return self.right / self.warned if self.warned else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.broken if self.broken else 0.0


def auc(chances: Floats, broken: Flags) -> float:
    """The share of pairs (a broken one, a kept one) in which the broken one had the higher chance; ties count half.

    0.5 for whoever cannot tell them apart; it says nothing of whether chances are true. NaN without such pairs.
    """
    bad, good = int(broken.sum()), int((~broken).sum())
    if not bad or not good:
        return float("nan")
    _, place, number = np.unique(chances, return_inverse=True, return_counts=True)
    last = np.cumsum(number)
    ranks = (last - (number - 1) / 2)[place]
    return float((ranks[broken].sum() - bad * (bad + 1) / 2) / (bad * good))


def brier(chances: Floats, broken: Flags) -> float:
    """The mean squared distance between chance and fate (Brier 1950): 0 is best; it judges both order and truth."""
    return float(np.mean((chances - broken) ** 2)) if len(chances) else float("nan")


def reliability(chances: Floats, broken: Flags, promise: Whole, *, steps: int = STEPS) -> tuple[Step, ...]:
    """Those told 0 to 10 %, 10 to 20 % and so on, and how many of each broke; without the steps that nobody is in.

    Args:
        chances: of some promises at several moments each.
        broken: whether that promise broke.
        promise: which one.
        steps: how many.
    """
    place = np.minimum((chances * steps).astype(np.int64), steps - 1)
    found = []
    for at in range(steps):
        here = place == at
        number = int(here.sum())
        if number:
            share = float(broken[here].mean())
            promises = len(np.unique(promise[here]))
            low, high = wilson(share, promises)
            told = float(chances[here].mean())
            found.append(Step(number=number, promises=promises, told=told, broken=share, low=low, high=high))
    return tuple(found)


def wilson(share: float, number: float, *, z: float = Z) -> tuple[float, float]:
    """The interval of a share (Wilson 1927); it keeps within 0 and 1, and is right for few as well."""
    spread = z**2 / number
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * np.sqrt(share * (1 - share) / number + spread / (4 * number))
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def calibration_error(steps: tuple[Step, ...]) -> float:
    """How far told and come lie apart on average, each step weighing as many as are in it."""
    number = sum(step.number for step in steps)
    return sum(step.number * abs(step.told - step.broken) for step in steps) / number if number else float("nan")


def warnings(chances: Floats, promise: Whole, before: Whole, broken: Flags, *, threshold: float) -> Warned:
    """Warn of each promise the first time that its chance reaches the threshold.

    Args:
        chances: of some promises at several moments each.
        promise: which one.
        before: how long before it is due, in milliseconds.
        broken: whether that promise broke.
        threshold: from which chance on.
    """
    first = _first_warnings(promise[chances >= threshold], before[chances >= threshold])
    fate = dict(zip(promise.tolist(), broken.tolist(), strict=True))
    right = [lead for one, lead in first.items() if fate[one]]
    return Warned(
        threshold=threshold,
        promises=len(fate),
        warned=len(first),
        right=len(right),
        broken=sum(fate.values()),
        lead=float(np.median(right)) / MINUTE if right else None,
        quarter=float(np.quantile(right, 0.25)) / MINUTE if right else None,
        early=sum(lead >= EARLY for lead in right),
    )


def _first_warnings(promise: Whole, before: Whole) -> dict[int, int]:
    order = np.lexsort((before, promise))  # the last of a promise is the one furthest from its due time
    return dict(zip(promise[order].tolist(), before[order].tolist(), strict=True))


def threshold_for(chances: Floats, promise: Whole, broken: Flags, *, precision: float) -> float | None:
    """The lowest threshold at which so many of all promises ever warned of broke; None: at no threshold that many.

    A promise is warned of if its highest chance over all its moments reaches the threshold.
    """
    order = np.lexsort((chances, promise))
    last = np.flatnonzero(np.append(promise[order][1:] != promise[order][:-1], [True])) if len(order) else order
    highest, fate = chances[order][last], broken[order][last]
    down = np.argsort(-highest, kind="stable")
    reached = np.cumsum(fate[down]) / np.arange(1, len(down) + 1)
    # only where the next one has another chance: the equal ones are warned of together
    apart = np.append(highest[down][1:] != highest[down][:-1], [True]) if len(down) else np.zeros(0, dtype=bool)
    good = np.flatnonzero((reached >= precision) & apart)
    return float(highest[down][good[-1]]) if len(good) else None


def shift(before: Floats, now: Floats) -> float:
    """Population stability index of two spreads over the same bins: sum of (now - before) ln (now / before).

    Heuristic of practice: under 0.1 no shift, over 0.25 a great one. An empty bin counts as half of one thing.
    """
    old = (before + 0.5) / (before.sum() + 0.5 * len(before))
    new = (now + 0.5) / (now.sum() + 0.5 * len(now))
    return float(np.sum((new - old) * np.log(new / old)))

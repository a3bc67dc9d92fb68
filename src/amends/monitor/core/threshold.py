"""A threshold of a standard: what each value of it would have warned of, and which one a wished precision asks for.

All values are judged on the cases of one run. A value is chosen on the cases of the first two thirds of the span and
judged on those of the last third, so no figure comes from the cases that it was chosen on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final, Literal

import numpy as np

from amends.monitor.core.proportion import wilson

PRECISION: Final = 0.8  # that is wished where nobody says another
MINIMUM: Final[Mapping["Part", int]] = {
    "chosen": 20,
    "judged": 10,
}  # troubles and alarms in each part; fewer say nothing
MOST: Final = 40  # values on a curve
Part = Literal["chosen", "judged"]
State = Literal["suggested", "in_force", "none", "too_few"]

MINUTES: Final = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1080, 1440, 2160, 2880, 4320, 5760)
DAYS: Final = (5, 7, 10, 14, 21, 30)
LENGTHS: Final = (*(60.0 * minutes for minutes in MINUTES), *(86_400.0 * days for days in DAYS))
"""Lengths of time that people write, in seconds."""
FACTORS: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0)
"""Of the usual gap between purchases."""
DECISIONS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0)
"""Of a CUSUM, in standard errors: from the tightest in use to the widest that a standard may have."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """So many cases that are alike. A threshold at level x alarms at those with x < reach."""

    part: Part
    reach: float
    floor: float = -inf  # at those below this one it had alarmed before
    trouble: bool  # whether there is something to be found
    low: float = -inf  # the alarm is a hit from this level on,
    high: float = inf  # and below this one; else it comes too early or too late
    number: int = 1

    @property
    def hit(self) -> tuple[float, float]:
        """The levels between which its alarm is a hit."""
        return max(self.low, self.floor), min(self.reach, self.high)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one value did in one part, where each value has to be reckoned by itself."""

    value: float
    part: Part
    alarms: int
    hits: int
    events: int  # troubles, the same whatever the value


@dataclass(frozen=True, kw_only=True)
class Point:
    """What one value would have done in each part: alarms, and the hits among them."""

    value: float
    alarms: Mapping[str, int]
    hits: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What the values of one threshold of one standard would have done."""

    standard: str
    parameter: str  # the path in the standard: warn, above, silent_for
    rising: bool  # whether a greater value alarms less
    is_length: bool  # seconds
    is_count: bool = False  # whole numbers
    in_force: float | None
    draft: float | None
    events: Mapping[str, int]  # troubles in each part
    points: tuple[Point, ...]

    def content(self) -> dict[str, Any]:
        """As plain JSON values."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("points", "events")}
        points = [{"value": one.value, "alarms": dict(one.alarms), "hits": dict(one.hits)} for one in self.points]
        return {**fields, "events": dict(self.events), "points": points}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Curve":
        """From plain JSON values."""
        return cls(**{**content, "points": tuple(Point(**one) for one in content["points"])})


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The value that a precision asks for, and how it did on cases that it was not chosen on."""

    state: State
    value: float | None = None
    precision: tuple[float, float, float] | None = None  # on the last third, with its interval
    recall: tuple[float, float, float] | None = None
    held: bool = False  # whether the last third reaches the precision too


def curve(cases: Sequence[Case], values: Iterable[float], **about: Any) -> Curve:
    """What each of the values would have done, in one pass over the cases.

    Args:
        cases: all that could be alarmed at; where `rising` is false, their levels are those of the negated value.
        values: candidates; those in force and of the draft count among them.
        about: the other fields of the curve.
    """
    given = (about["in_force"], about["draft"])
    wanted = sorted({*values, *(value for value in given if value is not None)})
    levels = np.array(wanted if about["rising"] else [-value for value in wanted], dtype=float)
    counted: dict[str, tuple[list[int], list[int]]] = {}
    events: dict[str, int] = {}
    for part in MINIMUM:
        mine = [case for case in cases if case.part == part]
        real = [(case.hit, case.number) for case in mine if case.trouble and case.hit[0] < case.hit[1]]
        alarms = _above([(case.reach, case.number) for case in mine], levels)
        alarms = alarms - _above([(case.floor, case.number) for case in mine], levels)
        hits = _above([(high, number) for (_, high), number in real], levels)
        early = _above([(low, number) for (low, _), number in real], levels)
        counted[part] = (alarms.tolist(), (hits - early).tolist())
        events[part] = sum(case.number for case in mine if case.trouble)
    points = tuple(
        Point(
            value=value,
            alarms={part: alarms[at] for part, (alarms, _) in counted.items()},
            hits={part: hits[at] for part, (_, hits) in counted.items()},
        )
        for at, value in enumerate(wanted)
    )
    return Curve(events=events, points=points, **about)


def tallied(counted: Sequence[Counted], **about: Any) -> Curve:
    """The curve of values that were reckoned one by one, with the other fields of the curve."""
    told: dict[tuple[float, str], Counted] = {(one.value, one.part): one for one in counted}
    points = tuple(
        Point(
            value=value,
            alarms={part: one.alarms if (one := told.get((value, part))) else 0 for part in MINIMUM},
            hits={part: one.hits if (one := told.get((value, part))) else 0 for part in MINIMUM},
        )
        for value in sorted({value for value, _ in told})
    )
    events: dict[str, int] = {
        part: max((one.events for one in counted if one.part == part), default=0) for part in MINIMUM
    }
    return Curve(events=events, points=points, **about)


def _above(ends: Sequence[tuple[float, int]], levels: Any) -> Any:
    """How many of the weighted ends lie above each level."""
    if not ends:
        return np.zeros(len(levels), dtype=np.int64)
    ordered = sorted(ends)
    numbers = np.cumsum([0, *(number for _, number in ordered)])
    return numbers[-1] - numbers[np.searchsorted([end for end, _ in ordered], levels, side="right")]


def suggested(curve: Curve, precision: float = PRECISION) -> Suggestion:
    """The value that reaches the precision with the most recall on the first two thirds, judged on the last third.

    Among values with equal recall the more precise one counts; a warning's recall is nearly the same however early it
    comes, so of warnings it is the longest that still is precise enough.
    """
    if any(curve.events[part] < least for part, least in MINIMUM.items()):
        return Suggestion(state="too_few")
    enough = [
        one
        for one in curve.points
        if one.alarms["chosen"] >= MINIMUM["chosen"] and one.hits["chosen"] >= precision * one.alarms["chosen"]
    ]
    if not enough:
        return Suggestion(state="none")
    best = max(enough, key=lambda one: (one.hits["chosen"], _rank(one, curve)))
    judged = wilson(best.hits["judged"], best.alarms["judged"])
    return Suggestion(
        state="in_force" if best.value == curve.in_force else "suggested",
        value=best.value,
        precision=judged,
        recall=wilson(best.hits["judged"], curve.events["judged"]),
        held=judged is not None and judged[0] >= precision,
    )


def _rank(point: Point, curve: Curve) -> float:
    return point.value if curve.parameter == "warn" else -point.alarms["chosen"]


def candidates(reaches: Sequence[float], *, is_length: bool, is_count: bool = False) -> list[float]:
    """Values worth trying for cases that reach so far: lengths as people write them, whole numbers from 2 on, else
    quantiles to three digits.
    """
    known = np.array([one for one in reaches if np.isfinite(one)], dtype=float)
    if not len(known):
        return []
    if is_length:
        longest = float(known.max())
        return [length for at, length in enumerate(LENGTHS) if at == 0 or LENGTHS[at - 1] < longest]
    spread = np.quantile(known, np.linspace(0, 1, MOST), method="lower")  # values that there were
    if is_count:
        return sorted({float(value) for value in np.floor(spread) if value >= 2})
    return sorted({float(f"{value:.3g}") for value in spread})

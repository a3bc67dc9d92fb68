"""What may be said of failures between colleagues without anybody being recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FEWEST: Final = 5
"""A smaller group is not shown: whoever knows the unit would know who it was. Own choice; statistical offices take 3 to
10."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cases between colleagues of one kind."""

    name: str
    cases: int
    put_right: int  # of them, made good or closed
    answered_in: timedelta | None  # half of those that were answered were so in this time; None: none was


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The groups that may be seen, the largest first, and how many cases there are in all."""

    groups: tuple[Group, ...]
    cases: int | None  # None: with those shown it would say how many there are in a group that is not
    hidden: bool


def shown(groups: Sequence[Group]) -> Shown:
    """The groups of `FEWEST` cases or more. The sum is said only if it gives away nothing of the others."""
    large = sorted((one for one in groups if one.cases >= FEWEST), key=lambda one: (-one.cases, one.name))
    hidden = sum(one.cases for one in groups if one.cases < FEWEST)
    small = sum(1 for one in groups if one.cases < FEWEST)
    known = hidden == 0 or (hidden >= FEWEST and small > 1)
    cases = sum(one.cases for one in groups) if known else None
    return Shown(groups=tuple(large), cases=cases, hidden=bool(hidden))

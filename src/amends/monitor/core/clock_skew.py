"""What the times that a source tells say of its clock.

Between happening and arrival lie the way and the difference of the clocks. No signal travels backwards, so one that
arrives before it happened shows a clock ahead of ours by at least that. A clock behind cannot be told from a slow way:
the quickest signal bounds both together, and what matters is the same, that all of them come so late.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

Verdict = Literal["ahead", "behind", "good", "unknown"]
TOLERATED: Final = timedelta(seconds=5)  # no clock is better than that without care
ENOUGH: Final = 20  # signals, to call the quickest of them slow


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Of one source, in one span of time."""

    signals: int = 0
    least: timedelta | None = None  # between happening and arrival
    most: timedelta | None = None
    refused: int = 0  # as their time lay too far in the future
    furthest: timedelta | None = None  # how far


@dataclass(frozen=True, kw_only=True)
class Skew:
    """What is to be said of a source's clock."""

    verdict: Verdict
    by: timedelta = timedelta(0)  # at least


def together(one: Heard, other: Heard) -> Heard:
    """Two spans as one."""

    def of(pick: object, *given: timedelta | None) -> timedelta | None:
        known = [length for length in given if length is not None]
        return pick(known) if known else None  # type: ignore[operator]  # min or max

    return Heard(
        signals=one.signals + other.signals,
        least=of(min, one.least, other.least),
        most=of(max, one.most, other.most),
        refused=one.refused + other.refused,
        furthest=of(max, one.furthest, other.furthest),
    )


def skew_of(heard: Heard, *, lateness: timedelta) -> Skew:
    """Whether a source's clock is to be warned of.

    Args:
        heard: of it, lately.
        lateness: how far out of order signals may come: what is behind by more is judged no more.
    """
    ahead = max(heard.furthest or timedelta(0), -(heard.least or timedelta(0)))
    if ahead > TOLERATED:
        return Skew(verdict="ahead", by=ahead)
    if heard.signals < ENOUGH or heard.least is None:
        return Skew(verdict="unknown" if heard.least is None else "good", by=timedelta(0))
    if heard.least > lateness:
        return Skew(verdict="behind", by=heard.least)
    return Skew(verdict="good")

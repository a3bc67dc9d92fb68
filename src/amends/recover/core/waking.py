"""What time does to one clock: it is at risk, it is missed, and calls somebody, level by level, each exactly once.

A clock sleeps until the next moment at which anything can come of it; whatever that is has its time in `wakes_at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amends.kernel.blueprint.parts import Escalation, EscalationLevel

AT_ONCE: Final = (EscalationLevel(to=("named",)),)  # where the pack says nothing


@dataclass(frozen=True, kw_only=True)
class Ticking:
    """A clock that runs or was missed."""

    missed: bool
    due_at: datetime
    warn_at: datetime
    at_risk: bool  # was marked already
    level: int  # how many levels were called


@dataclass(frozen=True, kw_only=True)
class Waking:
    """What has come of it by now."""

    at_risk: bool = False  # now for the first time
    missed: bool = False  # now for the first time
    levels: tuple[int, ...] = ()  # called now for the first time, counted from 1
    wakes_at: datetime | None = None  # when to look again; None: time alone changes nothing any more


def levels_of(kind: str, escalations: Sequence[Escalation]) -> tuple[EscalationLevel, ...]:
    """Whom clocks of a kind call."""
    return next((one.levels for one in escalations if kind in one.clocks), AT_ONCE)


def woken(clock: Ticking, levels: Sequence[EscalationLevel], *, now: datetime) -> Waking:
    """All that is due by now; a moment counts once it is past."""
    missed = clock.missed or clock.due_at < now
    if not missed:
        at_risk = clock.warn_at < now
        return Waking(
            at_risk=at_risk and not clock.at_risk, wakes_at=clock.due_at if at_risk or clock.at_risk else clock.warn_at
        )
    times = [clock.due_at + level.after for level in levels]
    called = [number for number, at in enumerate(times, start=1) if number > clock.level and at < now]
    to_come = [at for number, at in enumerate(times, start=1) if number > clock.level and at >= now]
    return Waking(
        at_risk=not clock.at_risk,
        missed=not clock.missed,
        levels=tuple(called),
        wakes_at=min(to_come, default=None),
    )

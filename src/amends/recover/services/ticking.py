"""Which rule of the pack a clock runs by, and when it wakes next."""

from datetime import datetime, timedelta

from amends.kernel.blueprint import Blueprint, ClockRule
from amends.kernel.business_time import Calendar
from amends.recover.core.clocks import calendar_of, warn_time
from amends.recover.core.leaving import next_crossing


def rule_of(pack: Blueprint, playbook: str, kind: str) -> ClockRule | None:
    """The playbook's rule for a kind of clock; steps of the ladder have none there."""
    if kind == "ladder":
        return None
    clocks = next(one.clocks for one in pack.playbooks if one.id == playbook)
    rule: ClockRule = getattr(clocks, kind)
    return rule


def calendar_for(pack: Blueprint, playbook: str, kind: str, number: int) -> Calendar:
    """In whose time it runs."""
    rule = rule_of(pack, playbook, kind)
    if rule is not None:
        return calendar_of(rule.calendar, pack.calendars)
    step = pack.ladder.steps[number - 1] if pack.ladder and number <= len(pack.ladder.steps) else None
    return calendar_of(step.calendar if step else "always", pack.calendars)


def warns_at(
    pack: Blueprint, playbook: str, kind: str, number: int, *, started_at: datetime, due_at: datetime
) -> datetime:
    """From when on the clock is at risk. One that stood still counts as started later by so much."""
    rule = rule_of(pack, playbook, kind)
    warn: timedelta | None = rule.warn if rule else None
    return warn_time(started_at, due_at, calendar_for(pack, playbook, kind, number), warn=warn)


def first_waking(
    pack: Blueprint,
    playbook: str,
    kind: str,
    number: int,
    *,
    started_at: datetime,
    due_at: datetime,
    opened_at: datetime,
    now: datetime,
) -> datetime:
    """When a clock that (again) begins to run wakes first; that of the repair also keeps the curve of delay."""
    at = warns_at(pack, playbook, kind, number, started_at=started_at, due_at=due_at)
    crossing = next_crossing(opened_at, now, pack.economics) if kind == "resolve" else None
    return at if crossing is None else min(at, crossing)

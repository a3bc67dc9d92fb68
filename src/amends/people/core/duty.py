"""Who is free to decide something, and who is the nearest: absence, shift and stand-ins, as pure functions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from amends.kernel.business_time import ALWAYS, Calendar
from amends.people.core.rights import ROLES

Away = Literal["absent", "off_shift"]
LOOK_AHEAD: Final = timedelta(days=1)  # how far a free person's plan is looked at


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is known of one person's time."""

    absences: tuple[tuple[datetime, datetime], ...] = ()
    shifts: tuple[tuple[date, str], ...] = ()  # from which day on, the calendar's name
    stand_ins: tuple[tuple[datetime, datetime, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Whether a person is free at one moment, and until when that is so."""

    away: Away | None
    until: datetime
    stand_ins: tuple[int, ...]  # who stands in for them at that moment


FREE: Final = Plan()


def duty_at(plan: Plan, at: datetime, calendars: Mapping[str, Calendar]) -> Duty:
    """Whether a person is free at a moment; a shift whose calendar is gone counts as none."""
    stand_ins = tuple(other for start, end, other in plan.stand_ins if start <= at < end)
    absent = [end for start, end in plan.absences if start <= at < end]
    if absent:
        return Duty(away="absent", until=max(absent), stand_ins=stand_ins)
    until = min([at + LOOK_AHEAD, *(start for start, _ in plan.absences if start > at)])
    calendar = _calendar(plan, at, calendars)
    period = next(((start, end) for start, end in _periods(calendar, at) if end > at), None)
    if period is None or period[0] > at:
        return Duty(away="off_shift", until=min(until, period[0]) if period else until, stand_ins=stand_ins)
    return Duty(away=None, until=min(until, period[1]), stand_ins=stand_ins)


def _calendar(plan: Plan, at: datetime, calendars: Mapping[str, Calendar]) -> Calendar:
    for from_day, name in sorted(plan.shifts, reverse=True):
        calendar = ALWAYS if name == "always" else calendars.get(name)
        if calendar is not None and from_day <= at.astimezone(calendar.zone).date():
            return calendar
    return ALWAYS


def _periods(calendar: Calendar, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = at.astimezone(calendar.zone).date()
    for ahead in (-1, 0, 1, 2):  # a period may reach past midnight; a day's wait is looked at again
        yield from calendar.periods(day + timedelta(days=ahead))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who could decide, as their authority goes."""

    id: int
    role: str
    distance: int  # units upward from where the case is; whoever has the whole company is the furthest
    waiting: int  # approvals that wait for them
    duty: Duty


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whom an approval goes to."""

    id: int
    in_place_of: int | None  # whom they stand in for
    passed_over: tuple[int, ...]  # who was nearer and is away


def by_nearness(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The nearest unit first, then the lowest role, then whoever has the fewest waiting, then by id."""
    return sorted(candidates, key=lambda one: (one.distance, ROLES.index(one.role), one.waiting, one.id))


def nearest(candidates: Sequence[Candidate], *, excluded: Collection[int] = ()) -> Choice | None:
    """The nearest free person, or the free stand-in of one who is away and nearer; None if nobody is free.

    A stand-in decides by their own authority, so they have to be a candidate themselves.
    """
    able = {one.id: one for one in candidates if one.id not in excluded}
    passed: list[int] = []
    for one in by_nearness(list(able.values())):
        if one.duty.away is None:
            return Choice(id=one.id, in_place_of=None, passed_over=tuple(passed))
        passed.append(one.id)
        for other in one.duty.stand_ins:
            if other in able and able[other].duty.away is None:
                return Choice(id=other, in_place_of=one.id, passed_over=tuple(passed))
    return None

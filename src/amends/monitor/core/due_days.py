"""When a promise "by ten o'clock, so many business days on" is due, for every instant of a day in UTC.

Within a day the answer changes only at a local midnight, right after the cutoff, and where the clocks change;
between these it is constant. So a handful of spans says it exactly for every instant, and a join can use them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from amends.kernel.business_time import Calendar
from amends.monitor.core.standard import DueBy

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_STEP = timedelta(minutes=15)  # no zone changes its offset twice within this


@dataclass(frozen=True, kw_only=True)
class Span:
    """Openings with start <= time < end are due at `due`; microseconds since 1970."""

    start: int
    end: int
    due: int


def spans_of(day: int, due: DueBy, calendar: Calendar) -> list[Span]:
    """The spans of the UTC day `day` (days since 1970-01-01); none where the calendar runs out of dates."""
    try:
        start = _EPOCH + timedelta(days=day)
        marks = sorted({start, *_changes(start, due.cutoff, calendar.zone), start + timedelta(days=1)})
        dues = [calendar.due_by(mark, due.by, due.days, due.cutoff) for mark in marks[:-1]]
    except OverflowError:
        return []
    return [
        Span(start=_micros(mark), end=_micros(following), due=_micros(instant))
        for mark, following, instant in zip(marks, marks[1:], dues, strict=False)
    ]


def _changes(start: datetime, cutoff: time | None, zone: ZoneInfo) -> Iterator[datetime]:
    end = start + timedelta(days=1)
    at = start
    while at < end:
        if at.astimezone(zone).utcoffset() != (at + _STEP).astimezone(zone).utcoffset():
            yield _jump(at, at + _STEP, zone)
        at += _STEP
    clocks = [time()] if cutoff is None else [time(), (datetime.combine(start, cutoff) + _TICK).time()]
    for shift in (-1, 0, 1):
        for clock in clocks:
            for fold in (0, 1):
                local = datetime.combine(start.date() + timedelta(days=shift), clock, zone).replace(fold=fold)
                instant = local.astimezone(UTC)
                if start <= instant < end:
                    yield instant


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the new offset, to the microsecond."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _TICK

"""Which promises about a subject are still open, from the signals that we have: for people, not for judging.

The monitor judges; this says to somebody on the phone what is still promised. A standard with a condition (`where`) is
only said to be possible, since conditions are judged in the monitor's tables alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from amends.kernel.blueprint.standard_parts import Due, Standard
from amends.kernel.business_time import ALWAYS, Calendar

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A signal about the subject."""

    type: str
    time: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OpenPromise:
    """A promise that was opened and neither kept nor given up."""

    standard: str
    opened_at: datetime
    due: datetime | None  # None: it cannot be read from the signal
    certain: bool  # false: the standard has a condition, which is judged elsewhere

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been kept by now."""
        return self.due is not None and self.due < now


def open_promises(
    signals: Iterable[Told], standards: Sequence[Standard], calendars: Mapping[str, Calendar], *, now: datetime
) -> list[OpenPromise]:
    """The open ones of one subject, the next due first; those that gave up are over."""
    told = sorted(signals, key=lambda one: one.time)
    found = []
    for standard in standards:
        if standard.opens is None or standard.closes is None or standard.due is None:
            continue  # what must never happen is promised for ever: nothing to wait for
        for opening in (one for one in told if one.type == standard.opens.type):
            if any(one.type == standard.closes.type and one.time >= opening.time for one in told):
                continue
            due = due_of(standard.due, opening, calendars)
            if due is not None and standard.gives_up is not None and due + standard.gives_up < now:
                continue
            certain = standard.opens.where is None and standard.closes.where is None
            found.append(OpenPromise(standard=standard.id, opened_at=opening.time, due=due, certain=certain))
    return sorted(found, key=lambda one: (one.due is None, one.due or EARLIEST, one.standard))


def due_of(due: Due, opening: Told, calendars: Mapping[str, Calendar]) -> datetime | None:
    """When it is due, as the contract of standards says: never before its opening."""
    instant = _instant(due, opening, calendars)
    return None if instant is None else max(instant, opening.time)


def _instant(due: Due, opening: Told, calendars: Mapping[str, Calendar]) -> datetime | None:
    if due.at is not None:
        return _read(opening.data.get(due.at.removeprefix("data.")), due.plus or timedelta(0))
    if due.after is not None:
        return opening.time + due.after
    if due.by is None or due.calendar is None:
        return None
    calendar = ALWAYS if due.calendar == "always" else calendars.get(due.calendar)
    try:
        return None if calendar is None else calendar.due_by(opening.time, due.by, due.days or 0, due.cutoff)
    except OverflowError:
        return None


def _read(value: object, plus: timedelta) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)) + plus
    except (ValueError, OverflowError):
        return None

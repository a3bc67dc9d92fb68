"""Business time: durations, and calendars that know when somebody is at work.

A local time names exactly one instant: if clocks go back and it comes twice, the first; if clocks go forward and it
never comes, the instant of the jump. So local times keep their order, periods never overlap, and a round-the-clock
calendar has no gap. All results are in UTC.
"""

import operator
import re
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from amends.kernel.text import Localised

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DURATION = re.compile(
    r"P(?!$)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?"
)
_DAYS: Final = get_args(Weekday)
_PERIOD = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_ONE_DAY = timedelta(days=1)

Period = tuple[timedelta, timedelta]  # from midnight, local


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds; a day is 24 hours.

    Years and months have no fixed length and are refused.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        hint = (
            "years and months have no fixed length, count days"
            if re.match(r"P[\d.]+[YM]", text)
            else "write PT15M, PT2H or P1D"
        )
        raise ValueError(f"{text!r} is no duration; {hint}")
    parts = {unit: number for unit, number in match.groupdict().items() if number is not None}
    seconds, _, fraction = parts.pop("seconds", "0").partition(".")
    whole = {unit: int(number) for unit, number in parts.items()}
    try:
        return timedelta(seconds=int(seconds), microseconds=int(fraction.ljust(6, "0")), **whole)
    except OverflowError:
        raise ValueError(f"{text!r} is too long a duration") from None


def format_duration(duration: timedelta) -> str:
    """The shortest ISO 8601 form that parse_duration reads back as the same duration."""
    if duration < timedelta(0):
        raise ValueError("a duration is not negative")
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    exact = f"{seconds}.{duration.microseconds:06d}".rstrip("0").rstrip(".") if duration.microseconds else str(seconds)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (exact, "S")) if n not in (0, "0"))
    days = f"{duration.days}D" if duration.days else ""
    return f"P{days}T{clock}" if clock else f"P{days}" if days else "PT0S"


def parse_local_time(text: str) -> time:
    """`18:00`."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day; write it in quotes, as '18:00'")
    return time.fromisoformat(text)


def _duration(value: object) -> object:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"{value!r} is no duration; write PT15M, PT2H or P1D")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^P(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$",
            "examples": ["PT15M", "P1D"],
        }
    ),
]
"""A field of a pack that holds an ISO 8601 duration."""


def _local_time(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        return parse_local_time(value)
    # YAML reads an unquoted 18:00 as the number 1080
    raise ValueError(f"{value!r} is no time of day; write it in quotes, as '18:00'")


LocalTime = Annotated[
    time,
    BeforeValidator(_local_time),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}),
]
"""A field of a pack that holds a local time of day."""


class Calendar(BaseModel):
    """When work is done: a name, a time zone, the periods of each weekday, days off, and days worked in exchange."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Localised | None = Field(default=None, exclude_if=operator.not_)  # what people call it; None: by its id
    tz: str
    week: dict[str, tuple[str, ...]] = Field(min_length=1)
    holidays: tuple[date, ...] = ()
    worked: dict[date, Weekday] = Field(default={}, exclude_if=operator.not_)  # written down only where there are any

    @field_validator("tz")
    @classmethod
    def _known_zone(cls, tz: str) -> str:
        try:
            ZoneInfo(tz)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{tz!r} is no time zone; use a name such as Asia/Shanghai or America/New_York") from None
        return tz

    @field_validator("week")
    @classmethod
    def _sound_week(cls, week: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if not any(_periods_of_week(week)):
            raise ValueError("nobody ever works in this week; give at least one period")
        return week

    @model_validator(mode="after")
    def _worked_for_once(self) -> Self:
        for day, like in self.worked.items():
            if day in self._off:
                raise ValueError(f"{day} is a holiday and worked as well; leave one of them out")
            if not self._week[_DAYS.index(like)]:
                raise ValueError(f"nobody works on a {like} in this week, so {day} is not worked; name another")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    def periods(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working periods of a local day, as instants."""
        if day in self._off:
            return ()
        like = self.worked.get(day)
        return tuple(
            (start, end)
            for opens, closes in self._week[day.weekday() if like is None else _DAYS.index(like)]
            if (start := self._at(day, opens)) < (end := self._at(day, closes))
        )

    def is_business_day(self, day: date) -> bool:
        """It has working periods and is no holiday."""
        return bool(self.periods(day))

    def is_open(self, at: datetime) -> bool:
        at = _utc(at)
        return any(start <= at < end for start, end in self.periods(self._day(at)))

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The first instant by which `duration` of business time has passed since `start`."""
        if duration < timedelta(0):
            raise ValueError("business time is only added, not taken away")
        at, left = _utc(start), duration
        day = self._day(at)
        while left:
            for opens, closes in self.periods(day):
                begins = max(opens, at)
                if begins >= closes:
                    continue
                if left <= closes - begins:
                    return begins + left
                left -= closes - begins
            day += _ONE_DAY
        return at

    def elapsed(self, a: datetime, b: datetime) -> timedelta:
        """The business time between two instants; negative if b comes before a."""
        a, b = _utc(a), _utc(b)
        if b < a:
            return -self.elapsed(b, a)
        total, day, last = timedelta(0), self._day(a), self._day(b)
        while day <= last:
            for opens, closes in self.periods(day):
                total += max(timedelta(0), min(closes, b) - max(opens, a))
            day += _ONE_DAY
        return total

    def due_by(self, opened: datetime, by: time, days: int = 0, cutoff: time | None = None) -> datetime:
        """`by` o'clock, `days` business days after the one on which `opened` counts.

        An opening after the cutoff, or on a day that is no business day, counts as the next business day. With days 0
        the result may lie before `opened`; the meaning of that is the caller's (a standard takes the later of both).
        """
        if days < 0:
            raise ValueError("a due day lies ahead, not behind")
        local = _utc(opened).astimezone(self.zone)
        day = local.date()
        if not self.is_business_day(day) or (cutoff is not None and local.time() > cutoff):
            day = self._next_business_day(day)
        for _ in range(days):
            day = self._next_business_day(day)
        return self._at(day, timedelta(hours=by.hour, minutes=by.minute, seconds=by.second))

    @cached_property
    def _week(self) -> tuple[tuple[Period, ...], ...]:
        return _periods_of_week(self.week)

    @cached_property
    def _off(self) -> frozenset[date]:
        return frozenset(self.holidays)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _next_business_day(self, day: date) -> date:
        day += _ONE_DAY
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def _at(self, day: date, from_midnight: timedelta) -> datetime:
        return _instant(self.tz, datetime.combine(day, time()) + from_midnight)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC)


@lru_cache(maxsize=16_384)
def _instant(tz: str, local: datetime) -> datetime:
    """The instant that a local time names, by the rule at the top of this module."""
    zone = ZoneInfo(tz)
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    # in a gap: fold 0 lands after the jump, fold 1 before it; the jump is where the offset changes between them
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset_after = at.astimezone(zone).utcoffset()
    seconds = range(int((at - before).total_seconds()))
    changed = bisect_right(
        seconds, False, key=lambda s: (before + timedelta(seconds=s)).astimezone(zone).utcoffset() == offset_after
    )
    return before + timedelta(seconds=changed)


def _periods_of_week(week: dict[str, tuple[str, ...]]) -> tuple[tuple[Period, ...], ...]:
    days: dict[int, tuple[Period, ...]] = {}
    for names, periods in week.items():
        parsed = tuple(map(_parse_period, periods))
        for day in _parse_days(names):
            if day in days:
                raise ValueError(f"{_DAYS[day]} comes twice, again under {names!r}")
            days[day] = parsed
        for (_, closes), (opens, _) in pairwise(parsed):
            if opens < closes:
                raise ValueError(f"the periods of {names!r} overlap or are out of order")
    return tuple(days.get(day, ()) for day in range(7))


def _parse_days(names: str) -> list[int]:
    first, _, last = names.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        raise ValueError(f"{names!r} is no weekday; write mon, or mon-fri, of {', '.join(_DAYS)}")
    start, length = _DAYS.index(first), (_DAYS.index(last or first) - _DAYS.index(first)) % 7
    return [(start + step) % 7 for step in range(length + 1)]


def _parse_period(text: Any) -> Period:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no period; write '08:00-12:00'")
    h1, m1, h2, m2 = map(int, match.groups())
    opens, closes = timedelta(hours=h1, minutes=m1), timedelta(hours=h2, minutes=m2)
    if m1 > 59 or m2 > 59 or not opens < closes <= _ONE_DAY:
        raise ValueError(f"{text!r} does not start before it ends within one day, 00:00 to 24:00")
    return opens, closes


ALWAYS = Calendar(tz="UTC", week={"mon-sun": ("00:00-24:00",)})
"""Round the clock; every pack has it under the name `always`."""

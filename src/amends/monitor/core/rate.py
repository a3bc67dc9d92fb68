"""Rates: the standard that what happens at a unit stays, window by window, as it usually is, or as it was agreed.

A window is judged by a control chart; `core.control` has the limits, `tables.rates` the judgement. All windows of a
rate are equally long, so that their limits can be compared: they begin at whole multiples of their length since
1970, or, with a calendar, at those of its clock in standard time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from amends.kernel.business_time import Calendar
from amends.monitor.core.condition import Condition, fields_of, parse_condition
from amends.monitor.core.control import (
    CUSUM_DECISION,
    CUSUM_SLACK,
    EWMA_SIGMAS,
    EWMA_WEIGHT,
    SIGMAS,
    cusum_arl,
    cusum_terms,
    ewma_arl,
    ewma_terms,
    shewhart_arl,
)
from amends.monitor.core.pattern import Attribute, Declaration, Declared, Length, Name, Pattern

DAY: Final = timedelta(days=1)
REMEMBERED: Final = timedelta(days=7)  # a given target needs no history; a unit not heard of for that long starts anew
YEAR: Final = 366 * DAY  # nothing looks back further
ONE_IN: Final = 4  # windows of an EWMA or a CUSUM can be judged, or more: a desk is not open at night
_WINTER: Final = datetime(2024, 1, 1, tzinfo=UTC)  # when the offset of a zone is asked for
Chart = Literal["p", "u", "xbar", "ewma", "cusum"]


def _sound_window(window: timedelta) -> timedelta:
    if window < timedelta(minutes=1) or DAY % window or window % timedelta(seconds=1):
        raise ValueError("a window is a minute at least and divides the day: PT15M, PT1H, PT8H, P1D")
    return window


def _sound_condition(text: str) -> str:
    parse_condition(text)
    return text


def _group(by: object) -> object:
    if by not in ("unit", "subject") and not (
        isinstance(by, str) and by.startswith("data.") and len(by) > len("data.")
    ):
        raise ValueError(f"{by!r} is nothing to count by; write unit, subject or data.NAME")
    return by


class Measured(Declaration):
    """What is counted or measured in a window: all `of` these signals, and of them the `bad` ones, or a `value`.

    With neither it is their number: per window, per signal of another kind (`per`), or against a `capacity`. Instead
    of signals, the failures that other standards find can be counted.
    """

    of: Pattern | None = None
    failures: tuple[Name, ...] | Literal["any"] | None = None  # ids of standards
    bad: Annotated[str, AfterValidator(_sound_condition)] | None = None
    value: Attribute | None = None
    per: Pattern | None = None
    capacity: Annotated[float, Field(gt=0)] | Attribute | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.of is None) == (self.failures is None):
            raise ValueError("give one of: of, the signals to count, or failures, the ids of standards")
        if sum(given is not None for given in (self.bad, self.value, self.per, self.capacity)) > 1:
            raise ValueError("give one of bad, value, per and capacity at most")
        if self.failures is not None and (self.bad or self.value or isinstance(self.capacity, str)):
            raise ValueError("failures are only counted: no bad, no value, and a capacity that is a number")
        return self

    @property
    def condition(self) -> Condition | None:
        return None if self.bad is None else parse_condition(self.bad)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        return tuple(pattern for pattern in (self.of, self.per) if pattern is not None)


def _whole_days(span: timedelta) -> timedelta:
    if not DAY <= span <= YEAR or span % DAY:
        raise ValueError("a history is of whole days, a year at most: P28D, P8W")
    return span


class History(Declaration):
    """The target is what the same unit did before, in the same hour of the week where the rate has a season."""

    history: Annotated[Length, AfterValidator(_whole_days)] = timedelta(weeks=8)
    samples: int = Field(default=4, ge=2)  # so many windows of it at least, or nothing is judged
    until_then: float | None = None  # but by this target


def _past(target: object) -> object:
    return {} if target == "history" else target


def _form_of_target(target: object) -> str | None:
    if isinstance(target, History | dict) or target == "history":
        return "past"
    return "fixed" if isinstance(target, int | float) and not isinstance(target, bool) else None


Target = Annotated[
    Annotated[float, Tag("fixed")] | Annotated[History, BeforeValidator(_past), Tag("past")],
    Discriminator(
        _form_of_target,
        custom_error_type="target_form",
        custom_error_message="write a number, history, or {history: P8W, samples: 4, until_then: NUMBER}",
    ),
]


class Rate(Declared):
    """Per unit and window, a share, a count, a mean or a volume stays within its control limits."""

    echoes: ClassVar[bool] = True

    rate: Measured
    by: Annotated[str, BeforeValidator(_group)] = "unit"
    window: Annotated[Length, AfterValidator(_sound_window)]
    chart: Chart | None = None  # none: against a capacity
    target: Target | None = None
    spread: Annotated[float, Field(gt=0)] | None = None  # standard deviation of one value; beside a given mean
    minimum: int = Field(default=1, ge=1)  # fewer signals in a window say nothing
    season: Literal["hour_of_week", "hour_of_day"] | None = None  # windows are compared with such ones only
    calendar: Name | None = None  # whose clock tells the hour; none: UTC
    worse: Literal["higher", "lower"] = "higher"
    above: float = Field(default=1.0, gt=0)  # the share of the capacity that may be used
    sigmas: Annotated[float, Field(gt=0, le=10)] | None = None
    weight: float = Field(default=EWMA_WEIGHT, gt=0, le=1)
    slack: float = Field(default=CUSUM_SLACK, ge=0, le=5)
    decision: float = Field(default=CUSUM_DECISION, gt=0, le=50)

    def patterns(self) -> Iterator[Pattern]:
        yield from self.rate.patterns

    def attributes(self) -> Iterator[str]:
        for given in (self.rate.value, self.rate.capacity, self.by):
            if isinstance(given, str) and given.startswith("data."):
                yield given

    @property
    def fields(self) -> frozenset[str]:
        bad = self.rate.condition
        return super().fields | (fields_of(bad) if bad is not None else frozenset())

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.rate.capacity is None) == (self.chart is None):
            raise ValueError("a volume is judged against its capacity, without a chart; all else needs a chart")
        if (self.rate.capacity is None) == (self.target is None):
            raise ValueError("give a target, a number or history; against a capacity there is none")
        fitting = {"p": self.rate.bad, "xbar": self.rate.value}
        if self.chart in fitting and fitting[self.chart] is None:
            raise ValueError(f"{'a p chart needs bad' if self.chart == 'p' else 'an xbar chart needs value'} in rate")
        if self.chart == "u" and (self.rate.bad or self.rate.value):
            raise ValueError("a u chart counts signals: no bad and no value in rate")
        if self.season is not None and self.history is None:
            raise ValueError("a season needs target: history")
        if self.worse == "lower" and (self.counts or self.rate.capacity is not None):
            raise ValueError("fewer signals are no fault of a rate; a standard with silent_for finds silence")
        if self.rate.failures is not None and self.by.startswith("data."):
            raise ValueError("failures are counted by unit or by subject")
        for given in (self.target, self.history.until_then if self.history else None):
            if isinstance(given, float):
                self._sound_target(given)
        return self

    def _sound_target(self, target: float) -> None:
        if self.rate.bad is not None and not 0 < target < 1:
            raise ValueError("the target of a share lies between 0 and 1")
        if self.rate.value is None and target <= 0:
            raise ValueError("the target of a count is more than 0")
        if self.rate.value is not None and self.spread is None:
            raise ValueError("a given mean needs its spread, the standard deviation of one value")

    @property
    def counts(self) -> bool:
        """Whether signals of a window are counted as such, so that a window without any counts as 0."""
        return self.rate.bad is None and self.rate.value is None and self.rate.per is None

    @property
    def centre(self) -> Literal["usual", "target", "capacity"]:
        """What the middle of its chart is: what is usual, a target that was given, or the capacity."""
        if self.target is None:
            return "capacity"
        return "usual" if isinstance(self.target, History) else "target"

    @property
    def history(self) -> History | None:
        return self.target if isinstance(self.target, History) else None

    @property
    def remembered(self) -> int:
        """So many windows back a target looks; who was not heard of for so many starts anew."""
        return (self.history.history if self.history else REMEMBERED) // self.window

    @property
    def summed(self) -> int:
        """So many windows back an EWMA or a CUSUM sums up, within the time since its unit started anew.

        As many as the chart needs to forget next to nothing, even where only one in ONE_IN can be judged.
        """
        terms = {"ewma": ewma_terms(self.weight), "cusum": cusum_terms(self.decision)}.get(self.chart or "", 0)
        return max(self.remembered, min(ONE_IN * terms, YEAR // self.window))

    @property
    def bound(self) -> float:
        """How many standard errors off a Shewhart chart, or the weighted mean of an EWMA, signals."""
        if self.sigmas is not None:
            return self.sigmas
        return EWMA_SIGMAS if self.chart == "ewma" else SIGMAS

    def variance_of(self, target: float) -> float:
        """Of one signal around a given target."""
        if self.rate.value is not None:
            return (self.spread or 0.0) ** 2
        return target * (1 - target) if self.rate.bad is not None else target

    def run_length(self, shift: float = 0.0) -> float | None:
        """How many windows pass on average until it signals, if they are off by so many standard errors."""
        match self.chart:
            case None:
                return None
            case "ewma":
                return ewma_arl(shift, weight=self.weight, sigmas=self.bound, two_sided=False)
            case "cusum":
                return cusum_arl(shift, slack=self.slack, decision=self.decision, two_sided=False)
            case _:
                return shewhart_arl(shift, sigmas=self.bound, two_sided=False)


def phase(rate: Rate, calendar: Calendar) -> timedelta:
    """When its windows begin, as the time after a multiple of their length since 1970."""
    local = _WINTER.astimezone(calendar.zone)
    offset = (local.utcoffset() or timedelta(0)) - (local.dst() or timedelta(0))
    return -offset % rate.window

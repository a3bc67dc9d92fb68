"""Kinds of standard besides promises and prohibitions: limits, sequences, silence, lapse, repeats, voice."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from amends.monitor.core.pattern import Attribute, Declaration, Declared, Length, Name, Pattern

YEAR = timedelta(days=365)


def _longer_than_nothing(duration: timedelta) -> timedelta:
    if not duration:
        raise ValueError("must be longer than nothing")
    return duration


Span = Annotated[Length, AfterValidator(_longer_than_nothing)]


def _number_or_attribute(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, str) and value.startswith("data.") and len(value) > len("data.") and '"' not in value:
        return value
    raise ValueError(f"{value!r} is no bound; write a number, or data.NAME for another attribute of the signal")


Bound = Annotated[float | str, BeforeValidator(_number_or_attribute)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _any_or_names(value: object) -> object:
    if value == "any":
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    raise ValueError("write any, or a list of names with at least one in it")


AnyOrNames = Annotated[tuple[str, ...] | Literal["any"], BeforeValidator(_any_or_names)]


class Limit(Declared):
    """An attribute of a signal that must not be beyond a bound."""

    limits: Pattern
    value: Attribute
    above: Bound | None = None  # beyond if the value is greater
    below: Bound | None = None  # beyond if the value is less
    times: Positive = 1.0  # the bounds are taken so many times

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("says no bound; give above, below or both")
        if isinstance(self.above, float) and isinstance(self.below, float) and self.above < self.below:
            raise ValueError("no value is within: above is less than below")
        return self

    def patterns(self) -> Iterator[Pattern]:
        yield self.limits

    def attributes(self) -> Iterator[str]:
        yield from (one for one in (self.value, self.above, self.below) if isinstance(one, str))


class Step(Pattern):
    """One step of a sequence; its name is its type unless another is given."""

    step: Name | None = None

    @property
    def label(self) -> str:
        return self.step or self.type


class Sequence(Declared):
    """Steps that each subject goes through in this order."""

    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=50)]
    optional: tuple[Name, ...] = ()  # names of steps that may be left out
    forget_after: Span = YEAR  # a subject of which no step was heard for longer begins anew

    @model_validator(mode="after")
    def _names_are_clear(self) -> Self:
        labels = [step.label for step in self.steps]
        if twice := next((label for label in labels if labels.count(label) > 1), None):
            raise ValueError(f"two steps are called {twice!r}; give each a name of its own: step: NAME")
        if unknown := next((name for name in self.optional if name not in labels), None):
            raise ValueError(f"optional names {unknown!r}, which is no step; there are {', '.join(labels)}")
        return self

    def patterns(self) -> Iterator[Pattern]:
        yield from self.steps


class Hearing(Declaration):
    """Which signals are news of a subject."""

    types: AnyOrNames


class Silence(Declared):
    """A subject must be heard of again before too long, until something ends it."""

    hears: Hearing
    silent_for: Span
    until: Pattern | None = None
    forget_after: Span = YEAR  # an end is remembered so long

    def patterns(self) -> Iterator[Pattern]:
        if self.until is not None:
            yield self.until

    def types(self) -> frozenset[str] | None:
        return (
            None
            if self.hears.types == "any"
            else frozenset((*self.hears.types, *(pattern.type for pattern in self.patterns())))
        )


class Lapse(Declared):
    """A customer who used to buy, and stays away much longer than usual."""

    lapses: Pattern
    after: Annotated[int, Field(ge=2, le=1_000)] = 3  # purchases before there is a habit
    factor: Annotated[float, Field(ge=1, le=1_000, allow_inf_nan=False)] = 3.0  # of the mean time between them
    at_least: Length = timedelta(0)  # never found sooner after the last purchase

    def patterns(self) -> Iterator[Pattern]:
        yield self.lapses


class Failures(Declaration):
    """What other standards found: those named, or all that look at signals alone."""

    failures: AnyOrNames


def _form_of_trouble(trouble: Any) -> str:
    of_failures = "failures" in trouble if isinstance(trouble, dict) else isinstance(trouble, Failures)
    return "of_failures" if of_failures else "of_signals"


Trouble = Annotated[
    Annotated[Pattern, Tag("of_signals")] | Annotated[Failures, Tag("of_failures")], Discriminator(_form_of_trouble)
]
Whose = Literal["customer", "subject"]


def _whose(value: object) -> object:
    names = value if isinstance(value, list | tuple) else [value]
    if not names or any(name not in ("customer", "subject") for name in names):
        raise ValueError("write customer, subject, or [customer, subject]")
    return tuple(names)


class Repeat(Declared):
    """The same trouble so many times within a while, for one customer, about one subject, or both."""

    repeats: Trouble
    by: Annotated[tuple[Whose, ...], BeforeValidator(_whose)]
    times: Annotated[int, Field(ge=2, le=10_000)]
    within: Span

    echoes: ClassVar[bool] = True

    @property
    def whose(self) -> frozenset[Whose]:
        return frozenset(self.by)

    def patterns(self) -> Iterator[Pattern]:
        if isinstance(self.repeats, Pattern):
            yield self.repeats


class Voice(Declared):
    """What a customer says: words of complaint, or a rating that is too low."""

    voices: Pattern
    text: Attribute | None = None
    says: Literal["complaint"] = "complaint"  # what the text is looked through for
    rating: Attribute | None = None
    at_most: float | None = Field(default=None, allow_inf_nan=False)  # a rating up to here speaks for itself

    @model_validator(mode="after")
    def _listens_to_something(self) -> Self:
        if self.text is None and self.rating is None:
            raise ValueError("listens to nothing; give text, or rating with at_most, or both")
        if (self.rating is None) != (self.at_most is None):
            raise ValueError("rating and at_most go together: a rating up to at_most is found")
        return self

    def patterns(self) -> Iterator[Pattern]:
        yield self.voices

    def attributes(self) -> Iterator[str]:
        yield from (one for one in (self.text, self.rating) if one is not None)

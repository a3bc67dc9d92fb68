"""Standards as a pack writes them; what they mean, the monitor knows."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import Field

from amends.kernel.blueprint import rates
from amends.kernel.business_time import Duration, LocalTime
from amends.kernel.taxonomy import Frozen
from amends.kernel.text import Localised

ATTRIBUTE: Final = r"^data\.\w+(\.\w+)*$"


class Signal(Frozen):
    """Which signals open, close or violate a promise."""

    type: str = Field(min_length=1)
    where: str | None = None  # SQL boolean over the columns and data.*; the monitor parses it


class Due(Frozen):
    """One of three forms: at a time in the signal, after a while, or by a time of day some business days on."""

    at: str | None = Field(default=None, pattern=ATTRIBUTE)
    plus: Duration | None = None
    after: Duration | None = None
    by: LocalTime | None = None
    days: int | None = Field(default=None, ge=0)
    calendar: str | None = None
    cutoff: LocalTime | None = None


class Revision(Signal):
    """A signal that moves a promise's due time, and the attribute that says why."""

    due: Due  # computed from this signal
    reason: str | None = Field(default=None, pattern=ATTRIBUTE)


class Step(Signal):
    """A step of a sequence; its name is its type unless another is given."""

    step: str | None = Field(default=None, min_length=1)


class Hearing(Frozen):
    """Which signals are news of a subject: those of some types, or any."""

    types: tuple[str, ...] | Literal["any"]


class Trouble(Frozen):
    """What repeats: a signal, or the failures of other standards."""

    type: str | None = Field(default=None, min_length=1)
    where: str | None = None
    failures: tuple[str, ...] | Literal["any"] | None = None


Whose = Literal["customer", "subject"]


class Standard(Frozen):
    """What can be checked.

    One field tells the kind: opens, forbids, limits, steps, hears, lapses, repeats, voices or rate.
    The reference of standards says which fields go with it.
    """

    id: str
    name: Localised | None = None
    opens: Signal | None = None
    closes: Signal | None = None
    due: Due | None = None
    warn: Duration | None = None
    gives_up: Duration | None = None
    revises: Revision | None = None
    cancels: Signal | None = None
    forbids: Signal | None = None
    limits: Signal | None = None
    value: str | None = Field(default=None, pattern=ATTRIBUTE)
    above: float | str | None = None  # of limits: a number or an attribute; of a rate: a number
    below: float | str | None = None
    times: float | None = Field(default=None, gt=0)  # of limits: the bound so many times; of repeats: so often
    steps: tuple[Step, ...] | None = Field(default=None, min_length=2)
    optional: tuple[str, ...] | None = None
    hears: Hearing | None = None
    silent_for: Duration | None = None
    until: Signal | None = None
    forget_after: Duration | None = None
    lapses: Signal | None = None
    after: int | None = Field(default=None, ge=2)
    factor: float | None = Field(default=None, ge=1)
    at_least: Duration | None = None
    repeats: Trouble | None = None
    by: str | tuple[Whose, ...] | None = None  # of repeats: whose trouble; of a rate: what it is counted by
    within: Duration | None = None
    voices: Signal | None = None
    text: str | None = Field(default=None, pattern=ATTRIBUTE)
    says: Literal["complaint"] | None = None
    rating: str | None = Field(default=None, pattern=ATTRIBUTE)
    at_most: float | None = None
    rate: rates.Measured | None = None
    window: Duration | None = None
    chart: rates.Chart | None = None
    target: rates.Target | None = None
    spread: float | None = None
    minimum: int | None = None
    season: rates.Season | None = None
    calendar: str | None = None
    worse: Literal["higher", "lower"] | None = None
    sigmas: float | None = None
    weight: float | None = None
    slack: float | None = None
    decision: float | None = None
    failure: str  # kind in the taxonomy

    @property
    def types(self) -> frozenset[str]:
        """The types of signals that it names."""
        return frozenset(_types(self.model_dump(exclude_none=True)))

    @property
    def is_personal(self) -> bool:
        """Whether it is about the customer whom the signal names alone, whoever else its subject serves."""
        by = (self.by,) if isinstance(self.by, str) else self.by or ()
        return self.voices is not None or "customer" in by


STANDARD_FORMS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "opens": (("opens", "closes", "due"), ("warn", "gives_up", "revises", "cancels")),
    "forbids": (("forbids",), ()),
    "limits": (("limits", "value"), ("above", "below", "times")),
    "steps": (("steps",), ("optional", "forget_after")),
    "hears": (("hears", "silent_for"), ("until", "forget_after")),
    "lapses": (("lapses",), ("after", "factor", "at_least")),
    "repeats": (("repeats", "by", "times", "within"), ()),
    "voices": (("voices",), ("text", "says", "rating", "at_most")),
    "rate": (
        ("rate", "window"),
        (
            *("chart", "by", "target", "spread", "minimum", "season", "calendar", "worse", "above", "sigmas"),
            *("weight", "slack", "decision"),
        ),
    ),
}
"""The field that tells the kind of a standard -> the fields it needs, and those that it may have."""


class Standards(Frozen):
    """standards.yaml"""

    version: Literal[1]
    lateness: Duration
    standards: tuple[Standard, ...] = Field(min_length=1)


def _types(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name == "type":
                yield value
            elif name == "types" and value != "any":
                yield from value
            else:
                yield from _types(value)
    elif isinstance(part, tuple | list):
        for value in part:
            yield from _types(value)

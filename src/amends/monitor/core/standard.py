"""Standards: what can be checked, as a blueprint or a file of its own declares it.

One key of a standard tells its kind: `opens` a promise, `forbids` a prohibition. What the fields mean is fixed in the
reference of standards; it is judged in `monitor/tables`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Discriminator, Field, Tag, model_validator

from amends.kernel.business_time import ALWAYS, Calendar
from amends.monitor.core.kinds import Failures, Lapse, Limit, Repeat, Sequence, Silence, Voice
from amends.monitor.core.pattern import LONGEST, Declaration, Declared, Length, Name, Pattern
from amends.monitor.core.promise import Due, DueAfter, DueAt, DueBy, Promise
from amends.monitor.core.rate import Rate

__all__ = [
    "LONGEST",
    "Declared",
    "Due",
    "DueAfter",
    "DueAt",
    "DueBy",
    "Failures",
    "Lapse",
    "Limit",
    "Pattern",
    "Prohibition",
    "Promise",
    "Rate",
    "Repeat",
    "Sequence",
    "Silence",
    "Standard",
    "Standards",
    "Voice",
]


Kind = TypeVar("Kind", bound=Declared)


class Prohibition(Declared):
    """A signal that must not come."""

    forbids: Pattern

    def patterns(self) -> Iterator[Pattern]:
        yield self.forbids


KINDS: dict[str, tuple[str, type[Declared]]] = {
    "forbids": ("prohibition", Prohibition),
    "rate": ("rate_of", Rate),
    "limits": ("limit", Limit),
    "steps": ("sequence", Sequence),
    "hears": ("silence", Silence),
    "lapses": ("lapse", Lapse),
    "repeats": ("repeat", Repeat),
    "voices": ("voice", Voice),
}
"""The key that tells the kind of a standard -> its tag and form; without any of them it is a promise."""


def _form_of_standard(standard: Any) -> str:
    for key, (tag, form) in KINDS.items():
        if key in standard if isinstance(standard, dict) else isinstance(standard, form):
            return tag
    return "promise"


Standard = Annotated[
    Annotated[Promise, Tag("promise")]
    | Annotated[Prohibition, Tag("prohibition")]
    | Annotated[Rate, Tag("rate_of")]
    | Annotated[Limit, Tag("limit")]
    | Annotated[Sequence, Tag("sequence")]
    | Annotated[Silence, Tag("silence")]
    | Annotated[Lapse, Tag("lapse")]
    | Annotated[Repeat, Tag("repeat")]
    | Annotated[Voice, Tag("voice")],
    Discriminator(_form_of_standard),
]


class Standards(Declaration):
    """All standards that are judged together, the lateness they allow, and the calendars they name."""

    version: Literal[1]
    lateness: Length = timedelta(0)  # how far out of order signals may come
    standards: tuple[Standard, ...]
    calendars: dict[Name, Calendar] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        seen: set[str] = set()
        for standard in self.standards:
            if standard.id in seen:
                raise ValueError(f"the id {standard.id!r} comes twice")
            seen.add(standard.id)
            if isinstance(standard, Promise) and isinstance(standard.due, DueBy):
                self.calendar(standard.due.calendar)
            if isinstance(standard, Promise) and standard.revises and isinstance(standard.revises.due, DueBy):
                self.calendar(standard.revises.due.calendar)
            if isinstance(standard, Rate) and standard.calendar is not None:
                self.calendar(standard.calendar)
        for standard in self.standards:
            if isinstance(standard, Repeat | Rate):
                self.causes_of(standard)
        return self

    def causes_of(self, standard: Repeat | Rate) -> tuple[str, ...]:
        """The standards whose failures it counts; none if it counts signals."""
        kind = "rate" if isinstance(standard, Rate) else "repeats"
        counted = getattr(getattr(standard, kind), "failures", None)
        if counted is None:
            return ()
        there = tuple(one.id for one in self.standards if not one.echoes)
        if counted == "any":
            return there
        for name in counted:
            if name not in there:
                known = any(one.id == name for one in self.standards)
                why = "rests on what others find itself" if known else "is no standard here"
                raise ValueError(f"{standard.id}: {kind} names {name!r}, which {why}; there are {', '.join(there)}")
        return tuple(counted)

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; `always`, round the clock in UTC, is there without being declared."""
        if name in self.calendars:
            return self.calendars[name]
        if name == "always":
            return ALWAYS
        raise ValueError(f"there is no calendar {name!r}; there are {', '.join(sorted({*self.calendars, 'always'}))}")

    @property
    def promises(self) -> tuple[Promise, ...]:
        return self.of_kind(Promise)

    def of_kind(self, kind: type[Kind]) -> tuple[Kind, ...]:
        return tuple(standard for standard in self.standards if isinstance(standard, kind))

    @property
    def fields(self) -> frozenset[str]:
        """The attributes under data.* that any standard reads."""
        return frozenset().union(*(standard.fields for standard in self.standards))

"""Standards: promises that can be checked, as a blueprint or a file of its own declares them.

A standard is either a promise (something opens it, something closes it, it is due) or a prohibition (a signal that
must not come). What the fields mean is fixed in the reference of `amends replay`; times are judged in
`monitor/tables`.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from amends.kernel.business_time import ALWAYS, Calendar, Duration, LocalTime
from amends.kernel.text import Localised
from amends.monitor.core.condition import Condition, fields_of, parse_condition

LONGEST = timedelta(days=36_525)  # a hundred years; keeps every time of a promise within 64 bits of microseconds


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _sound_length(duration: timedelta) -> timedelta:
    if duration > LONGEST:
        raise ValueError("longer than a hundred years")
    return duration


Length = Annotated[Duration, AfterValidator(_sound_length)]
Name = Annotated[str, Field(min_length=1)]


def _sound_condition(text: str) -> str:
    parse_condition(text)
    return text


class Pattern(_Declaration):
    """Which signals are meant: a type, and optionally a condition on the rest."""

    type: Name
    where: Annotated[str, AfterValidator(_sound_condition)] | None = None

    @property
    def condition(self) -> Condition | None:
        return None if self.where is None else parse_condition(self.where)


def _field_name(text: object) -> object:
    if not isinstance(text, str) or not text.startswith("data.") or len(text) == len("data.") or '"' in text:
        raise ValueError(f"{text!r} is no attribute; write data.NAME")
    return text


class DueAt(_Declaration):
    """Due at an instant that the opening signal carries."""

    at: Annotated[str, BeforeValidator(_field_name)]
    plus: Length = timedelta(0)

    @property
    def field(self) -> str:
        return self.at.removeprefix("data.")


class DueAfter(_Declaration):
    """Due so long after the opening signal."""

    after: Length


class DueBy(_Declaration):
    """Due at a local time of day, so many business days on."""

    by: LocalTime
    calendar: Name
    days: int = Field(default=0, ge=0, le=3_660)
    cutoff: LocalTime | None = None


def _form_of_due(due: Any) -> str | None:
    if isinstance(due, dict):
        forms = [form for form in ("at", "after", "by") if form in due]
        return forms[0] if len(forms) == 1 else None
    return "at" if isinstance(due, DueAt) else "after" if isinstance(due, DueAfter) else "by"


Due = Annotated[
    Annotated[DueAt, Tag("at")] | Annotated[DueAfter, Tag("after")] | Annotated[DueBy, Tag("by")],
    Discriminator(
        _form_of_due,
        custom_error_type="due_form",
        custom_error_message="give exactly one of at, after, by: {at: data.FIELD, plus: PT15M}, {after: PT2H} "
        'or {by: "10:00", days: 1, calendar: NAME, cutoff: "18:00"}',
    ),
]


class Promise(_Declaration):
    """After an opening signal, a closing signal of the same subject is due."""

    id: Name
    name: Localised | None = None
    opens: Pattern
    closes: Pattern
    due: Due
    warn: Length | None = None  # so long before due, if still open, it is at risk
    gives_up: Length | None = None  # so long after due, late becomes never
    failure: Name | None = None  # a kind of the taxonomy; a blueprint insists on it


class Prohibition(_Declaration):
    """A signal that must not come."""

    id: Name
    name: Localised | None = None
    forbids: Pattern
    failure: Name | None = None


def _form_of_standard(standard: Any) -> str:
    forbids = "forbids" in standard if isinstance(standard, dict) else isinstance(standard, Prohibition)
    return "prohibition" if forbids else "promise"


Standard = Annotated[
    Annotated[Promise, Tag("promise")] | Annotated[Prohibition, Tag("prohibition")], Discriminator(_form_of_standard)
]


class Standards(_Declaration):
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
        return self

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; `always`, round the clock in UTC, is there without being declared."""
        if name in self.calendars:
            return self.calendars[name]
        if name == "always":
            return ALWAYS
        raise ValueError(f"there is no calendar {name!r}; there are {', '.join(sorted({*self.calendars, 'always'}))}")

    @property
    def promises(self) -> tuple[Promise, ...]:
        return tuple(standard for standard in self.standards if isinstance(standard, Promise))

    @property
    def prohibitions(self) -> tuple[Prohibition, ...]:
        return tuple(standard for standard in self.standards if isinstance(standard, Prohibition))

    @property
    def fields(self) -> frozenset[str]:
        """The attributes under data.* that any standard reads."""
        names: set[str] = set()
        for standard in self.standards:
            patterns = (standard.opens, standard.closes) if isinstance(standard, Promise) else (standard.forbids,)
            for pattern in patterns:
                names |= fields_of(pattern.condition) if pattern.condition else frozenset()
            if isinstance(standard, Promise) and isinstance(standard.due, DueAt):
                names.add(standard.due.field)
        return frozenset(names)

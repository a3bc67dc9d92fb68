"""What every standard is declared with: lengths of time, attributes, and which signals are meant."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from amends.kernel.business_time import Duration
from amends.kernel.text import Localised
from amends.monitor.core.condition import Condition, fields_of, parse_condition

LONGEST = timedelta(days=36_525)  # a hundred years; keeps every time of a promise within 64 bits of microseconds


class Declaration(BaseModel):
    """Whatever stands in a file of standards."""

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


class Pattern(Declaration):
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


Attribute = Annotated[str, BeforeValidator(_field_name)]
"""`data.NAME`"""


def name_of(attribute: str) -> str:
    """The NAME of `data.NAME`."""
    return attribute.removeprefix("data.")


class Declared(Declaration):
    """What all kinds of standard have."""

    id: Name
    name: Localised | None = None
    failure: Name | None = None  # a kind of the taxonomy; a blueprint insists on it

    echoes: ClassVar[bool] = False  # it may rest on what others found, so it is judged after them and never for them

    def patterns(self) -> Iterator[Pattern]:
        """Every pattern of signals that it looks at."""
        return iter(())

    def attributes(self) -> Iterator[str]:
        """Every `data.NAME` that it reads besides those in conditions."""
        return iter(())

    def types(self) -> frozenset[str] | None:
        """The types of the signals that it looks at; None: it may be any."""
        return frozenset(pattern.type for pattern in self.patterns())

    @property
    def fields(self) -> frozenset[str]:
        """The names under data.* that it reads."""
        read = {name_of(attribute) for attribute in self.attributes()}
        for pattern in self.patterns():
            if pattern.condition is not None:
                read |= fields_of(pattern.condition)
        return frozenset(read)

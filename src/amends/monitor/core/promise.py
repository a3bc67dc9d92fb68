"""Promises: after an opening signal a closing one is due, by one of three forms of due time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from amends.kernel.business_time import LocalTime
from amends.monitor.core.pattern import Attribute, Declaration, Declared, Length, Name, Pattern, name_of


class DueAt(Declaration):
    """Due at an instant that the opening signal carries."""

    at: Attribute
    plus: Length = timedelta(0)

    @property
    def field(self) -> str:
        return name_of(self.at)


class DueAfter(Declaration):
    """Due so long after the opening signal."""

    after: Length


class DueBy(Declaration):
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


class Promise(Declared):
    """After an opening signal, a closing signal of the same subject is due."""

    opens: Pattern
    closes: Pattern
    due: Due
    warn: Length | None = None  # so long before due, if still open, it is at risk
    gives_up: Length | None = None  # so long after due, late becomes never

    def patterns(self) -> Iterator[Pattern]:
        yield from (self.opens, self.closes)

    def attributes(self) -> Iterator[str]:
        if isinstance(self.due, DueAt):
            yield self.due.at

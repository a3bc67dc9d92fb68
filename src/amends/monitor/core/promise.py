"""Promises: after an opening signal a closing one is due, by one of three forms of due time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

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


class Revision(Pattern):
    """A signal that moves the due time of the promises that its subject has."""

    due: Due  # computed from this signal
    reason: Attribute | None = None  # why, kept with what is found later


class Promise(Declared):
    """After an opening signal, a closing signal of the same subject is due."""

    opens: Pattern
    closes: Pattern
    due: Due
    warn: Length | None = None  # so long before due, if still open, it is at risk
    gives_up: Length | None = None  # so long after due, late becomes never
    revises: Revision | None = None
    cancels: Pattern | None = None  # ends the promise, kept or not; nothing is found of it from then on

    @model_validator(mode="after")
    def _revised_by_others(self) -> Self:
        if self.revises is not None and (self.revises.type, self.revises.where) == (self.opens.type, self.opens.where):
            raise ValueError("revises the very signals that open it; tell them apart by type or where")
        return self

    @property
    def movable(self) -> bool:
        """Whether anything but its closing can change what becomes of it."""
        return self.revises is not None or self.cancels is not None

    def patterns(self) -> Iterator[Pattern]:
        yield from (one for one in (self.opens, self.closes, self.revises, self.cancels) if one is not None)

    def attributes(self) -> Iterator[str]:
        for due in (self.due, self.revises.due if self.revises else None):
            if isinstance(due, DueAt):
                yield due.at
        if self.revises is not None and self.revises.reason is not None:
            yield self.revises.reason

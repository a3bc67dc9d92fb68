"""Tags and filters of the case desk."""

from collections.abc import Mapping
from typing import Any

from django import template

from amends.kernel.text import Localised

register = template.Library()


@register.filter
def undo_step(message: Any) -> int | None:
    """The act that a message tells of, if it can be undone."""
    found: str | None = next((tag for tag in (message.extra_tags or "").split() if tag.startswith("undo-")), None)
    number = (found or "").removeprefix("undo-")
    return int(number) if number.isdigit() else None


@register.filter
def said_in(text: Localised, language: str) -> str:
    """A text in a language that need not be the reader's."""
    return text.in_(language)


@register.filter
def of_row(rows: Mapping[int, Any] | str, pk: int) -> Any:
    """What belongs to a row, by its number; nothing on a page that has none at all."""
    return rows.get(pk) if isinstance(rows, Mapping) else None

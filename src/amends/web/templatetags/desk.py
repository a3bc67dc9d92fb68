"""Tags and filters of the case desk."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def undo_step(message: Any) -> int | None:
    """The act that a message tells of, if it can be undone."""
    found: str | None = next((tag for tag in (message.extra_tags or "").split() if tag.startswith("undo-")), None)
    number = (found or "").removeprefix("undo-")
    return int(number) if number.isdigit() else None

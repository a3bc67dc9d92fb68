"""The API's description as HTML: it is written in Markdown, of which paragraphs and `code` are all that occurs."""

import re

from django import template
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def ticked(text: str | None) -> SafeString:
    """One line of it."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text or "")))  # noqa: S308 -- escaped just before


@register.filter
def paragraphs(text: str | None) -> SafeString:
    """Several lines, parted by empty ones."""
    parts = [" ".join(part.split()) for part in (text or "").split("\n\n")]
    return format_html_join("", "<p>{}</p>", ((ticked(part),) for part in parts if part))

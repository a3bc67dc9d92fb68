"""Tags of the live board and of standards."""

from datetime import datetime
from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amends.monitor.foreseen import Outlook
from amends.web.console import times
from amends.web.shapes import mark

register = template.Library()

LIKELY: Final = 0.5
PROMISE: Final[dict[str, tuple[str, str | Promise]]] = {
    "overdue": ("failed", _("overdue")),
    "at_risk": ("risk", _("at risk")),
    "open": ("waiting", pgettext_lazy("promise", "open")),
}


@register.simple_tag
def promise_state(stage: str) -> SafeString:
    """How an open promise stands, as shape, colour and word."""
    tone, word = PROMISE[stage]
    return format_html('<span class="state tone-{}">{}{}</span>', tone, mark(tone), word)


@register.simple_tag
def chance(outlook: Outlook) -> SafeString:
    """The chance to break and what moved it most, a line below the promise; in a tone from one in two on."""
    likely = outlook.chance >= LIKELY and outlook.grounds == "model"
    share = f"{outlook.chance * 100:.0f}%"
    text = gettext("{share} likely to break.") if outlook.grounds == "model" else gettext("{share} by the base rate.")
    why = " ".join(one[times.language()] for one in outlook.why[:1])
    return format_html(
        '<span class="under small chance"><b class="{}">{}</b> <span class="soft">{}</span></span>',
        "tone-risk" if likely else "soft",
        text.format(share=share),
        why,
    )


@register.simple_tag
def countdown(due: datetime, now: datetime) -> SafeString:
    """What is left, or by how much it is missed; under an hour to the second, and the page's script runs it on."""
    seconds = round((due - now).total_seconds())
    minutes, rest = divmod(abs(seconds), 60)
    span = f"{minutes}:{rest:02}" if minutes < 60 else times.span(due - now)
    said = gettext("{span} left") if seconds >= 0 else gettext("{span} overdue")
    text = said.format(span=span)
    return format_html('<time data-until datetime="{}" title="{}">{}</time>', due.isoformat(), times.moment(due), text)


@register.filter
def since(at: datetime, now: datetime) -> str:
    """How long ago it was; under a minute in seconds."""
    seconds = int((now - at).total_seconds())
    return pgettext("a span of time", "{count} s").format(count=seconds) if 0 <= seconds < 60 else times.span(now - at)


@register.filter
def exact_percent(share: float) -> str:
    """A share from 0 to 1 as a percentage with a decimal, where that says something."""
    exact = f"{share * 100:.1f}"
    return f"{exact.removesuffix('.0')}%"

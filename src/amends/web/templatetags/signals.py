"""What the pages about signals coming in say of files, rows and clocks."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from amends.monitor.core.intake import INTAKE_FILE
from amends.monitor.core.signal import SignalIn
from amends.web.console import times
from amends.web.shapes import mark

register = template.Library()
TONES: Final = {
    "prepared": "waiting",
    "running": "active",
    "cancelled": "quiet",
    "finished": "done",
    "refused": "failed",
    "dropped": "quiet",
}


@register.filter
def why(row: Any) -> str:
    """The reason of a row that keeps it in both languages."""
    return str(row.said_zh if times.language() == "zh" else row.said_en)


@register.simple_tag
def intake_state(file: Any) -> SafeString:
    """Where a file stands, as a word with its mark."""
    tone = TONES[file.state]
    label = INTAKE_FILE.state_labels[file.state].in_(times.language())
    return format_html('<span class="state tone-{}">{}{}</span>', tone, mark(tone), label)


@register.filter
def lapse(length: timedelta | None) -> str:
    """A span that may be short, or go backwards."""
    if length is None:
        return ""
    sign = "−" if length < timedelta(0) else ""
    seconds = abs(length).total_seconds()
    if seconds < 60:
        shown = f"{seconds:.1f}" if 0 < seconds < 10 else f"{seconds:.0f}"
        return sign + pgettext("a span of time", "{count} s").format(count=shown)
    return sign + times.span(abs(length))


@register.filter
def in_zone(at: datetime, zone: str) -> str:
    """A moment as it is told in a zone."""
    with timezone.override(ZoneInfo(zone)):
        return times.moment(at)


@register.filter
def further(signal: SignalIn) -> str:
    """What else a signal tells, in a line."""
    named = {"id": signal.id, "source": signal.source, "customer": signal.customer, "unit": signal.unit}
    told = [f"{name} {value}" for name, value in named.items() if value]
    told += [f"{name} {value}" for name, value in (signal.data or {}).items()]
    return " · ".join(told)[:300]

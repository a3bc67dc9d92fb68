"""Times as people of each language write them, in the deployment's zone, and spans in words.

The zone is the active one of the request (console/frame.py sets it); nothing here reads a clock.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext

from amends.kernel.text import Language, language_of


def language() -> Language:
    """The language of the request, in the kernel's terms."""
    return language_of(get_language() or "en")


def moment(at: datetime) -> str:
    """Date and time in full: `3 January 2013, 14:05`, `2013年1月3日 14:05`."""
    return date_format(timezone.localtime(at), "Y年n月j日 H:i" if language() == "zh" else "j F Y, H:i")


def moment_short(at: datetime) -> str:
    """Date and time where the year is plain: `3 Jan 14:05`, `1月3日 14:05`."""
    return date_format(timezone.localtime(at), "n月j日 H:i" if language() == "zh" else "j M H:i")


def day(at: datetime) -> str:
    """The day alone."""
    return date_format(timezone.localtime(at), "Y年n月j日" if language() == "zh" else "j F Y")


def span(length: timedelta) -> str:
    """A span by its two largest units: `2 h 5 min`, `2小时5分钟`; under a minute is `less than a minute`."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes == 0:
        return gettext("less than a minute")
    days, minutes = divmod(minutes, 1440)
    hours, minutes = divmod(minutes, 60)
    units = [
        (days, pgettext("a span of time", "{count} d")),
        (hours, pgettext("a span of time", "{count} h")),
        (minutes, pgettext("a span of time", "{count} min")),
    ]
    first = next(index for index, (count, _) in enumerate(units) if count)
    shown = [form.format(count=count) for count, form in units[first : first + 2] if count]
    return ("" if language() == "zh" else " ").join(shown)


def from_now(at: datetime, now: datetime) -> str:
    """How far from the present: `in 2 h 5 min`, `2小时5分钟后`; `40 min ago`, `40分钟前`."""
    if abs(at - now) < timedelta(minutes=1):
        return gettext("just now")
    if at >= now:
        return gettext("in {span}").format(span=span(at - now))
    return gettext("{span} ago").format(span=span(now - at))


def until_due(due: datetime, now: datetime) -> str:
    """A deadline in words: what is left, or by how much it was missed."""
    if due >= now:
        return gettext("{span} left").format(span=span(due - now))
    return gettext("{span} overdue").format(span=span(now - due))

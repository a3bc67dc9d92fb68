"""Tags of the editor of standards and of back-tests."""

from datetime import date

from django import template
from django.template.defaultfilters import date as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from amends.kernel.blueprint import Problem
from amends.web.console.problem_words import said
from amends.web.console.times import language

register = template.Library()

NO_ROOM = frozenset({"ENOSPC", "EDQUOT", "EFBIG"})
NOT_ALLOWED = frozenset({"EACCES", "EPERM", "EROFS"})


@register.filter
def day_alone(day: date) -> str:
    """A day that belongs to no zone, as the partitions of the record are."""
    return formatted(day, "Y年n月j日" if language() == "zh" else "j F Y")


@register.simple_tag
def problem(one: Problem) -> SafeString:
    """What is wrong, in the reader's language where there are words for it."""
    words, known = said(one)
    return format_html("{}" if known else '<span lang="en">{}</span>', words)


@register.simple_tag
def trouble(code: str) -> str:
    """What keeps signals from the record."""
    if code in NO_ROOM:
        return _("There is no room left on the server's disk.")
    if code in NOT_ALLOWED:
        return _("The server may not write to the folder of the record.")
    return _("The server's disk refuses to be written ({code}).").format(code=code)

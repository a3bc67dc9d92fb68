"""Tags and filters of the console: states (drawn by `shapes`), times, money and names in the reader's form."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import _render_icon

from amends.kernel.money import Money
from amends.kernel.text import Localised, shown
from amends.kernel.text_message import length_of
from amends.people.keyset import MOST_COUNTED
from amends.policy.models import Explanation
from amends.recover.core.assessing import GAP_WORDS, PARTY_WORDS
from amends.recover.core.notices import NOTICES
from amends.recover.core.splits import PATTERN_WORDS
from amends.recover.core.support import KINDS
from amends.recover.core.words import REMEDY_WORDS
from amends.recover.links import without_key
from amends.recover.selectors.grouping import incident_counting
from amends.recover.selectors.timeline import RECIPIENT_WORDS
from amends.web.console import times, words
from amends.web.console.clock_times import leaving_figures, leaving_words
from amends.web.console.rule_words import rule_said
from amends.web.shapes import clock_mark, mark, severity, state

register = template.Library()
for tag in (mark, state, severity, clock_mark):
    register.simple_tag(tag)

_CODES: Mapping[str, Mapping[str, Any]] = {
    "role": words.ROLE,
    "action_kind": words.ACTION_KIND,
    "justice": words.JUSTICE,
    "clock": words.CLOCK,
    "remedy": REMEDY_WORDS,
    "way": words.WAY,
    "responsible": words.RESPONSIBLE,
    "channel": words.CHANNEL,
    "strategy": words.STRATEGY,
    "level": words.LEVEL,
    "match": words.MATCH,
    "change": words.CHANGE,
    "phase": words.PHASE,
    "aspect": words.ASPECT,
    "party": PARTY_WORDS,
    "gap": GAP_WORDS,
    "pattern": PATTERN_WORDS,
    "notice": NOTICES,
    "recipient": RECIPIENT_WORDS,
    "incident_act": words.INCIDENT_ACT,
    "basis": words.BASIS,
    "figure": words.FIGURE,
}


@register.filter
def is_marked(customer: Any, now: datetime) -> bool:
    """Whether anything about a customer has to be seen wherever their name stands."""
    watched = customer.watch_until is not None and customer.watch_until > now
    return customer.vulnerable or watched or customer.kind == "internal"


@register.filter
def support_kind(kind: str) -> str:
    """What helps somebody after a hard case, in the reader's language."""
    return KINDS[kind].in_(times.language())


@register.simple_tag
def mail_is_sent() -> bool:
    """Whether a letter that a page offers to send would reach anybody."""
    return bool(settings.MAIL_IS_SENT)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 24, **attributes: str | float) -> SafeString:
    """An icon of the Lucide set; drawn once, since a page has dozens."""
    return _render_icon(name, size, **attributes)


@register.filter
def segments(text: str) -> int:
    """How many segments a text message takes."""
    return length_of(text).segments


@register.filter
def unkeyed(text: str) -> str:
    """A letter without the key of its customer's page."""
    return without_key(text)


@register.filter
def word(code: str, of: str) -> Any:
    """The word for a code: `{{ staff.role|word:"role" }}`."""
    found = _CODES[of].get(code, code)
    return found.in_(times.language()) if isinstance(found, Localised) else found


@register.filter
def moment(at: datetime | None) -> str:
    """Date and time in full."""
    return times.moment(at) if at else ""


@register.filter
def moment_short(at: datetime | None) -> str:
    """Date and time without the year."""
    return times.moment_short(at) if at else ""


@register.filter
def day(at: datetime | None) -> str:
    """The day alone."""
    return times.day(at) if at else ""


@register.simple_tag
def stamp(at: datetime | None, now: datetime | None = None) -> SafeString:
    """A time element: short to read, exact for machines and on hovering; with a present, relative."""
    if at is None:
        return SafeString("")
    text = times.from_now(at, now) if now else times.moment_short(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), times.moment(at), text)


@register.simple_tag
def due(at: datetime | None, now: datetime) -> SafeString:
    """A deadline: what is left or by how much it was missed; missed ones stand out by word and colour."""
    if at is None:
        return SafeString("")
    tone = "failed" if at < now else ("risk" if (at - now).total_seconds() < 3600 else "plain")
    return format_html(
        '<time class="due tone-{}" datetime="{}" title="{}">{}</time>',
        tone,
        at.isoformat(),
        times.moment(at),
        times.until_due(at, now),
    )


@register.filter(name="at")
def at_key(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """What a mapping holds for a key; empty if nothing."""
    return (mapping or {}).get(key, "")


@register.filter
def leaving(case: Any, now: datetime) -> str:
    """What it costs to leave the case a while longer, in words; a rule of thumb."""
    said_of = leaving_words(case, now)
    return said_of.in_(times.language()) if said_of else ""


@register.filter
def standing(case: Any, now: datetime) -> tuple[str, str]:
    """What leaving the case costs and how long it waits, each short enough for a column."""
    return leaving_figures(case, now)


@register.filter
def spanned(length: timedelta | None) -> str:
    """A span of time in words."""
    return times.span(length) if length else ""


@register.filter
def worded(row: Any) -> str:
    """The reader's language of a row with `en` and `zh`."""
    return str(getattr(row, times.language()))


@register.simple_tag
def money(amount: Decimal | Money | None, currency: str = "") -> str:
    """An amount in the reader's form."""
    if amount is None:
        return ""
    worth = amount if isinstance(amount, Money) else Money(amount, currency)
    return worth.in_(times.language())


@register.simple_tag
def money_whole(amount: Decimal, currency: str) -> str:
    """A sum so large that its minor units say nothing, without them."""
    return Money(Decimal(round(amount)), currency).in_(times.language()).replace(".00", "", 1)


@register.filter
def figure(value: float | None) -> str:
    """A number with its thousands parted."""
    return "" if value is None else shown(value, times.language())


@register.filter
def bounded(value: int) -> str:
    """A number that nobody counted beyond a bound: `100+` of more."""
    return f"{MOST_COUNTED}+" if value > MOST_COUNTED else str(value)


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1 as a percentage."""
    return "" if share is None else f"{share * 100:.0f}%"


@register.filter
def said(row: Any) -> str:
    """The reader's language of anything that has two: a text, an explanation, a row with `name_en` and `name_zh`."""
    if row is None:
        return ""
    suffix = times.language()
    if isinstance(row, Localised | str):
        return shown(row, suffix)
    if isinstance(row, Explanation):
        return str(getattr(row, suffix))
    if isinstance(row, Mapping):
        return str(row[suffix])
    return str(getattr(row, f"name_{suffix}"))


register.filter("rule", rule_said)


@register.filter
def resource(row: Any) -> str:
    """What a candidate hangs on or a closure closes, as people call it."""
    return words.resource_name(getattr(row, "blueprint_id", None), row.resource)


@register.filter
def counts_in(case: Any) -> int | None:
    """The incident in which a case's failures count now."""
    return incident_counting(case)


@register.simple_tag
def unit_options(units: Iterable[Any], chosen: str | None = "", codes: bool = False) -> SafeString:
    """Units as the options of a field, by their codes, which come before the names if asked; there may be hundreds."""
    name, before = f"name_{times.language()}", "{} · " if codes else ""
    return SafeString(
        "".join(
            f'<option value="{escape(unit.code)}"{" selected" if unit.code == chosen else ""}>'
            f"{escape(before.format(unit.code) + getattr(unit, name))}</option>"
            for unit in units
        )
    )


@register.filter
def local_time(at: datetime) -> str:
    """A moment as a browser's field for a date and a time has it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


@register.filter
def kind(row: Any) -> str:
    """The pack's name of the kind of failure of a case, a failure, an incident or a lesson."""
    return words.kind_name(row.blueprint_id, row.kind)


@register.filter
def step(row: Any) -> str:
    """The pack's name of the process step of a failure or a lesson."""
    return words.step_name(row.blueprint_id, row.step)


@register.filter
def playbook(row: Any) -> str:
    """The pack's name of the playbook of a plan or a response."""
    return words.playbook_name(row.blueprint_id, row.playbook)


@register.filter
def standard(row: Any) -> str:
    """The pack's name of the standard that a failure broke."""
    return words.standard_name(row.blueprint_id, row.standard)


@register.simple_tag
def standard_named(version_id: int, standard: str) -> str:
    """The name of a standard in a version of the pack."""
    return words.standard_name(version_id, standard)


@register.filter
def facts(row: Any) -> list[tuple[str, str, Any]]:
    """The facts of a row as the reader expects them: name, value, unit of measure."""
    return words.fact_rows(row.blueprint_id, row.facts)


@register.simple_tag(takes_context=True)
def fact(context: Mapping[str, Any], name: str, value: str) -> str:
    """What a customer's row says, in the pack's words: `{% fact "tier" customer.tier %}`."""
    return shown(context["frame"].taxonomy.shown(name, value), times.language())


@register.filter
def tongue(locale: str) -> str:
    """What the language of a locale is called."""
    return words.tongue(locale)


@register.simple_tag(takes_context=True)
def href_with(context: Mapping[str, Any], **changes: object) -> str:
    """The address of this page with some parameters changed or, if empty, left out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def titled(lesson: Any) -> str:
    """A lesson's title."""
    return str(getattr(lesson, f"title_{times.language()}"))


@register.filter
def told(lesson: Any) -> str:
    """A lesson's text."""
    return str(getattr(lesson, f"text_{times.language()}"))


@register.filter
def move_word(move: str, of: str) -> str:
    """What a move of a lifecycle is called."""
    return words.LIFECYCLES[of].move_labels[move].in_(times.language())

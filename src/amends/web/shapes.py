"""States as shape, colour and word: whoever sees no colours reads the shape, and a word always stands beside it."""

from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from amends.web.console import times, words

_SHAPES = {
    "failed": '<path d="M10.2 3.2A4.9 4.9 0 1 0 11.9 7"/>',
    "risk": '<circle cx="7" cy="7" r="4.9"/><path d="M7.6 1.2 6.2 5l2 2-1.8 5.8" stroke-width="1.4"/>',
    "waiting": '<circle cx="7" cy="7" r="4.9" stroke-dasharray="2.1 1.75"/>',
    "active": '<circle cx="7" cy="7" r="4.9"/><circle cx="7" cy="7" r="1.4" fill="currentColor" stroke="none"/>',
    "good": '<path d="M8.6 2.4A4.9 4.9 0 1 0 11.7 8.4"/><path class="seam" d="m8.6 2.4 1.2 1.9 1.9.9-.6 1.5.6 1.7"/>',
    "done": '<circle cx="7" cy="7" r="4.9" stroke-width="1.3"/><path d="m4.7 7.2 1.7 1.7 3-3.4" stroke-width="1.6"/>',
    "quiet": '<path d="M3 7h8"/>',
}


def mark(tone: str) -> SafeString:
    """The shape of a tone, for the eye only: a word always stands beside it."""
    shape = mark_safe(_SHAPES[tone])  # noqa: S308 -- a constant of this module
    return format_html('<svg class="mark" viewBox="0 0 14 14" aria-hidden="true">{}</svg>', shape)


def state(of: str, code: str) -> SafeString:
    """A state as shape, colour and word."""
    return _state(of, code, times.language())


@lru_cache(maxsize=512)
def _state(of: str, code: str, _language: str) -> SafeString:
    tone = words.TONES[of].get(code, "failed")
    return format_html('<span class="state tone-{}">{}{}</span>', tone, mark(str(tone)), words.state_word(of, code))


def severity(rank: int) -> SafeString:
    """How bad, as rising bars and a word."""
    return _severity(rank, times.language())


@lru_cache(maxsize=64)
def _severity(rank: int, _language: str) -> SafeString:
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="3" height="{}"/>',
        (("on" if at < rank else "off", 1 + 4 * at, 8 - 3 * at, 4 + 3 * at) for at in range(3)),
    )
    return format_html(
        '<span class="state grave-{0}"><svg class="bars bars-{0}" viewBox="0 0 13 13" aria-hidden="true">{1}</svg>'
        "{2}</span>",
        rank,
        bars,
        words.SEVERITY[rank],
    )


def clock_mark(mark_of: str, kind: str = "", small: bool = False) -> SafeString:
    """A clock at risk or missed as shape, colour and word, the word unseen if small; nothing for others.

    Args:
        mark_of: at_risk or missed.
        kind: which clock, where that is not said beside it.
        small: the shape alone.
    """
    tones = {"at_risk": "risk", "missed": "failed"}
    if mark_of not in tones:
        return SafeString("")
    tone = tones[mark_of]
    named = str(words.CLOCK_MARK[mark_of])
    if kind:
        named = gettext("{clock}: {how}").format(clock=words.CLOCK[kind], how=named)
    if small:
        shape = '<span class="state tone-{}" title="{}">{}<span class="unseen">{}</span></span>'
        return format_html(shape, tone, named, mark(tone), named)
    return format_html('<span class="state tone-{}">{}{}</span>', tone, mark(tone), named)

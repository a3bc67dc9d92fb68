"""What a standard declares, in plain words of the reader's language."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from amends.kernel.blueprint.parts import Due, Signal, Standard
from amends.web.console import words
from amends.web.console.times import span


def declared(standard: Standard, *, version_id: int) -> list[str]:
    """One sentence for each thing that it says."""
    said = [*_promise(standard), *_prohibition(standard)]
    kind = words.kind_name(version_id, standard.failure)
    return [one[:1].upper() + one[1:] for one in said] + [
        _("If it is broken, that is a failure of the kind “{kind}”.").format(kind=kind)
    ]


def _promise(standard: Standard) -> Iterator[str]:
    if standard.opens is None or standard.closes is None or standard.due is None:
        return
    opens, closes = _signal(standard.opens), _signal(standard.closes)
    yield _("Once {opens} has come, {closes} must come for the same subject: {due}.").format(
        opens=opens, closes=closes, due=_due(standard.due)
    )
    if standard.warn:
        yield _("{span} before that it is at risk, if it is still open.").format(span=span(standard.warn))
    if standard.gives_up:
        yield _("What has not come {span} after that counts as never kept.").format(span=span(standard.gives_up))


def _prohibition(standard: Standard) -> Iterator[str]:
    if standard.forbids is not None:
        yield _("{forbids} must not come; each time it does, it is a failure.").format(
            forbids=_signal(standard.forbids)
        )


def _signal(signal: Signal) -> str:
    if signal.where is None:
        return _("the signal “{type}”").format(type=signal.type)
    return _("the signal “{type}” (where {where})").format(type=signal.type, where=signal.where)


def _due(due: Due) -> str:
    if due.at is not None:
        field = due.at.removeprefix("data.")
        if due.plus and due.plus > timedelta(0):
            return _("at most {span} after the time that it names as “{field}”").format(
                span=span(due.plus), field=field
            )
        return _("by the time that it names as “{field}”").format(field=field)
    if due.after is not None:
        return _("within {span}").format(span=span(due.after))
    return _by_calendar(due)


def _by_calendar(due: Due) -> str:
    shown: dict[str, Any] = {"by": f"{due.by:%H:%M}" if due.by else "", "calendar": due.calendar, "days": due.days or 0}
    said = (
        _("by {by}, {days} business days later, as the calendar “{calendar}” counts").format(**shown)
        if due.days
        else _("by {by} of the same business day, as the calendar “{calendar}” counts").format(**shown)
    )
    if due.cutoff is None:
        return said
    return said + _("; what begins after {cutoff} counts as the next business day").format(cutoff=f"{due.cutoff:%H:%M}")

"""What a standard declares, in plain words of the reader's language; names and conditions of signals stay as code."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from amends.kernel.blueprint.standard_parts import Due, Signal, Standard
from amends.web.console import words
from amends.web.console.times import language, span


def declared(standard: Standard, *, version_id: int) -> list[SafeString]:
    """One sentence for each thing that it says."""
    said = [*_promise(standard, version_id), *(sentence for tell in _KINDS for sentence in tell(standard))]
    kind = words.kind_name(version_id, standard.failure)
    return [SafeString(one[:1].upper() + one[1:]) for one in said] + [
        format_html(_("If it is broken, that is a failure of the kind “{kind}”."), kind=kind)
    ]


def _promise(standard: Standard, version_id: int) -> Iterator[SafeString]:
    if standard.opens is None or standard.closes is None or standard.due is None:
        return
    opens, closes = _signal(standard.opens), _signal(standard.closes)
    yield format_html(
        _("Once {opens} has come, {closes} must come for the same subject: {due}."),
        opens=opens,
        closes=closes,
        due=_due(standard.due, version_id),
    )
    if standard.warn:
        yield format_html(_("{span} before that it is at risk, if it is still open."), span=span(standard.warn))
    if standard.gives_up:
        yield format_html(_("What has not come {span} after that counts as never kept."), span=span(standard.gives_up))
    if standard.revises:
        yield format_html(
            _("{signal} in time moves the due time: {due}."),
            signal=_signal(standard.revises),
            due=_due(standard.revises.due, version_id),
        )
    if standard.cancels:
        yield format_html(_("{signal} calls the promise off."), signal=_signal(standard.cancels))


def _prohibition(standard: Standard) -> Iterator[SafeString]:
    if standard.forbids is not None:
        yield format_html(
            _("{forbids} must not come; each time it does, it is a failure."), forbids=_signal(standard.forbids)
        )


def _limits(standard: Standard) -> Iterator[SafeString]:
    if standard.limits is None or standard.value is None:
        return
    measured = {"value": _field(standard.value), "signal": _signal(standard.limits)}
    if standard.above is not None:
        yield format_html(
            _("{value} of {signal} must not be above {bound}."), bound=_bound(standard, "above"), **measured
        )
    if standard.below is not None:
        yield format_html(
            _("{value} of {signal} must not be below {bound}."), bound=_bound(standard, "below"), **measured
        )


def _sequence(standard: Standard) -> Iterator[SafeString]:
    if standard.steps:
        steps = format_html_join(" → ", "<code>{}</code>", ((step.step or step.type,) for step in standard.steps))
        yield format_html(_("A subject passes these steps in this order: {steps}."), steps=steps)
    if standard.optional:
        yield format_html(_("These may be left out: {steps}."), steps=_listed(standard.optional))


def _silence(standard: Standard) -> Iterator[SafeString]:
    if standard.hears is not None and standard.silent_for is not None:
        heard = _("any signal") if standard.hears.types == "any" else _listed(standard.hears.types)
        yield format_html(
            _("No subject goes unheard of for longer than {span}; news of it is: {heard}."),
            span=span(standard.silent_for),
            heard=heard,
        )
        if standard.until is not None:
            yield format_html(_("{signal} ends that."), signal=_signal(standard.until))
    if standard.lapses is not None:
        yield format_html(
            _("Whoever used to come again ({signal}) does not stay away for much longer than is their way."),
            signal=_signal(standard.lapses),
        )


def _trouble(standard: Standard) -> Iterator[SafeString]:
    trouble = standard.repeats
    if trouble is None or standard.times is None or standard.within is None:
        return
    what = format_html(_("the signal {type}"), type=_code(trouble.type)) if trouble.type else _("a failure")
    yield format_html(
        _("The same must not meet anybody {times} times within {span}: {what}."),
        times=f"{standard.times:g}",
        span=span(standard.within),
        what=what,
    )


def _voice(standard: Standard) -> Iterator[SafeString]:
    if standard.voices is None:
        return
    signal = _signal(standard.voices)
    if standard.rating and standard.at_most is not None:
        yield format_html(_("No rating of {bound} or less in {signal}."), bound=f"{standard.at_most:g}", signal=signal)
    if standard.says or standard.text:
        yield format_html(_("No words of complaint in {signal}."), signal=signal)


def _rate(standard: Standard) -> Iterator[SafeString]:
    rate = standard.rate
    if rate is None or standard.window is None:
        return
    if rate.of is None:
        counted = _("a failure of other standards")
    else:
        counted = _signal(Signal(type=rate.of.type, where=rate.of.where))
    if rate.bad is not None:
        what = format_html(_("the share of {signal} where {bad}"), signal=counted, bad=_code(rate.bad))
    elif rate.value is not None:
        what = format_html(_("the mean of {field} of {signal}"), field=_field(rate.value), signal=counted)
    else:
        what = format_html(_("how often {signal} comes"), signal=counted)
    yield format_html(
        _("In each window of {span}, {what} must stay within its limits."), span=span(standard.window), what=what
    )
    if standard.minimum is not None and standard.minimum > 1:
        yield format_html(_("Fewer than {n} in a window say nothing."), n=standard.minimum)
    if standard.season is not None:
        yield _("Each hour is compared with its own past.")


_KINDS: Final[tuple[Callable[[Standard], Iterator[SafeString]], ...]] = (
    *(_prohibition, _limits, _sequence, _silence, _trouble, _voice, _rate),
)


def _bound(standard: Standard, side: str) -> str:
    bound = getattr(standard, side)
    shown = f"{bound:g}" if isinstance(bound, int | float) else _field(bound)
    return shown if standard.times is None else format_html("{} × {}", shown, f"{standard.times:g}")


def _code(expression: str) -> SafeString:
    return format_html("<code>{}</code>", expression)


def _field(attribute: str) -> SafeString:
    return _code(attribute.removeprefix("data."))


def _listed(names: Iterable[str]) -> SafeString:
    return format_html_join("、" if language() == "zh" else ", ", "<code>{}</code>", ((name,) for name in names))


def _signal(signal: Signal) -> SafeString:
    return _signal_of(signal.type, signal.where)


def _signal_of(type_: str, where: str | None) -> SafeString:
    if where is None:
        return format_html(_("the signal {type}"), type=_code(type_))
    return format_html(_("the signal {type} (where {where})"), type=_code(type_), where=_code(where))


def _due(due: Due, version_id: int) -> SafeString:
    if due.at is not None:
        field = _field(due.at)
        if due.plus and due.plus > timedelta(0):
            return format_html(
                _("at most {span} after the time that it names as {field}"), span=span(due.plus), field=field
            )
        return format_html(_("by the time that it names as {field}"), field=field)
    if due.after is not None:
        return format_html(_("within {span}"), span=span(due.after))
    return _by_calendar(due, version_id)


def _by_calendar(due: Due, version_id: int) -> SafeString:
    shown: dict[str, Any] = {
        "by": f"{due.by:%H:%M}" if due.by else "",
        "calendar": words.calendar_name(version_id, due.calendar or "always"),
        "days": due.days or 0,
    }
    said = (
        format_html(_("by {by}, {days} business days later, as the calendar “{calendar}” counts"), **shown)
        if due.days
        else format_html(_("by {by} of the same business day, as the calendar “{calendar}” counts"), **shown)
    )
    if due.cutoff is None:
        return said
    return said + format_html(
        _("; what begins after {cutoff} counts as the next business day"), cutoff=f"{due.cutoff:%H:%M}"
    )

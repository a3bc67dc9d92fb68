"""What a standard declares, in plain words of the reader's language."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from amends.kernel.blueprint.standard_parts import Due, Signal, Standard
from amends.web.console import words
from amends.web.console.times import language, span


def declared(standard: Standard, *, version_id: int) -> list[str]:
    """One sentence for each thing that it says."""
    said = [*_promise(standard, version_id), *(sentence for tell in _KINDS for sentence in tell(standard))]
    kind = words.kind_name(version_id, standard.failure)
    return [one[:1].upper() + one[1:] for one in said] + [
        _("If it is broken, that is a failure of the kind “{kind}”.").format(kind=kind)
    ]


def _promise(standard: Standard, version_id: int) -> Iterator[str]:
    if standard.opens is None or standard.closes is None or standard.due is None:
        return
    opens, closes = _signal(standard.opens), _signal(standard.closes)
    yield _("Once {opens} has come, {closes} must come for the same subject: {due}.").format(
        opens=opens, closes=closes, due=_due(standard.due, version_id)
    )
    if standard.warn:
        yield _("{span} before that it is at risk, if it is still open.").format(span=span(standard.warn))
    if standard.gives_up:
        yield _("What has not come {span} after that counts as never kept.").format(span=span(standard.gives_up))
    if standard.revises:
        yield _("{signal} in time moves the due time: {due}.").format(
            signal=_signal(standard.revises), due=_due(standard.revises.due, version_id)
        )
    if standard.cancels:
        yield _("{signal} calls the promise off.").format(signal=_signal(standard.cancels))


def _prohibition(standard: Standard) -> Iterator[str]:
    if standard.forbids is not None:
        yield _("{forbids} must not come; each time it does, it is a failure.").format(
            forbids=_signal(standard.forbids)
        )


def _limits(standard: Standard) -> Iterator[str]:
    if standard.limits is None or standard.value is None:
        return
    measured = {"value": _field(standard.value), "signal": _signal(standard.limits)}
    if standard.above is not None:
        yield _("“{value}” of {signal} must not be above {bound}.").format(bound=_bound(standard, "above"), **measured)
    if standard.below is not None:
        yield _("“{value}” of {signal} must not be below {bound}.").format(bound=_bound(standard, "below"), **measured)


def _sequence(standard: Standard) -> Iterator[str]:
    if standard.steps:
        steps = " → ".join(step.step or step.type for step in standard.steps)
        yield _("A subject passes these steps in this order: {steps}.").format(steps=steps)
    if standard.optional:
        yield _("These may be left out: {steps}.").format(steps=_listed(standard.optional))


def _silence(standard: Standard) -> Iterator[str]:
    if standard.hears is not None and standard.silent_for is not None:
        heard = _("any signal") if standard.hears.types == "any" else _listed(standard.hears.types)
        yield _("No subject goes unheard of for longer than {span}; news of it is: {heard}.").format(
            span=span(standard.silent_for), heard=heard
        )
        if standard.until is not None:
            yield _("{signal} ends that.").format(signal=_signal(standard.until))
    if standard.lapses is not None:
        yield _("Whoever used to come again ({signal}) does not stay away for much longer than is their way.").format(
            signal=_signal(standard.lapses)
        )


def _trouble(standard: Standard) -> Iterator[str]:
    trouble = standard.repeats
    if trouble is None or standard.times is None or standard.within is None:
        return
    what = _("the signal “{type}”").format(type=trouble.type) if trouble.type else _("a failure")
    yield _("The same must not meet anybody {times} times within {span}: {what}.").format(
        times=f"{standard.times:g}", span=span(standard.within), what=what
    )


def _voice(standard: Standard) -> Iterator[str]:
    if standard.voices is None:
        return
    signal = _signal(standard.voices)
    if standard.rating and standard.at_most is not None:
        yield _("No rating of {bound} or less in {signal}.").format(bound=f"{standard.at_most:g}", signal=signal)
    if standard.says or standard.text:
        yield _("No words of complaint in {signal}.").format(signal=signal)


def _rate(standard: Standard) -> Iterator[str]:
    rate = standard.rate
    if rate is None or standard.window is None:
        return
    if rate.of is None:
        counted = _("a failure of other standards")
    else:
        counted = _signal(Signal(type=rate.of.type, where=rate.of.where))
    if rate.bad is not None:
        what = _("the share of {signal} where {bad}").format(signal=counted, bad=rate.bad)
    elif rate.value is not None:
        what = _("the mean of “{field}” of {signal}").format(field=rate.value.removeprefix("data."), signal=counted)
    else:
        what = _("how often {signal} comes").format(signal=counted)
    yield _("In each window of {span}, {what} must stay within its limits.").format(
        span=span(standard.window), what=what
    )
    if standard.minimum is not None and standard.minimum > 1:
        yield _("Fewer than {n} in a window say nothing.").format(n=standard.minimum)
    if standard.season is not None:
        yield _("Each hour is compared with its own past.")


_KINDS: Final[tuple[Callable[[Standard], Iterator[str]], ...]] = (
    *(_prohibition, _limits, _sequence, _silence, _trouble, _voice, _rate),
)


def _bound(standard: Standard, side: str) -> str:
    bound = getattr(standard, side)
    shown = f"{bound:g}" if isinstance(bound, int | float) else f"“{_field(bound)}”"
    return shown if standard.times is None else f"{shown} × {standard.times:g}"


def _field(attribute: str) -> str:
    return attribute.removeprefix("data.")


def _listed(names: Iterable[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(names)


def _signal(signal: Signal) -> str:
    return _signal_of(signal.type, signal.where)


def _signal_of(type_: str, where: str | None) -> str:
    if where is None:
        return _("the signal “{type}”").format(type=type_)
    return _("the signal “{type}” (where {where})").format(type=type_, where=where)


def _due(due: Due, version_id: int) -> str:
    if due.at is not None:
        field = due.at.removeprefix("data.")
        if due.plus and due.plus > timedelta(0):
            return _("at most {span} after the time that it names as “{field}”").format(
                span=span(due.plus), field=field
            )
        return _("by the time that it names as “{field}”").format(field=field)
    if due.after is not None:
        return _("within {span}").format(span=span(due.after))
    return _by_calendar(due, version_id)


def _by_calendar(due: Due, version_id: int) -> str:
    shown: dict[str, Any] = {
        "by": f"{due.by:%H:%M}" if due.by else "",
        "calendar": words.calendar_name(version_id, due.calendar or "always"),
        "days": due.days or 0,
    }
    said = (
        _("by {by}, {days} business days later, as the calendar “{calendar}” counts").format(**shown)
        if due.days
        else _("by {by} of the same business day, as the calendar “{calendar}” counts").format(**shown)
    )
    if due.cutoff is None:
        return said
    return said + _("; what begins after {cutoff} counts as the next business day").format(cutoff=f"{due.cutoff:%H:%M}")

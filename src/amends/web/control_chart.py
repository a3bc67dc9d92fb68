"""A control chart drawn by the server as SVG: values over time, the mean, and limits; each named where it ends.

As in charts.py it is geometry and classes, colours are the stylesheet's, and a table with all figures stands behind it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TEXT: Final = 14  # at least so far apart stand two lines of text


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One period as it is drawn."""

    label: str  # of the time axis
    value: float | None  # None: a gap
    lower: float | None
    upper: float | None
    beyond: bool  # outside its limits
    whole: bool = True  # false: only a part of the period is in it, so its limits are those of few


@dataclass(frozen=True, kw_only=True)
class Words:
    """What stands on the chart."""

    title: str
    mean: str
    upper: str
    lower: str


@dataclass(frozen=True, kw_only=True)
class _Frame:
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    number: int

    def x(self, at: float) -> float:
        inner = self.width - self.left - self.right
        return self.left + inner * (at + 0.5) / max(self.number, 1)

    def y(self, value: float) -> float:
        inner = self.height - self.top - self.bottom
        return self.top + inner * (self.high - value) / ((self.high - self.low) or 1)


def control_chart(
    marks: Sequence[Mark],
    centre: float | None,
    *,
    words: Words,
    said: Callable[[float], str],
    most: float | None = None,
    narrow: bool = False,
) -> SafeString:
    """The chart.

    Args:
        marks: the periods in the order of time.
        centre: the mean; None where there are too few periods for one.
        words: what stands on it.
        said: a value in the reader's form.
        most: the largest value that can be, such as 1 of a share.
        narrow: for a phone.
    """
    low, high = _span(marks, centre, most)
    frame = _Frame(
        width=358 if narrow else 960,
        height=230 if narrow else 270,
        left=40,
        right=112 if narrow else 118,
        top=16,
        bottom=26,
        low=low,
        high=high,
        number=len(marks),
    )
    return _drawn(
        '<svg class="control-chart{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}</svg>',
        " narrow" if narrow else "",
        frame.width,
        frame.height,
        words.title,
        _axes(frame, marks, said, narrow=narrow),
        _band(frame, marks),
        _mean(frame, centre),
        _values(frame, marks, said),
        _names(frame, marks, centre, words, said),
    )


def _drawn(form: str, *parts: object) -> SafeString:
    """A piece of the drawing, its numbers to a tenth."""
    return format_html(form, *(f"{part:.1f}" if isinstance(part, float) else part for part in parts))


def _each(form: str, rows: Iterable[Sequence[object]]) -> SafeString:
    return format_html_join("", "{}", ((_drawn(form, *row),) for row in rows))


def _span(marks: Sequence[Mark], centre: float | None, most: float | None) -> tuple[float, float]:
    every = [value for mark in marks for value in (mark.value, mark.lower, mark.upper) if value is not None]
    every += [centre] if centre is not None else []
    low, high = min(every, default=0.0), max(every, default=1.0)
    room = (high - low) * 0.12 or (most or 1.0) * 0.05
    low, high = max(0.0, low - room), high + room
    return low, min(high, most) if most is not None else high


def _axes(frame: _Frame, marks: Sequence[Mark], said: Callable[[float], str], *, narrow: bool) -> SafeString:
    levels = _levels(frame.low, frame.high)
    across = _each(
        '<line class="cc-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="cc-text" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                frame.left,
                frame.width - frame.right,
                frame.y(level),
                frame.y(level),
                frame.left - 6,
                frame.y(level) + 4,
                said(level),
            )
            for level in levels
        ),
    )
    every = max(1, -(-len(marks) // (4 if narrow else 9)))
    along = _each(
        '<text class="cc-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        ((frame.x(at), frame.height - 8, mark.label) for at, mark in enumerate(marks) if at % every == 0),
    )
    return _drawn("{}{}", across, along)


def _levels(low: float, high: float) -> list[float]:
    """Round values for the axis, three to six of them."""
    rough = (high - low) / 4 or 1.0
    power = 10.0 ** floor(log10(rough))
    step = power * next(round_one for round_one in (1, 2, 5, 10) if power * round_one >= rough)
    return [step * at for at in range(ceil(low / step), floor(high / step + 1e-9) + 1)]


def _runs(marks: Sequence[Mark], name: str) -> Iterable[list[tuple[int, Mark]]]:
    run: list[tuple[int, Mark]] = []
    for at, mark in enumerate(marks):
        if getattr(mark, name) is None:
            if run:
                yield run
            run = []
        else:
            run.append((at, mark))
    if run:
        yield run


def _stairs(frame: _Frame, run: Sequence[tuple[int, Mark]], name: str) -> list[str]:
    return [f"{frame.x(at + side):.1f} {frame.y(getattr(mark, name)):.1f}" for at, mark in run for side in (-0.5, 0.5)]


def _band(frame: _Frame, marks: Sequence[Mark]) -> SafeString:
    """Between the limits, which are wider where fewer were promised."""
    parts = []
    for run in _runs(marks, "upper"):
        above, below = _stairs(frame, run, "upper"), _stairs(frame, run, "lower")
        parts.append(
            _drawn(
                '<path class="cc-band" d="M{}L{}Z"/><path class="cc-limit" d="M{}"/><path class="cc-limit" d="M{}"/>',
                "L".join(above),
                "L".join(reversed(below)),
                "L".join(above),
                "L".join(below),
            )
        )
    return _each("{}", ((part,) for part in parts))


def _mean(frame: _Frame, centre: float | None) -> SafeString:
    if centre is None:
        return SafeString("")
    place = frame.y(centre)
    return _drawn(
        '<line class="cc-mean" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        frame.left,
        frame.width - frame.right,
        place,
        place,
    )


def _values(frame: _Frame, marks: Sequence[Mark], said: Callable[[float], str]) -> SafeString:
    lines = [
        "L".join(f"{frame.x(at):.1f} {frame.y(mark.value or 0):.1f}" for at, mark in run)
        for run in _runs(marks, "value")
    ]
    drawn = _each('<path class="cc-line" d="M{}"/>', ((line,) for line in lines))
    points, said_at = [], -TEXT * 4.0
    for at, mark in enumerate(marks):
        if mark.value is None:
            continue
        x, y = frame.x(at), frame.y(mark.value)
        if not mark.beyond:
            points.append(_drawn('<circle class="cc-point" cx="{}" cy="{}" r="2.6"/>', x, y))
            continue
        # beyond its limits: another shape, and its value where that has room, on the side where no line runs
        points.append(_drawn('<path class="cc-beyond" d="M{} {}l5.5 5.5 -5.5 5.5 -5.5 -5.5z"/>', x, y - 5.5))
        if x - said_at >= TEXT * 3:
            below = mark.lower is not None and mark.value < mark.lower
            place = y + 20 if below and y + 20 < frame.height - frame.bottom + 4 else y - 10
            text = '<text class="cc-text cc-said" x="{}" y="{}" text-anchor="middle">{}</text>'
            points.append(_drawn(text, x, place, said(mark.value)))
            said_at = x
    return _drawn("{}{}", drawn, _each("{}", ((point,) for point in points)))


def _names(
    frame: _Frame, marks: Sequence[Mark], centre: float | None, words: Words, said: Callable[[float], str]
) -> SafeString:
    """What each line is, at its right end; moved apart where they would touch.

    The limits are said of the last whole period; while there is none, they have their name alone.
    """
    limited = [mark for mark in marks if mark.upper is not None]
    whole = [mark for mark in limited if mark.whole]
    last = next(reversed(whole or limited), None)
    form = "{} {}" if whole else "{}"
    named = [] if last is None else [(last.upper, words.upper, form), (last.lower, words.lower, form)]
    named += [(centre, words.mean, "{} {}")] if centre is not None else []
    places = sorted((frame.y(value or 0), shape.format(word, said(value or 0))) for value, word, shape in named)
    lowest = frame.height - frame.bottom
    spread: list[tuple[float, str]] = []
    for place, text in places:
        spread.append((max(place, spread[-1][0] + TEXT if spread else frame.top), text))
    over = max(0.0, spread[-1][0] - lowest) if spread else 0.0
    return _each(
        '<text class="cc-text" x="{}" y="{}">{}</text>',
        ((frame.width - frame.right + 6, place - over + 4, text) for place, text in spread),
    )

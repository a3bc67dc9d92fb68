"""A control chart drawn by the server as SVG: values over time, the mean, and limits; each named where it ends.

As in charts.py it is geometry and classes, colours are the stylesheet's, and a table with all figures stands behind it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
        right=88 if narrow else 118,
        top=16,
        bottom=26,
        low=low,
        high=high,
        number=len(marks),
    )
    return format_html(
        '<svg class="control-chart{}" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}{}{}{}{}</svg>',
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


def _span(marks: Sequence[Mark], centre: float | None, most: float | None) -> tuple[float, float]:
    every = [value for mark in marks for value in (mark.value, mark.lower, mark.upper) if value is not None]
    every += [centre] if centre is not None else []
    low, high = min(every, default=0.0), max(every, default=1.0)
    room = (high - low) * 0.08 or (most or 1.0) * 0.05
    low, high = max(0.0, low - room), high + room
    return low, min(high, most) if most is not None else high


def _axes(frame: _Frame, marks: Sequence[Mark], said: Callable[[float], str], *, narrow: bool) -> SafeString:
    levels = [frame.low + (frame.high - frame.low) * part / 4 for part in range(5)]
    shown = dict.fromkeys(said(level) for level in levels)
    across = format_html_join(
        "",
        '<line class="cc-grid" x1="{:g}" x2="{:g}" y1="{:.1f}" y2="{:.1f}"/>'
        '<text class="cc-text" x="{:g}" y="{:.1f}" text-anchor="end">{}</text>',
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
            for level in (levels if len(shown) == len(levels) else levels[::2])
        ),
    )
    every = max(1, -(-len(marks) // (4 if narrow else 9)))
    along = format_html_join(
        "",
        '<text class="cc-text" x="{:.1f}" y="{:g}" text-anchor="middle">{}</text>',
        ((frame.x(at), frame.height - 8, mark.label) for at, mark in enumerate(marks) if at % every == 0),
    )
    return format_html("{}{}", across, along)


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
            format_html(
                '<path class="cc-band" d="M{}L{}Z"/><path class="cc-limit" d="M{}"/><path class="cc-limit" d="M{}"/>',
                "L".join(above),
                "L".join(reversed(below)),
                "L".join(above),
                "L".join(below),
            )
        )
    return format_html_join("", "{}", ((part,) for part in parts))


def _mean(frame: _Frame, centre: float | None) -> SafeString:
    if centre is None:
        return SafeString("")
    place = frame.y(centre)
    return format_html(
        '<line class="cc-mean" x1="{:g}" x2="{:g}" y1="{:.1f}" y2="{:.1f}"/>',
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
    drawn = format_html_join("", '<path class="cc-line" d="M{}"/>', ((line,) for line in lines))
    points = []
    for at, mark in enumerate(marks):
        if mark.value is None:
            continue
        x, y = frame.x(at), frame.y(mark.value)
        if not mark.beyond:
            points.append(format_html('<circle class="cc-point" cx="{:.1f}" cy="{:.1f}" r="2.6"/>', x, y))
            continue
        # beyond its limits: another shape, and its value
        points.append(
            format_html(
                '<path class="cc-beyond" d="M{:.1f} {:.1f}l5.5 5.5 -5.5 5.5 -5.5 -5.5z"/>'
                '<text class="cc-text cc-said" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>',
                x,
                y - 5.5,
                x,
                y - 10 if y > frame.top + 20 else y + 20,
                said(mark.value),
            )
        )
    return format_html("{}{}", drawn, format_html_join("", "{}", ((point,) for point in points)))


def _names(
    frame: _Frame, marks: Sequence[Mark], centre: float | None, words: Words, said: Callable[[float], str]
) -> SafeString:
    """What each line is, at its right end; moved apart where they would touch."""
    last = next((mark for mark in reversed(marks) if mark.upper is not None), None)
    named = [] if last is None else [(last.upper, words.upper), (last.lower, words.lower)]
    named += [(centre, words.mean)] if centre is not None else []
    places = sorted((frame.y(value or 0), f"{word} {said(value or 0)}") for value, word in named)
    lowest = frame.height - frame.bottom
    spread: list[tuple[float, str]] = []
    for place, text in places:
        spread.append((max(place, spread[-1][0] + TEXT if spread else frame.top), text))
    over = max(0.0, spread[-1][0] - lowest) if spread else 0.0
    return format_html_join(
        "",
        '<text class="cc-text" x="{:g}" y="{:.1f}">{}</text>',
        ((frame.width - frame.right + 6, place - over + 4, text) for place, text in spread),
    )

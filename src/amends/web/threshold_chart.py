"""A curve of precision and recall over the values of a threshold, drawn by the server as SVG; a table stands behind it.

As in charts.py it is geometry and classes, and colours are the stylesheet's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TEXT: Final = 15  # at least so far apart stand two lines of text
LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One value as it is drawn."""

    label: str
    precision: float | None  # None: nothing would have alarmed
    recall: float | None
    mark: str = ""  # what it is, such as: in force


@dataclass(frozen=True, kw_only=True)
class Words:
    """What stands on the chart."""

    title: str
    precision: str
    recall: str
    wished: str


def threshold_chart(dots: Sequence[Dot], *, wished: float, words: Words, narrow: bool = False) -> SafeString:
    """Both shares at each value, equally far apart; the wished precision is a dashed line."""
    width, height = (358, 250) if narrow else (960, 270)
    left, right, top, bottom = 40, 84 if narrow else 110, 30, 30
    inner, tall = width - left - right, height - top - bottom

    def x(at: int) -> float:
        return left + inner * (at + 0.5) / max(1, len(dots))

    def y(share: float) -> float:
        return top + tall * (1 - share)

    grid = _each(
        '<line class="cc-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="cc-text" x="{}" y="{}" text-anchor="end">{}</text>',
        ((left, width - right, y(at), y(at), left - 6, y(at) + 4, f"{at:.0%}") for at in LEVELS),
    )
    goal = _each(
        '<line class="cc-limit" x1="{}" x2="{}" y1="{}" y2="{}"/>', [(left, width - right, y(wished), y(wished))]
    )
    every = max(1, -(-len(dots) // (3 if narrow else 7)))
    along = _each(
        '<text class="cc-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        ((x(at), height - 8, dot.label) for at, dot in enumerate(dots) if at % every == 0),
    )
    marked = [(at, dot.mark) for at, dot in enumerate(dots) if dot.mark]
    marks = _each(
        '<line class="cc-mean" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="cc-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (x(at), x(at), top, height - bottom, x(at), top - 4 - 13 * (row % 2), mark)
            for row, (at, mark) in enumerate(marked)
        ),
    )
    lines, ends = [], [(y(wished), words.wished)]
    for name, said, style in (("precision", words.precision, "cc-line"), ("recall", words.recall, "cc-line tc-recall")):
        places = [(x(at), y(share)) for at, dot in enumerate(dots) if (share := getattr(dot, name)) is not None]
        if not places:
            continue
        path = "L".join(f"{across:.1f} {up:.1f}" for across, up in places)
        points = _each(
            '<circle class="{}" cx="{}" cy="{}" r="2.6"/>', ((f"{style.split()[-1]}-dot", *at) for at in places)
        )
        lines.append(format_html('<path class="{}" d="M{}"/>{}', style, path, points))
        ends.append((places[-1][1], said))
    spread: list[tuple[float, str]] = []
    for place, said in sorted(ends):
        spread.append((max(place, spread[-1][0] + TEXT if spread else top), said))
    over = max(0.0, spread[-1][0] - (height - bottom))
    names = _each(
        '<text class="cc-text" x="{}" y="{}">{}</text>',
        ((width - right + 6, place - over + 4, said) for place, said in spread),
    )
    return format_html(
        '<svg class="control-chart{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        " narrow" if narrow else "",
        width,
        height,
        words.title,
        grid,
        goal,
        along,
        marks,
        format_html_join("", "{}", ((line,) for line in lines)),
        names,
    )


def _each(form: str, rows: Iterable[Sequence[object]]) -> SafeString:
    """The form for each row, numbers to a tenth."""
    return format_html_join(
        "", form, (tuple(f"{part:.1f}" if isinstance(part, float) else part for part in row) for row in rows)
    )

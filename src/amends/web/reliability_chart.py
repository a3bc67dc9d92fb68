"""The reliability curve drawn by the server as SVG: what was told against what came, with intervals, beside the truth.

As in charts.py it is geometry and classes, colours are the stylesheet's, and a table with all figures stands behind it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SIDE: Final = 300.0
LEFT, TOP, BOTTOM, RIGHT = 46.0, 12.0, 44.0, 24.0


def reliability_chart(
    steps: Sequence[Mapping[str, Any]], *, title: str, told: str, broken: str, true: str
) -> SafeString:
    """A square from 0 to 100 % both ways.

    Args:
        steps: each with told, broken, low and high, shares from 0 to 1.
        title: what the drawing is called.
        told: names the axis along.
        broken: names the axis across.
        true: names the line on which told and came are equal.
    """
    grid = format_html_join(
        "",
        '<line class="cc-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="cc-text" x="{}" y="{}" text-anchor="end">{}%</text>'
        '<text class="cc-text" x="{}" y="{}" text-anchor="middle">{}%</text>',
        (
            (
                *(_x(0), _x(1), _y(at), _y(at)),
                *(LEFT - 6, _y(at, 4), f"{at * 100:.0f}"),
                *(_x(at), f"{TOP + SIDE + 16:.1f}", f"{at * 100:.0f}"),
            )
            for at in (0, 0.25, 0.5, 0.75, 1)
        ),
    )
    spans = format_html_join(
        "",
        '<line class="rel-span" x1="{}" x2="{}" y1="{}" y2="{}"/><circle class="cc-point" cx="{}" cy="{}" r="3.6"/>',
        (
            (
                *(_x(one["told"]), _x(one["told"]), _y(one["low"]), _y(one["high"])),
                *(_x(one["told"]), _y(one["broken"])),
            )
            for one in steps
        ),
    )
    line = "L".join(f"{_x(one['told'])} {_y(one['broken'])}" for one in steps)
    return format_html(
        '<svg class="reliability" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line class="cc-mean" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="cc-text" x="{}" y="{}" text-anchor="end">{}</text>'
        '<path class="cc-line" d="M{}"/>{}'
        '<text class="cc-text" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="cc-text" transform="translate(11 {}) rotate(-90)" text-anchor="middle">{}</text></svg>',
        LEFT + SIDE + RIGHT,
        TOP + SIDE + BOTTOM,
        title,
        grid,
        *(_x(0), _x(1), _y(0), _y(1)),
        *(_x(0.7), _y(0.86), true),
        line or "0 0",
        spans,
        *(_x(0.5), f"{TOP + SIDE + 36:.1f}", told),
        *(f"{TOP + SIDE / 2:.1f}", broken),
    )


def _x(share: float) -> str:
    return f"{LEFT + SIDE * share:.1f}"


def _y(share: float, lower: float = 0) -> str:
    return f"{TOP + SIDE * (1 - share) + lower:.1f}"

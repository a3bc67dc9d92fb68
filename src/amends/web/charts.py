"""Figures drawn by the server as SVG: the ring, bars, heat maps. Geometry and classes; colours are the stylesheet's.

All that a figure shows stands as text on it or in a table beside it, so a drawing is one image to a screen reader.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SHERDS = 60  # the ring's pieces; each stands for a sixtieth of the broken promises


@dataclass(frozen=True, kw_only=True)
class Station:
    """A stop of the ring: signals, findings, … lessons."""

    label: str
    value: str  # in the reader's form
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Ware:
    """How the broken promises stand: mended with gold, being put together, or still in pieces."""

    made_good: int
    in_hand: int
    open: int

    @property
    def broken(self) -> int:
        return self.made_good + self.in_hand + self.open


def _sherds(ware: Ware) -> tuple[int, int, int]:
    """The ring's pieces by how they stand; whatever exists at all gets at least one piece."""
    if not ware.broken:
        return (0, 0, 0)
    counts = (ware.made_good, ware.in_hand, ware.open)
    pieces = [max(1, count * SHERDS // ware.broken) if count else 0 for count in counts]
    while (spare := SHERDS - sum(pieces)) != 0:
        # largest remainder: give to, or take from, the one that is furthest from its exact share
        errors = [count * SHERDS / ware.broken - piece for count, piece in zip(counts, pieces, strict=True)]
        if spare > 0:
            pieces[errors.index(max(errors))] += 1
        else:
            pieces[min((error, at) for at, error in enumerate(errors) if pieces[at] > 1)[1]] -= 1
    return (pieces[0], pieces[1], pieces[2])


def _at(angle: float, radius: float) -> str:
    """A point on the circle, the angle in degrees clockwise from the top."""
    turn = (angle - 90) * pi / 180
    return f"{radius * cos(turn):.1f} {radius * sin(turn):.1f}"


def _crack(index: int, inner: float, outer: float) -> list[str]:
    """The break between two sherds from the inner to the outer edge: jagged, and always the same for the same place."""
    angle = index * 360 / SHERDS + 1.7 * _wander(index, 9)
    steps = 4
    return [
        _at(angle + 1.5 * _wander(index, step), inner + (outer - inner) * step / steps) for step in range(steps + 1)
    ]


def _wander(index: int, step: int) -> float:
    """A number between -1 and 1 that looks like chance and is always the same for the same two."""
    large = sin(index * 12.9898 + step * 78.233) * 43758.5453
    return large - int(large)


def ring_figure(
    stations: Sequence[Station], ware: Ware, *, title: str, headline: str, caption: Sequence[str]
) -> SafeString:
    """The ring: stations around it clockwise, the ware as its body, and in the middle what matters most."""
    inner, outer, track = 118.0, 164.0, 190.0
    mended, in_hand, _ = _sherds(ware)
    body: list[SafeString] = []
    seams: list[SafeString] = []
    for index in range(SHERDS):
        left, right = _crack(index, inner, outer), _crack((index + 1) % SHERDS, inner, outer)
        shape = (
            f"M{left[0]}L{' '.join(left[1:])}A{outer:g} {outer:g} 0 0 1 {right[-1]}"
            f"L{' '.join(reversed(right[:-1]))}A{inner:g} {inner:g} 0 0 0 {left[0]}Z"
        )
        how = "mended" if index < mended else "in-hand" if index < mended + in_hand else "missing"
        body.append(format_html('<path class="sherd {} glaze-{}" d="{}"/>', how, index * 7 % 3, shape))
        if how == "mended":
            seams.append(_seam(index, left))
            if index + 1 == mended < SHERDS:
                seams.append(_seam(index + 1, right))
    lines = format_html_join(
        "", '<text class="ring-caption" y="{}">{}</text>', ((29 + 22 * at, line) for at, line in enumerate(caption))
    )
    return format_html(
        '<svg class="ring" viewBox="-330 -252 660 504" role="img" aria-label="{}">'
        '<circle class="ring-track" r="{}"/>{}{}<g>{}</g><g>{}</g><text class="ring-headline" y="-1">{}</text>{}</svg>',
        title,
        track,
        _arrows(len(stations), track),
        format_html_join("", "{}", ((_station(at, len(stations), track, one),) for at, one in enumerate(stations))),
        format_html_join("", "{}", ((one,) for one in body)),
        format_html_join("", "{}", ((one,) for one in seams)),
        headline,
        lines,
    )


def _seam(index: int, crack: list[str]) -> SafeString:
    """Gold along a crack, laid on by hand: never quite as thick as the last one."""
    return format_html(
        '<path class="gold-seam" stroke-width="{}" d="M{}"/>', f"{3 + _wander(index, 5):.1f}", "L".join(crack)
    )


def _arrows(count: int, track: float) -> SafeString:
    """Small heads between the stations: which way the ring turns."""
    middles = ((at + 0.5) * 360 / count for at in range(count))
    return format_html_join(
        "",
        '<path class="ring-arrow" d="M{}L{}L{}"/>',
        ((_at(angle - 1.3, track - 4), _at(angle + 0.6, track), _at(angle - 1.3, track + 4)) for angle in middles),
    )


def _station(index: int, count: int, track: float, station: Station) -> SafeString:
    angle = index * 360 / count
    x, y = (float(part) for part in _at(angle, track + 17).split())
    anchor = "middle" if abs(x) < 40 else "start" if x > 0 else "end"
    lift = -18 if y < -track * 0.9 else 22 if y > track * 0.9 else 2
    dot_x, dot_y = _at(angle, track).split()
    text = format_html(
        '<text x="{}" y="{}" text-anchor="{}"><tspan class="station-value">{}</tspan>'
        '<tspan class="station-label" x="{}" dy="1.3em">{}</tspan></text>',
        f"{x:.1f}",
        f"{y + lift - 4:.1f}",
        anchor,
        station.value,
        f"{x:.1f}",
        station.label,
    )
    return format_html('<circle class="station" cx="{}" cy="{}" r="4.5"/>{}', dot_x, dot_y, text)


def bar(share: float, *, tone: str = "clay", low: float | None = None, high: float | None = None) -> SafeString:
    """A bar as wide as its cell times a share from 0 to 1; with an interval, a line from its low to its high end."""
    interval = (
        SafeString("")
        if low is None or high is None
        else format_html(
            '<line class="interval" x1="{}%" x2="{}%" y1="6" y2="6"/>', f"{low * 100:.1f}", f"{high * 100:.1f}"
        )
    )
    return format_html(
        '<svg class="bar-figure {}" width="100%" height="12" aria-hidden="true">'
        '<rect width="{}%" height="12" rx="1"/>{}</svg>',
        tone,
        f"{max(0.0, min(1.0, share)) * 100:.1f}",
        interval,
    )


def _cut(label: str, width: int) -> str:
    """A label that fits; a Chinese character is two wide."""
    taken = 0
    for at, letter in enumerate(label):
        taken += 2 if letter > "\u2e7f" else 1
        if taken > width:
            return label[: at - 1] + "…"
    return label


@dataclass(frozen=True, kw_only=True)
class HeatRow:
    """One line of a heat map: a name and a value for each column."""

    label: str
    values: tuple[int, ...]


def heat_map(rows: Sequence[HeatRow], columns: Iterable[str], *, title: str, narrow: bool = False) -> SafeString:
    """Rows by columns, five steps of colour; every cell that is not empty carries its number.

    Narrow, for a phone: as wide as its cells, each row's name above them.
    """
    names = list(columns)
    side, top = 30, 24
    gutter, above = (0, 22) if narrow else (290, 0)
    high = side + above
    most = max((value for row in rows for value in row.values), default=0)
    cells = []
    for line, row in enumerate(rows):
        for at, value in enumerate(row.values):
            if not value:
                continue
            step = min(5, 1 + value * 5 // (most + 1))
            x, y = gutter + at * side, top + line * high + above
            cells.append(
                format_html(
                    '<rect class="heat heat-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
                    '<text class="heat-value on-{}" x="{}" y="{}">{}</text>',
                    step,
                    x + 1,
                    y + 1,
                    side - 2,
                    side - 2,
                    step,
                    x + side / 2,
                    y + side / 2 + 4,
                    value if value < 1000 else f"{value / 1000:.0f}k",
                )
            )
    heads = format_html_join(
        "",
        '<text class="heat-head" x="{}" y="16">{}</text>',
        ((gutter + at * side + side / 2, name) for at, name in enumerate(names)),
    )
    labels = format_html_join(
        "",
        '<text class="heat-label" x="{}" y="{}">{}</text>',
        (
            (1 if narrow else gutter - 10, top + line * high + side / 2 + (0 if narrow else 5), _cut(row.label, 48))
            for line, row in enumerate(rows)
        ),
    )
    return format_html(
        '<svg class="heat-map{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        " narrow" if narrow else "",
        gutter + side * len(names),
        top + high * len(rows) + 4,
        title,
        heads,
        labels,
        format_html_join("", "{}", ((cell,) for cell in cells)),
    )

"""Lifecycles as tables and as drawings, from the transition tables that the code obeys.

A drawing is read down a column: a move leads from each dot to the arrow. States are rows, so nothing ever overlaps.
"""

from collections.abc import Mapping
from html import escape
from typing import Final

from amends.channels.core.message import MESSAGE
from amends.kernel.lifecycle import Lifecycle
from amends.learn.core.lesson import LESSON
from amends.monitor.core.backtest import BACKTEST
from amends.monitor.core.candidate import CANDIDATE
from amends.monitor.core.flood import GUARD
from amends.monitor.core.incident import LIFECYCLE as INCIDENT
from amends.monitor.core.intake import INTAKE_FILE
from amends.monitor.core.prediction.lifecycles import INTERVENTION, TRAINING
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK
from amends.recover.core.recharge import RECHARGE
from amends.recover.core.splits import SPLIT
from amends.recover.core.support import SUPPORT

LIFECYCLES: Final[Mapping[str, Lifecycle]] = {
    one.name: one
    for one in (
        *(
            INTAKE_FILE,
            INCIDENT,
            CANDIDATE,
            GUARD,
            BACKTEST,
            TRAINING,
            INTERVENTION,
            CASE,
            ACTION,
            APPROVAL,
            SPLIT,
            SUPPORT,
            CLOCK,
            RECHARGE,
            MESSAGE,
            LESSON,
        ),
    )
}

# pixels
ROW, COLUMN, LABELS, HEAD, EDGE = 44, 104, 250, 64, 16
FONTS: Final = "system-ui, 'PingFang SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
PAPER, INK, SOFT, LINE, GOLD = "#fbf8f1", "#26221c", "#6b6357", "#d9d1c0", "#a87b14"


def tables(name: str) -> str:
    """The states with their legal moves, in both languages, below the drawing."""
    found = LIFECYCLES[name]
    rows = []
    for state in found.states:
        label = found.state_labels[state]
        moves = "; ".join(
            f"{found.move_labels[move].en} {found.move_labels[move].zh} → `{after}`"
            for move, after in found.moves_from(state).items()
        )
        begins = " (begins here)" if state == found.initial else ""
        rows.append(f"| `{state}`{begins} | {label.en} {label.zh} | {moves or 'final'} |")
    picture = f"![Lifecycle: {name}](lifecycles/{name}.svg)"
    return "\n".join([picture, "", "| state | shown as | legal moves |", "|---|---|---|", *rows])


def drawing(name: str) -> str:
    """The SVG of one lifecycle."""
    found = LIFECYCLES[name]
    place = {state: row for row, state in enumerate(found.states)}
    columns: dict[tuple[str, str], list[str]] = {}
    for state in found.states:
        for move, after in found.moves_from(state).items():
            columns.setdefault((move, after), []).append(state)
    width = LABELS + COLUMN * len(columns) + EDGE
    height = HEAD + ROW * len(place) + EDGE
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    font = f'font-family="{FONTS}" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Lifecycle: {escape(name)}" {font}>',
        f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>',
    ]
    for state, row in place.items():
        parts += _state(found, state, HEAD + ROW * row + ROW // 2, width)
    for index, ((move, after), sources) in enumerate(columns.items()):
        parts += _move(
            found, move, [place[one] for one in sources], place[after], LABELS + COLUMN * index + COLUMN // 2
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _state(found: Lifecycle, state: str, y: int, width: int) -> list[str]:
    label = found.state_labels[state]
    zh = f'<tspan fill="{SOFT}">{escape(label.zh)}</tspan>'
    weight = ' font-weight="600"' if state == found.initial else ""
    said = [
        f'<line x1="{EDGE}" y1="{y}" x2="{width - EDGE}" y2="{y}" stroke="{LINE}"/>',
        f'<text x="{EDGE + 14}" y="{y - 6}" fill="{INK}"{weight}>{escape(label.en)}\N{NO-BREAK SPACE}{zh}</text>',
    ]
    if state == found.initial:
        said.append(f'<path d="M{EDGE} {y - 15} l8 5 l-8 5 z" fill="{INK}"/>')
    if state in found.final:
        said.append(f'<rect x="{EDGE}" y="{y - 15}" width="8" height="8" fill="{INK}"/>')
    return said


def _move(found: Lifecycle, move: str, sources: list[int], target: int, x: int) -> list[str]:
    label = found.move_labels[move]
    end = HEAD + ROW * target + ROW // 2
    rows = [HEAD + ROW * row + ROW // 2 for row in sources]
    said = [
        f'<text x="{x}" y="26" fill="{INK}" text-anchor="middle" font-size="12">{escape(label.en)}</text>',
        f'<text x="{x}" y="43" fill="{SOFT}" text-anchor="middle" font-size="12">{escape(label.zh)}</text>',
    ]
    for way in (min([*rows, end]), max([*rows, end])):
        if way != end:
            tip = end - 8 if way < end else end + 8
            said += [
                f'<line x1="{x}" y1="{way}" x2="{x}" y2="{tip}" stroke="{GOLD}" stroke-width="2"/>',
                f'<path d="M{x} {end} l-5 {tip - end} h10 z" fill="{GOLD}"/>',
            ]
    said += [f'<circle cx="{x}" cy="{y}" r="5" fill="{INK}"/>' for y in rows]
    return said

"""The generator of the reference: drawings show every move, and what is stale is brought up to date."""

from xml.etree import ElementTree as ET

import pytest

from amends.kernel.lifecycle import Lifecycle
from docs.generate.lifecycles import LIFECYCLES, drawing, tables
from docs.generate.pages import filled

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_a_drawing_has_a_dot_for_every_move_and_names_every_state(lifecycle: Lifecycle) -> None:
    drawn = ET.fromstring(drawing(lifecycle.name))  # noqa: S314 -- our own drawing
    moves = [(state, move) for state in lifecycle.states for move in lifecycle.moves_from(state)]
    assert len(drawn.findall(f"{SVG}circle")) == len(moves)
    words = "".join(drawn.itertext())
    assert all(label.en in words and label.zh in words for label in lifecycle.state_labels.values())


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_a_table_has_a_row_for_every_state(lifecycle: Lifecycle) -> None:
    rows = tables(lifecycle.name).splitlines()
    assert all(any(row.startswith(f"| `{state}`") for row in rows) for state in lifecycle.states)


def test_a_stale_part_is_filled_and_the_rest_of_the_page_kept() -> None:
    page = "before\n<!-- generated: rights -->\nstale\n<!-- end of generated -->\nafter\n"
    fresh = filled(page)
    assert fresh.startswith("before\n")
    assert fresh.endswith("\nafter\n")
    assert "stale" not in fresh
    assert "| `approve` |" in fresh
    assert filled(fresh) == fresh

"""Paths of units: the laws of a tree, and what is no tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.people.core.unit_tree import BadUnits, UnitRow, checked, depth, paths_of

# each unit's parent is an earlier one or none: always a tree
trees = st.lists(st.integers(min_value=-1, max_value=30), min_size=1, max_size=20).map(
    lambda above: {f"U{i}": (f"U{a % i}" if a >= 0 and i else None) for i, a in enumerate(above)}
)


@given(trees)
def test_a_path_is_the_parents_path_and_the_own_code(parents: dict[str, str | None]) -> None:
    paths = paths_of(parents)
    assert set(paths) == set(parents)
    for code, parent in parents.items():
        assert paths[code] == (paths[parent] if parent else "/") + code + "/"
        assert depth(paths[code]) == (depth(paths[parent]) + 1 if parent else 0)


@given(trees)
def test_the_order_of_the_rows_does_not_matter(parents: dict[str, str | None]) -> None:
    assert paths_of(dict(reversed(parents.items()))) == paths_of(parents)


def test_a_circle_is_named() -> None:
    with pytest.raises(BadUnits, match="A -> B -> C -> A"):
        paths_of({"A": "B", "B": "C", "C": "A"})


def test_an_unknown_parent_is_named() -> None:
    with pytest.raises(BadUnits, match="Unit B: its parent X is unknown"):
        paths_of({"A": None, "B": "X"})


def test_a_path_has_room_or_the_unit_is_refused() -> None:
    long = {f"{i:060}": (f"{i - 1:060}" if i else None) for i in range(10)}
    with pytest.raises(BadUnits, match="more than 500"):
        paths_of(long)


@pytest.mark.parametrize("code", ["", "A/B", "x" * 65, "A\nB", "A\0"])
def test_a_code_that_would_break_a_path_is_refused(code: str) -> None:
    with pytest.raises(BadUnits):
        checked(UnitRow(code, None, "name", "名"))

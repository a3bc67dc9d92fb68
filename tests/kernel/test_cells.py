"""Whatever a cell holds, no spreadsheet reckons it."""

import pytest

from amends.kernel.cells import harmless


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"])
def test_a_formula_is_shown_and_not_reckoned(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-5", "+3.5", "-1,5", "a=b", "F1", "2026-03-02"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell

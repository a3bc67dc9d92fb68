"""The way back leads over moves of the table only."""

from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK
from amends.recover.core.undoing import way


@given(st.sampled_from((CASE, ACTION, CLOCK)), st.data())
def test_a_way_is_made_of_legal_moves_and_ends_where_it_should(lifecycle, data) -> None:
    start, wanted = (data.draw(st.sampled_from(lifecycle.states)) for _ in range(2))
    moves = way(lifecycle, start, wanted)
    if moves is None:
        return
    at = start
    for move in moves:
        at = lifecycle.after(at, move)
    assert at == wanted


def test_a_closed_case_finds_back_to_where_it_was_closed_from() -> None:
    assert way(CASE, "closed", "awaiting_customer") == ("reopen", "finish")
    assert way(CASE, "closed", "made_good") == ("object", "accept")


def test_there_is_no_way_out_of_a_merged_case_or_an_ended_action() -> None:
    assert way(CASE, "merged", "in_progress") is None
    assert way(ACTION, "skipped", "ready") is None
    assert way(ACTION, "done", "done") == ()

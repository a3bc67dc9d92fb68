"""The transition tables of recovery, and the bulk moves made from them (Law 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.lifecycle import IllegalMove, Lifecycle
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.case import CASE, SETTLED
from amends.recover.core.clocks import CLOCK
from amends.recover.core.recharge import RECHARGE
from amends.recover.moves import next_state, reached, states_with

LIFECYCLES = (CASE, ACTION, APPROVAL, CLOCK, RECHARGE)


def test_the_usual_way_of_a_case_is_in_the_table():
    assert reached(CASE, "plan", "start", "finish", "accept", "close") == "closed"


def test_a_case_with_objections_is_taken_up_again():
    assert reached(CASE, "object", "resume", "finish", start="made_good") == "awaiting_customer"


def test_from_a_settled_case_only_a_reopening_or_an_objection_leads_out():
    for state in SETTLED:
        assert set(CASE.moves_from(state)) <= {"reopen", "object"}


def test_what_is_done_stays_done():
    assert ACTION.final == {"done", "refused", "skipped"}
    assert APPROVAL.final == {"granted", "refused", "withdrawn"}


@given(st.sampled_from(LIFECYCLES), st.data())
def test_a_bulk_move_is_legal_from_exactly_the_states_of_the_table(lifecycle: Lifecycle, data):
    move = data.draw(st.sampled_from(sorted(lifecycle.move_labels)))
    legal = states_with(lifecycle, move)
    for state in lifecycle.states:
        if state in legal:
            assert f"when '{state}' then '{lifecycle.after(state, move)}'" in next_state(lifecycle, move)
        else:
            with pytest.raises(IllegalMove):
                lifecycle.after(state, move)


def test_a_move_of_several_steps_is_legal_only_if_each_of_them_is():
    assert states_with(CASE, "start", "finish") == ("planned",)
    assert states_with(CASE, "finish", "accept") == ("in_progress", "paused")

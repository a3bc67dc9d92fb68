"""The ladder leads up, never sideways or down."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.parts import Ladder, LadderStep
from amends.kernel.text import Localised
from amends.people.core.rights import ROLES, may
from amends.recover.core.ladder import after_objection, rungs

ROLES_UP = ROLES[:-1]
WORD = Localised(en="someone", zh="某人")

ladders = st.lists(st.sampled_from(ROLES_UP), min_size=1, max_size=5, unique=True).map(
    lambda roles: Ladder(
        steps=tuple(
            LadderStep(role=role, title=WORD, within=timedelta(days=1)) for role in sorted(roles, key=ROLES.index)
        )
    )
)


@given(ladders, st.integers(1, 5), st.integers(1, 9))
def test_whatever_is_objected_a_case_goes_up_one_step_at_a_time_and_stays_at_the_top(ladder, start, objections):
    step = min(start, len(ladder.steps))
    for _ in range(objections):
        after = after_objection(step, ladder)
        assert after == step + 1 or after == step == len(ladder.steps)
        higher, lower = ladder.steps[after - 1].role, ladder.steps[step - 1].role
        assert ROLES.index(higher) > ROLES.index(lower) or after == step
        step = after


@given(ladders, st.integers(1, 5))
def test_exactly_one_step_is_responsible_and_the_next_one_is_named(ladder, current):
    current = min(current, len(ladder.steps))
    places = [rung.place for rung in rungs(current, ladder)]
    assert places.count("now") == 1
    assert places.count("next") == (current < len(ladder.steps))
    assert places == sorted(places, key=["before", "now", "next", "later"].index)


def test_the_airline_publishes_five_steps_up_to_an_executive_with_a_name_and_whoever_stands_there_may_answer():
    steps = load_shipped("airline").ladder.steps
    assert [step.role for step in steps] == list(ROLES_UP)
    assert steps[-1].named
    assert all(may(step.role, "work_cases") for step in steps)

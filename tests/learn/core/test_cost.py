"""Each line of the cost of failure by hand, with round figures."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.economics import Economics
from amends.kernel.money import Money
from amends.learn.core.cost import CASES, Quantities, cost_of, lowest
from tests.learn.worlds import ECONOMICS, figure

COUNTED = Quantities(
    remedies=Decimal(250),
    minutes=Decimal(90),
    messages=6,
    value_lost=Decimal(400),
    tellers=Decimal("2.5"),
    cases=3,
)
quantities = st.builds(
    Quantities,
    remedies=st.decimals(0, 10**6, places=2),
    minutes=st.decimals(0, 10**5, places=1),
    messages=st.integers(0, 10**5),
    value_lost=st.decimals(0, 10**6, places=3),
    tellers=st.decimals(0, 10**4, places=3),
    cases=st.integers(0, 10**4),
    valued_by_default=st.integers(0, 10),
    simulated=st.integers(0, 10),
)


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("remedies", "250.00"),
        ("handling", "48.00"),  # 1.5 h x 30 + 6 x 0.50
        ("leaving", "160.00"),  # 400 x 0.20 x 2
        ("word_of_mouth", "50.00"),  # 2.5 x 10 x 0.01 x 500 x 0.20 x 2
    ],
)
def test_each_line_can_be_recomputed_by_hand(line: str, amount: str) -> None:
    assert cost_of(COUNTED, ECONOMICS, "USD").line(line).amount == Money(Decimal(amount), "USD")


def test_a_line_is_as_certain_as_its_least_certain_figure() -> None:
    cost = cost_of(COUNTED, ECONOMICS, "USD")
    assert {line.name: line.confidence for line in cost.lines} == {
        "remedies": "high",
        "handling": "medium",
        "leaving": "medium",
        "word_of_mouth": "low",
    }
    assert cost.confidence == "low"


def test_one_uncertain_figure_makes_its_line_uncertain() -> None:
    unsure = Economics.model_validate({**ECONOMICS.model_dump(), "wage_per_hour": figure("30", "low")})
    assert cost_of(COUNTED, unsure, "USD").line("handling").confidence == "low"


def test_simulated_answers_make_the_expectations_uncertain_and_are_named() -> None:
    line = cost_of(replace(COUNTED, simulated=2), ECONOMICS, "USD").line("leaving")
    assert line.confidence == "low"
    assert [(one.value, one.unit) for one in line.basis if one.name == "outcomes"] == [(Decimal(2), CASES)]


def test_the_default_value_of_a_customer_is_named_only_where_it_was_needed() -> None:
    def names(counted: Quantities) -> set[str]:
        return {one.name for one in cost_of(counted, ECONOMICS, "USD").line("leaving").basis}

    assert "yearly_value" not in names(COUNTED)
    assert "yearly_value" in names(replace(COUNTED, valued_by_default=1))


def test_every_figure_of_a_line_carries_its_source() -> None:
    for line in cost_of(COUNTED, ECONOMICS, "USD").lines:
        assert line.basis
        assert all(one.source and one.unit for one in line.basis)


def test_the_lowest_confidence_wins() -> None:
    assert lowest(["high", "medium", "high"]) == "medium"
    assert lowest(["high", "low", "medium"]) == "low"


def test_nothing_counted_costs_nothing() -> None:
    assert not cost_of(Quantities(), ECONOMICS, "USD").total


@given(quantities)
def test_the_total_is_the_sum_of_the_lines_and_no_line_is_a_gain(counted: Quantities) -> None:
    cost = cost_of(counted, ECONOMICS, "USD")
    assert cost.total.amount == sum(line.amount.amount for line in cost.lines)
    assert all(line.amount.amount >= 0 for line in cost.lines)


@given(quantities, quantities)
def test_costs_of_two_sets_add_up_to_the_cost_of_both(one: Quantities, other: Quantities) -> None:
    apart = cost_of(one, ECONOMICS, "USD").total + cost_of(other, ECONOMICS, "USD").total
    together = cost_of(one + other, ECONOMICS, "USD").total
    assert abs(apart.amount - together.amount) <= Decimal("0.04")  # four lines, each rounded once more

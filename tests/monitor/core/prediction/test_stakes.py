"""What a failure would cost is priced by the figures by which failures are priced afterwards."""

from decimal import Decimal

import pytest

from amends.kernel.blueprint import load_shipped
from amends.learn.core.cost import Quantities, cost_of
from amends.learn.core.loyalty import Answer, ordered, weight_of
from amends.monitor.core.prediction.stakes import cost_of_one


@pytest.mark.parametrize("pack", ["airline", "express", "hotel", "restaurant", "telecom", "bank"])
def test_one_silent_customer_costs_what_learning_says_afterwards(pack):
    blueprint = load_shipped(pack)
    economics = blueprint.economics
    actions = blueprint.playbooks[0].actions
    silent = weight_of(economics.loyalty, ordered(economics.loyalty)[0], Answer())
    minutes = sum(
        (economics.handling_minutes[one.kind].value for one in actions if one.performer != "automatic"), Decimal(0)
    )
    quantities = Quantities(
        minutes=minutes, value_lost=economics.yearly_value.value * silent.leaves, tellers=silent.dissatisfied, cases=1
    )
    after = cost_of(quantities, economics, blueprint.currency).total.amount
    assert float(cost_of_one(economics, actions)) == pytest.approx(float(after), abs=0.03)

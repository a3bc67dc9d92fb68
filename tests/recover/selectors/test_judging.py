"""What a plan is held against: the customer's loss is the fact that the pack names, whatever its name."""

import json
from decimal import Decimal

import pytest
import stories

from amends.kernel.blueprint import Blueprint
from amends.people.models import Customer
from amends.policy.services import publish_blueprint
from amends.recover.selectors.judging import judged, situation_of
from amends.recover.services import take_complaint

NOW = stories.NOW


def lost(fact: str, kind: str):
    """The situation of somebody who says that they lost 300."""
    who = Customer.objects.create(reference="P", name="P", created_at=NOW)
    case = take_complaint(
        who, form="1", kind=kind, subject="X-1", unit=None, facts={fact: 300, "fare": 90}, words="It is gone.",
        channel="phone", receipt="", acting_user=stories.staff("front_line"), now=NOW,
    )  # fmt: skip
    return situation_of(judged(case), (), earlier=0).loss


@pytest.mark.parametrize(
    ("pack_calls_it", "told", "expected"),
    [
        ("damage", "damage", Decimal(300)),
        ("", "loss_amount", Decimal(90)),  # no fact is named: what they paid stands for it
    ],
)
def test_the_loss_is_the_fact_that_the_pack_names(company, pack_calls_it, told, expected):
    content = company.pack.content()
    if pack_calls_it:
        content = json.loads(json.dumps(content).replace("loss_amount", pack_calls_it))
    else:
        del content["taxonomy"]["lost"]
    publish_blueprint(Blueprint.from_content(content), name=company.pack.id, now=NOW, acting_user="test")
    assert lost(told, "baggage_lost") == expected

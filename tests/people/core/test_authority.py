"""Authority: no limit is got around, neither by splitting a sum nor by asking oneself."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.parts import AuthorityLevel
from amends.people.core.authority import (
    NOTHING_SPENT,
    SelfApproval,
    Spent,
    approver_of,
    check_approver,
    covers,
    exceeded,
    lowest_covering,
)


def level(role: str, *, per_case: int, per_customer: int = 10_000, per_period: int = 100_000, approves: bool = False):
    return AuthorityLevel.model_validate(
        {
            "id": role,
            "role": role,
            "may": ["compensation", "apology"],
            "per_case": per_case,
            "per_customer": {"amount": per_customer, "period": "P30D"},
            "per_period": {"amount": per_period, "period": "P1D"},
            "currency": "USD",
            "approves": approves,
        }
    )


FRONT, SUPERVISOR, MANAGER = (
    level("front_line", per_case=100, per_customer=150, per_period=500),
    level("supervisor", per_case=500, approves=True),
    level("manager", per_case=5_000, approves=True),
)
LEVELS = (FRONT, SUPERVISOR, MANAGER)
amounts = st.decimals(min_value="0.01", max_value="300", places=2)


def grants(amount: str, spent: Spent = NOTHING_SPENT):
    return exceeded(FRONT, kind="compensation", amount=Decimal(amount), currency="USD", spent=spent)


def test_a_sum_up_to_the_limit_is_covered_and_a_cent_more_is_not():
    assert grants("100") == ()
    assert grants("100.01") == ("per_case",)


def test_each_limit_counts_what_was_given_before():
    assert grants("50", Spent(case=Decimal(51))) == ("per_case",)
    assert grants("50", Spent(customer=Decimal(101))) == ("per_customer",)
    assert grants("50", Spent(level=Decimal(451))) == ("per_period",)


def test_another_currency_and_another_kind_of_action_are_never_covered():
    assert exceeded(FRONT, kind="compensation", amount=Decimal(1), currency="EUR") == ("currency",)
    assert exceeded(FRONT, kind="call", amount=Decimal(0), currency="") == ("kind",)
    assert exceeded(FRONT, kind="apology", amount=Decimal(0), currency="") == ()


@given(st.lists(amounts, min_size=1, max_size=12))
def test_splitting_a_sum_never_gives_more_than_the_limit(parts):
    given_so_far = Decimal(0)
    for part in parts:
        spent = Spent(case=given_so_far, customer=given_so_far, level=given_so_far)
        if covers(FRONT, kind="compensation", amount=part, currency="USD", spent=spent):
            given_so_far += part
    assert given_so_far <= FRONT.per_case


@given(amounts, st.decimals(min_value="0", max_value="6000", places=2))
def test_the_level_asked_is_the_lowest_that_could_give_leave(amount, before):
    spent = {one.id: Spent(case=before) for one in LEVELS}
    asked = approver_of(LEVELS, kind="compensation", amount=amount, currency="USD", spent=spent)
    able = [
        one
        for one in LEVELS
        if one.approves and covers(one, kind="compensation", amount=amount, currency="USD", spent=spent[one.id])
    ]
    assert asked == (able[0] if able else MANAGER)
    assert asked.approves


def test_the_lowest_covering_level_need_not_be_one_that_approves():
    found = lowest_covering(LEVELS, kind="compensation", amount=Decimal(10), currency="USD", spent={})
    assert found == FRONT


def test_nobody_gives_leave_to_themselves_nor_on_top_of_a_part_they_gave():
    check_approver(3, asker=1, granters={2})
    check_approver(3, asker=None, granters=())
    with pytest.raises(SelfApproval):
        check_approver(1, asker=1, granters=())
    with pytest.raises(SelfApproval):
        check_approver(2, asker=1, granters={2})
    with pytest.raises(SelfApproval, match="put on record"):
        check_approver(2, asker=None, granters=(), tellers={2})

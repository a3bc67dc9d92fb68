from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.learn.core.pareto import Cause, pareto_rows


def cause(key: str, cost: str, failures: int = 1) -> Cause:
    label = Localised(en=key, zh=key)
    return Cause(key=key, label=label, failures=failures, customers=failures, cost=Money(Decimal(cost), "USD"))


def test_the_dearest_cause_comes_first_and_shares_run_up_to_one() -> None:
    rows = pareto_rows([cause("b", "20"), cause("a", "70"), cause("c", "10")])
    assert [(row.key, row.share, row.cumulative) for row in rows] == [
        ("a", Decimal("0.7"), Decimal("0.7")),
        ("b", Decimal("0.2"), Decimal("0.9")),
        ("c", Decimal("0.1"), Decimal(1)),
    ]


def test_where_nothing_costs_anything_the_shares_are_of_failures() -> None:
    rows = pareto_rows([cause("a", "0", failures=1), cause("b", "0", failures=3)])
    assert [(row.key, row.share) for row in rows] == [("b", Decimal("0.75")), ("a", Decimal("0.25"))]


def test_no_causes_make_no_rows() -> None:
    assert pareto_rows([]) == ()


@given(st.lists(st.integers(0, 10**6), max_size=30))
def test_shares_agree_with_a_count_by_hand(cents: list[int]) -> None:
    rows = pareto_rows(cause(str(index), str(Decimal(amount) / 100)) for index, amount in enumerate(cents))
    amounts = [int(row.cost.amount * 100) for row in rows]
    assert amounts == sorted(cents, reverse=True)
    if sum(cents):
        for index, row in enumerate(rows):
            assert row.share == Decimal(amounts[index]) / sum(cents)
            assert abs(row.cumulative - Decimal(sum(amounts[: index + 1])) / sum(cents)) < Decimal("1e-20")

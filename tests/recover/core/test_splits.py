"""Sums that look like one cut into parts: found however they are cut, and nothing found in what is one sum."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.leave import Splits
from amends.recover.core.splits import Line, found_in

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULES = Splits()
LEVEL = load_shipped("airline").authority_of("front_line")  # 650 a case
HOUSE = frozenset({2, 3})


def line(amount, *, case=1, customer=1, days=0, pk=1):
    return Line(id=pk, case_id=case, customer_id=customer, amount=Decimal(amount), at=NOW - timedelta(days=days))


def patterns(lines, here):
    return [found.pattern for found in found_in(lines, here, level=LEVEL, rules=RULES, household=HOUSE)]


def test_two_cases_of_one_customer_that_together_exceed_the_limit_are_found():
    assert patterns([line(400, case=2)], line(300, pk=None)) == ["same_customer"]
    assert patterns([line(300, case=2)], line(300, pk=None)) == []


def test_parts_of_one_case_are_the_limit_per_cases_matter():
    assert patterns([line(400)], line(300, pk=None)) == []


def test_customers_who_share_an_address_are_found_together():
    assert patterns([line(400, case=2, customer=2)], line(300, pk=None)) == ["shared_address"]
    assert patterns([line(400, case=2, customer=9)], line(300, pk=None)) == []


def test_what_is_long_ago_is_no_part():
    assert patterns([line(400, case=2, days=14)], line(300, pk=None)) == []
    assert patterns([line(400, case=2, days=13)], line(300, pk=None)) == ["same_customer"]


def test_three_sums_just_under_the_limit_are_a_series_whoever_they_went_to():
    near = [line(640, case=8, customer=8), line(600, case=9, customer=9)]
    assert patterns(near, line(645, pk=None)) == ["just_under"]
    assert patterns(near[:1], line(645, pk=None)) == []
    assert patterns(near, line(100, pk=None)) == []


def test_the_reason_names_sum_cases_and_limit_in_both_languages():
    (found,) = found_in([line(400, case=2)], line(300, pk=None), level=LEVEL, rules=RULES, household=HOUSE)
    assert found.total == 700
    assert "$700.00 in 2 cases" in found.text.en
    assert "$650.00" in found.text.en
    assert "700.00美元" in found.text.zh


@given(st.lists(st.integers(1, 649), min_size=2, max_size=8))
def test_however_a_sum_is_cut_over_cases_the_part_that_goes_beyond_the_limit_is_found(parts):
    lines = [line(part, case=place, pk=place) for place, part in enumerate(parts[:-1], start=2)]
    found = "same_customer" in patterns(lines, line(parts[-1], pk=None))
    assert found == (sum(parts) > LEVEL.per_case)

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.sources.flights import customers
from amends.monitor.sources.flights.passengers import references

numbers = st.lists(st.integers(0, 999_999), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def everyone() -> pa.Table:
    return customers(references(np.arange(0, 1_000_000, 10)), seed=7)


@given(numbers, st.randoms())
def test_a_reference_is_always_the_same_person(wanted: list[int], random) -> None:
    together = {row["reference"]: row for row in customers(references(np.array(wanted)), seed=7).to_pylist()}
    random.shuffle(wanted)
    for number in wanted:
        alone = customers([f"SYN-{number:07d}"], seed=7).to_pylist()
        assert alone == [together[f"SYN-{number:07d}"]]


def test_names_are_in_the_locales_form(everyone: pa.Table) -> None:
    for row in everyone.slice(0, 2_000).to_pylist():
        form = r"[\u4e00-\u9fff]{2,4}" if row["locale"] == "zh-Hans" else r"[A-Z][a-z]+ [A-Z][a-z]+"
        assert re.fullmatch(form, row["name"])
    assert pc.mean(pc.equal(everyone["locale"], "zh-Hans").cast(pa.int8())).as_py() == pytest.approx(0.3, abs=0.01)


def test_nobody_real_can_be_reached(everyone: pa.Table) -> None:
    assert pc.all(pc.match_substring_regex(everyone["email"], r"^syn-\d{7}@passengers\.example$")).as_py()
    assert pc.all(pc.match_substring_regex(everyone["phone"], r"^\+1[2-9]\d\d55501\d\d$")).as_py()
    assert pc.count_distinct(everyone["email"]).as_py() == everyone.num_rows


def test_every_row_is_an_external_customer_labelled_synthetic(everyone: pa.Table) -> None:
    assert pc.unique(everyone["kind"]).to_pylist() == ["external"]
    assert pc.all(everyone["synthetic"]).as_py()


def test_a_higher_tier_is_rarer_and_worth_more(everyone: pa.Table) -> None:
    groups = everyone.group_by("tier").aggregate([("value", "mean"), ("value", "count")]).to_pylist()
    tiers = {row["tier"]: row for row in groups}
    order = ["none", "silver", "gold", "platinum"]
    assert [tiers[tier]["value_count"] for tier in order] == [84_500, 10_000, 4_000, 1_500]
    values = [tiers[tier]["value_mean"] for tier in order]
    assert values == sorted(values)


def test_a_few_are_vulnerable_and_each_of_them_has_a_reason(everyone: pa.Table) -> None:
    assert pc.mean(everyone["vulnerable"].cast(pa.int8())).as_py() == pytest.approx(0.02, abs=0.002)
    assert pc.all(pc.equal(everyone["vulnerable"], everyone["vulnerable_reason"].is_valid())).as_py()
    children = everyone.filter(pc.equal(everyone["vulnerable_reason"], "unaccompanied_minor"))
    assert children.num_rows > 0
    assert pc.unique(children["tier"]).to_pylist() == ["none"]


@pytest.mark.parametrize("stranger", ["C-17", "SYN-12", "syn-0000001", ""])
def test_a_reference_from_elsewhere_is_refused_by_name(stranger: str) -> None:
    with pytest.raises(ValueError, match=f"{stranger} is no reference"):
        customers(["SYN-0000001", stranger], seed=7)


def test_a_number_outside_the_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="SYN-1000000 is outside a pool of 1,000,000"):
        customers(["SYN-1000000"], seed=7)


def test_nobody_asked_for_is_nobody() -> None:
    assert customers([], seed=7).num_rows == 0

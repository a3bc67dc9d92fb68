"""What is found by halving is what one finds by looking at everything."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.engines.sorted_keys import each, has, order_of, repeated, rows_of

# many alike, and many that differ in their last bits alone
numbers = st.lists(st.integers(0, 9) | st.integers(2**64 - 9, 2**64 - 1) | st.integers(0, 2**64 - 1), max_size=60)


def keys(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


@given(numbers)
def test_the_order_has_every_row_once_and_smaller_keys_first(values: list[int]) -> None:
    order = order_of(keys(values))
    assert sorted(order.tolist()) == list(range(len(values)))
    assert keys(values)[order].tolist() == sorted(values)


@given(numbers, numbers)
def test_found_is_what_is_there(among: list[int], wanted: list[int]) -> None:
    inside, asked = keys(sorted(among)), keys(sorted(wanted))
    assert has(inside, asked).tolist() == [one in among for one in asked.tolist()]
    assert each(asked).tolist() == sorted(set(wanted))
    assert repeated(asked).tolist() == [wanted.count(one) > 1 for one in asked.tolist()]
    rows = rows_of(inside, each(asked)).tolist()
    assert rows == [row for row, one in enumerate(inside.tolist()) if one in wanted]

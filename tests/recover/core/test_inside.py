"""Figures of what happens between colleagues give nobody away."""

from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.inside import FEWEST, Group, shown


def of_sizes(sizes: list[int]) -> list[Group]:
    return [Group(name=f"k{place}", cases=size, put_right=0, answered_in=None) for place, size in enumerate(sizes)]


groups = st.lists(st.integers(1, 12), max_size=8).map(of_sizes)


@given(groups)
def test_no_small_group_is_shown_nor_follows_from_the_sum(found: list[Group]) -> None:
    it = shown(found)
    assert all(one.cases >= FEWEST for one in it.groups)
    assert [one.cases for one in it.groups] == sorted((one.cases for one in it.groups), reverse=True)
    small = [one.cases for one in found if one.cases < FEWEST]
    assert it.hidden == bool(small)
    if it.cases is not None:
        left = it.cases - sum(one.cases for one in it.groups)
        assert left == sum(small)
        assert left == 0 or (left >= FEWEST and len(small) > 1)


def test_one_hidden_group_takes_the_sum_with_it() -> None:
    for sizes, cases in (([7, 9], 16), ([7, 4], None), ([7, 1, 2], None), ([7, 4, 3], 14)):
        assert shown(of_sizes(sizes)).cases == cases

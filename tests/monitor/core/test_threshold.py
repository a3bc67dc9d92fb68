"""Curves of a threshold and what is suggested: sums that can be reckoned by hand, and what holds for all cases."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.proportion import wilson
from amends.monitor.core.threshold import MINIMUM, Case, Curve, candidates, curve, suggested

VALUES = [1.0, 2.0, 3.0, 4.0, 5.0]
cases = st.builds(
    Case,
    part=st.sampled_from(["chosen", "judged"]),
    reach=st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0, 4.5, inf, -inf]),
    trouble=st.booleans(),
    number=st.integers(1, 40),
)
counts = st.builds(
    lambda earlier, more, trouble, number: Case(
        part="chosen", reach=earlier + more + 0.5, floor=earlier + 0.5, trouble=trouble, number=number
    ),
    st.integers(0, 4),
    st.integers(1, 4),
    st.booleans(),
    st.integers(1, 40),
)


def drawn(some: list[Case], *, rising: bool = True, in_force: float | None = 2.0, parameter: str = "above") -> Curve:
    return curve(
        some,
        VALUES,
        standard="s",
        parameter=parameter,
        rising=rising,
        is_length=False,
        in_force=in_force,
        draft=in_force,
    )


def thirty(part: str) -> list[Case]:
    """Thirty troubles that reach beyond 4, ten false alarms beyond 3 and sixty beyond 1."""
    return [
        Case(part=part, reach=4.5, trouble=True, number=30),  # type: ignore[arg-type]  # a part by its name
        Case(part=part, reach=3.5, trouble=False, number=10),  # type: ignore[arg-type]  # a part by its name
        Case(part=part, reach=1.5, trouble=False, number=60),  # type: ignore[arg-type]  # a part by its name
    ]


def test_alarms_and_hits_are_counted_at_each_value() -> None:
    told = [(one.value, one.alarms["chosen"], one.hits["chosen"]) for one in drawn(thirty("chosen")).points]
    assert told == [(1, 100, 30), (2, 40, 30), (3, 40, 30), (4, 30, 30), (5, 0, 0)]


def test_the_value_is_chosen_on_one_part_and_judged_on_the_other() -> None:
    judged = [
        Case(part="judged", reach=4.5, trouble=True, number=15),
        Case(part="judged", reach=4.5, trouble=False, number=5),
        Case(part="judged", reach=1.5, trouble=True, number=10),
    ]
    found = suggested(drawn([*thirty("chosen"), *judged]), 0.8)
    assert (found.state, found.value, found.held) == ("suggested", 4.0, False)
    assert found.precision is not None
    assert found.recall is not None
    assert (found.precision[0], found.recall[0]) == (15 / 20, 15 / 25)
    assert suggested(drawn([*thirty("chosen"), *judged]), 0.75).held


def test_an_alarm_that_comes_too_early_or_too_late_is_no_hit() -> None:
    some = [Case(part="chosen", reach=5.0, trouble=True, low=2.0, high=4.0, number=7)]
    told = [(one.alarms["chosen"], one.hits["chosen"]) for one in drawn(some).points]
    assert told == [(7, 0), (7, 7), (7, 7), (7, 0), (0, 0)]


def test_of_warnings_the_longest_that_is_precise_enough_is_suggested() -> None:
    some = [
        Case(part=part, reach=reach, trouble=trouble, number=number)
        for part in ("chosen", "judged")
        for reach, trouble, number in ((inf, True, 80), (-2.5, False, 10), (-3.5, False, 10), (-4.5, False, 400))
    ]
    found = suggested(drawn(some, rising=False, parameter="warn", in_force=None), 0.8)
    assert (found.state, found.value, found.held) == ("suggested", 4.0, True)


def test_it_says_so_when_there_is_nothing_to_suggest() -> None:
    both = [*thirty("chosen"), *thirty("judged")]
    assert suggested(drawn(both, in_force=4.0)).state == "in_force"
    few = [Case(part="chosen", reach=9, trouble=True, number=MINIMUM["chosen"] - 1), *thirty("judged")]
    assert suggested(drawn(few)).state == "too_few"
    never = [Case(part="chosen", reach=9, trouble=False, number=999)]
    assert suggested(drawn([*both, *never])).state == "none"


def test_candidates_are_values_that_people_write() -> None:
    assert candidates([90.0, 700.0], is_length=True) == [60.0, 120.0, 300.0, 600.0, 900.0]
    assert candidates([inf], is_length=False) == []
    assert candidates([1.23456, 1.23456], is_length=False) == [1.23]


def test_the_interval_of_a_share_is_that_of_the_books() -> None:
    found = wilson(8, 10)
    assert found is not None
    assert [round(one, 4) for one in found] == [0.8, 0.4902, 0.9433]  # Wilson 1927; R: prop.test(8, 10, correct=FALSE)
    assert wilson(0, 0) is None


@given(st.lists(cases, max_size=30))
def test_a_stricter_value_never_finds_more(some: list[Case]) -> None:
    points = drawn(some).points
    for weak, strict in pairwise(points):
        for part in MINIMUM:
            assert weak.alarms[part] >= strict.alarms[part] >= strict.hits[part]
            assert weak.hits[part] >= strict.hits[part], "so recall falls"


@given(st.lists(cases, max_size=30), st.sampled_from([0.5, 0.8, 0.95]))
def test_what_is_suggested_reaches_the_precision_where_it_was_chosen_with_most_recall(
    some: list[Case], precision: float
) -> None:
    line = drawn(some)
    found = suggested(line, precision)
    good = {
        one.value: one.hits["chosen"]
        for one in line.points
        if one.alarms["chosen"] >= MINIMUM["chosen"] and one.hits["chosen"] / one.alarms["chosen"] >= precision
    }
    if found.value is not None:
        assert good[found.value] == max(good.values())
    else:
        assert not good or found.state == "too_few"
    assert Curve.of(line.content()) == line


@pytest.mark.parametrize("in_force", [None, 3.0])
@given(st.lists(cases, max_size=20))
def test_every_value_is_counted_as_if_it_were_tried_alone(in_force: float | None, some: list[Case]) -> None:
    for one in drawn(some, in_force=in_force).points:
        for part in MINIMUM:
            alarms = [case for case in some if case.part == part and one.value < case.reach]
            assert one.alarms[part] == sum(case.number for case in alarms)
            assert one.hits[part] == sum(case.number for case in alarms if case.trouble)


@given(st.lists(counts, max_size=20))
def test_a_count_alarms_once_when_it_gets_there(some: list[Case]) -> None:
    for one in drawn(some).points:
        alarms = [case for case in some if case.floor < one.value < case.reach]
        assert one.alarms["chosen"] == sum(case.number for case in alarms)
        assert one.hits["chosen"] == sum(case.number for case in alarms if case.trouble)


def test_candidates_of_a_count_are_whole_and_at_least_two() -> None:
    assert candidates([1.5, 2.5, 2.5, 3.5, 9.5], is_length=False, is_count=True) == [2, 3, 9]

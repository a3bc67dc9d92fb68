import math
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from amends.kernel.money import worded
from amends.kernel.rules import Condition, first_match

names = st.sampled_from(["a", "b", "c"])
numbers = st.integers(-3, 3)
facts = st.dictionaries(names, st.one_of(st.none(), numbers, st.just(math.nan)))
comparisons = st.one_of(
    st.tuples(names, numbers).map(lambda pair: {pair[0]: pair[1]}),
    st.tuples(
        names, st.sampled_from(["gt", "gte", "lt", "lte", "ne", "eq"]), st.one_of(numbers, names.map("${}".format))
    ).map(lambda triple: {triple[0]: {triple[1]: triple[2]}}),
    st.tuples(names, st.lists(st.one_of(numbers, names.map("${}".format)), min_size=1)).map(
        lambda pair: {pair[0]: {"in": pair[1]}}
    ),
    st.tuples(names, st.booleans()).map(lambda pair: {pair[0]: {"missing": pair[1]}}),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


def holds(written: dict[str, Any], given_facts: dict[str, Any]) -> bool:
    return Condition.parse(written).holds(given_facts)


YEN = {"loss": worded(5_000, "JPY", foreign=True), "fare": worded(4_000, "JPY", foreign=True), "late": 3}


@pytest.mark.parametrize(
    ("written", "expected", "left_open"),
    [
        ({"loss": {"gt": 100}}, False, True),
        ({"loss": {"gt": 0}}, True, False),
        ({"loss": {"gt": "$fare"}}, True, False),
        ({"loss": {"missing": False}}, True, False),
        ({"loss": {"gt": 100}, "late": 2}, False, False),
        ({"loss": {"gt": 100}, "gone": 2}, False, False),
        ({"any": [{"loss": {"gt": 100}}, {"late": 3}]}, True, True),
    ],
)
def test_sums_of_two_currencies_leave_a_condition_open(
    written: dict[str, Any], expected: bool, left_open: bool
) -> None:
    condition = Condition.parse(written)
    assert (condition.holds(YEN), condition.left_open(YEN)) == (expected, left_open)
    assert not condition.left_open({name: int(value) for name, value in YEN.items()})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"minutes": 180}, True),
        ({"minutes": {"gte": 180, "lt": 200}}, True),
        ({"minutes": {"gt": 180}}, False),
        ({"minutes": {"gte": "$layover"}}, True),
        ({"minutes": {"gte": "$unknown"}}, False),
        ({"tier": {"in": ["gold", "platinum"]}}, True),
        ({"minutes": {"in": ["$gone", "$layover", 180]}}, True),
        ({"minutes": {"in": ["$gone", "$layover"]}}, False),
        ({"tier": {"ne": "gold"}}, False),
        ({"tier": {"missing": False}}, True),
        ({"gone": {"missing": True}}, True),
        ({"none": {"missing": True}}, True),
        ({"nan": {"missing": True}}, True),
        ({"nan": {"ne": 3}}, False),
        ({"gone": {"ne": 3}}, False),
        ({"not": {"gone": 3}}, True),
        ({"any": [{"minutes": 1}, {"tier": "gold"}]}, True),
        ({"all": [{"minutes": 1}, {"tier": "gold"}]}, False),
        ({"minutes": 180, "tier": "silver"}, False),
    ],
)
def test_conditions_hold_as_written(written: dict[str, Any], expected: bool) -> None:
    known = {"minutes": 180, "layover": 90.0, "tier": "gold", "none": None, "nan": math.nan}
    assert holds(written, known) is expected


def naive(written: dict[str, Any], known: dict[str, Any]) -> bool:
    """The same meaning, written down a second time and read from the YAML form itself."""
    joins = {
        "any": lambda inner: any(naive(part, known) for part in inner),
        "all": lambda inner: all(naive(part, known) for part in inner),
        "not": lambda inner: not naive(inner, known),
    }
    results = []
    for key, inner in written.items():
        if key in joins:
            results.append(joins[key](inner))
        else:
            wanted = inner if isinstance(inner, dict) else {"eq": inner}
            results += [naive_comparison(known, key, op, right) for op, right in wanted.items()]
    return all(results)


def naive_comparison(known: dict[str, Any], name: str, op: str, right: Any) -> bool:
    present = {key: value for key, value in known.items() if value is not None and not math.isnan(value)}
    if op == "missing":
        return (name not in present) is right
    if isinstance(right, list):
        right = [present.get(item[1:]) if isinstance(item, str) else item for item in right]
    elif isinstance(right, str):
        right = present.get(right[1:])
    if name not in present or right is None:
        return False
    left = present[name]
    outcomes = {"eq": left == right, "ne": left != right, "in": isinstance(right, list) and left in right}
    if op in outcomes:
        return outcomes[op]
    return {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}[op]


@given(conditions, facts)
def test_conditions_mean_what_the_naive_reading_says(written: dict[str, Any], known: dict[str, Any]) -> None:
    assert holds(written, known) == naive(written, known)


@given(conditions, facts)
def test_an_explanation_agrees_with_the_answer_and_shows_every_fact(
    written: dict[str, Any], known: dict[str, Any]
) -> None:
    condition = Condition.parse(written)
    explanation = condition.explain(known)
    assert explanation.holds == condition.holds(known)
    assert set(explanation.evidence) <= condition.facts_used()
    assert str(explanation)


@given(conditions, facts)
def test_ensured_facts_are_there_whenever_the_condition_holds(written: dict[str, Any], known: dict[str, Any]) -> None:
    condition = Condition.parse(written)
    if condition.holds(known):
        for name in condition.facts_ensured():
            assert known.get(name) is not None
            assert known[name] == known[name], "NaN is missing"


@given(conditions)
def test_a_condition_is_read_back_as_it_was_written(written: dict[str, Any]) -> None:
    condition = Condition.parse(written)
    assert condition.content() == written
    assert Condition.parse(condition.content()) == condition


def test_an_explanation_shows_which_comparison_came_out_how() -> None:
    condition = Condition.parse({"minutes": {"gte": "$layover"}, "tier": "gold", "fare": {"lt": 5}})
    explanation = condition.explain({"minutes": 30, "layover": 45, "tier": "gold"})
    assert str(explanation) == "minutes 30 not ≥ 45; tier gold = gold; fare missing not < 5"
    assert explanation.content()["comparisons"][0] == {
        "fact": "minutes", "op": "gte", "expected": 45, "actual": 30, "holds": False,
    }  # fmt: skip


def test_facts_that_cannot_be_compared_are_an_error_that_names_them() -> None:
    with pytest.raises(TypeError, match="tier is 'gold', which cannot be compared with 3"):
        holds({"tier": {"gt": 3}}, {"tier": "gold"})


@pytest.mark.parametrize(
    ("written", "place", "message"),
    [
        ({}, (), "a condition is a mapping"),
        (["a"], (), "a condition is a mapping"),
        ({"minutes": {"atleast": 3}}, ("minutes", "atleast"), "'atleast' is no comparison"),
        ({"minutes": None}, ("minutes",), "missing: true"),
        ({"minutes": {}}, ("minutes",), "compared with nothing"),
        ({"minutes": {"missing": "yes"}}, ("minutes", "missing"), "true or false"),
        ({"tier": {"in": "gold"}}, ("tier", "in"), "list of values"),
        ({"tier": {"in": []}}, ("tier", "in"), "list of values"),
        ({"any": {"a": 1}}, ("any",), "list of conditions"),
        ({"any": [{"a": 1}, {"b": {"near": 2}}]}, ("any", 1, "b", "near"), "no comparison"),
        ({"not": []}, ("not",), "a condition is a mapping"),
        ({"two words": 1}, ("two words",), "no name of a fact"),
    ],
)
def test_mistakes_are_told_with_their_place(written: Any, place: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Condition).validate_python(written)
    (error,) = caught.value.errors()
    assert error["loc"] == place
    assert message in error["msg"]


def test_all_mistakes_of_a_condition_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Condition.parse({"a": {"near": 1}, "not": {"b": None}})
    assert [error["loc"] for error in caught.value.errors()] == [("a", "near"), ("not", "b")]


def test_places_go_on_inside_a_model() -> None:
    class Holder(BaseModel):
        when: Condition

    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"when": {"a": {"near": 1}}})
    assert caught.value.errors()[0]["loc"] == ("when", "a", "near")


@dataclass(frozen=True)
class Row:
    when: Condition | None
    name: str


def test_the_first_rule_that_holds_decides_and_says_why() -> None:
    rows = [
        Row(Condition.parse({"a": {"gt": 9}}), "many"),
        Row(Condition.parse({"a": {"gt": 1}}), "some"),
        Row(None, "few"),
    ]
    some = first_match(rows, {"a": 5})
    assert some is not None
    assert (some.rule.name, some.index, str(some.explanation)) == ("some", 1, "a 5 > 1")
    few = first_match(rows, {})
    assert few is not None
    assert (few.rule.name, str(few.explanation)) == ("few", "always")
    assert first_match(rows[:2], {}) is None


@given(conditions, facts, st.sets(names))
def test_what_holds_may_hold_when_only_some_facts_are_decided(
    written: dict[str, Any], given_facts: dict[str, Any], decided: set[str]
) -> None:
    condition = Condition.parse(written)
    known = {name: given_facts.get(name) for name in decided}
    assert condition.may_hold(known) or not condition.holds(given_facts)


@given(conditions, facts)
def test_once_all_facts_are_decided_what_may_hold_does(written: dict[str, Any], given_facts: dict[str, Any]) -> None:
    condition = Condition.parse(written)
    known = {name: given_facts.get(name) for name in condition.facts_used()}
    assert condition.may_hold(known) == condition.holds(known)


def test_an_undecided_fact_excludes_nothing_by_itself() -> None:
    severe = {"severity": "severe"}
    assert Condition.parse({"not": {"any": [{"vulnerable": True}, {"tier": "gold"}]}}).may_hold(severe)
    assert not Condition.parse({"severity": "light", "vulnerable": True}).may_hold(severe)
    assert not Condition.parse({"not": {"any": [{"severity": "severe"}, {"vulnerable": True}]}}).may_hold(severe)

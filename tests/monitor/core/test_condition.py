"""What a `where` may say, and how it is refused."""

import pytest

from amends.monitor.core.condition import (
    All,
    Column,
    Compare,
    ConditionError,
    Constant,
    Field,
    In,
    IsNull,
    Like,
    Not,
    fields_of,
    parse_condition,
)


def test_a_condition_becomes_a_tree_of_values() -> None:
    assert parse_condition("data.carrier = 'UA' AND unit IS NOT NULL AND data.n IN (-1, 2)") == All(
        (
            Compare("=", Field("carrier"), Constant("UA")),
            Not(IsNull(Column("unit"))),
            In(Field("n"), (-1, 2)),
        )
    )


def test_not_like_is_the_opposite_of_like() -> None:
    assert parse_condition("unit NOT LIKE 'u%'") == Not(Like(Column("unit"), "u%"))


def test_the_attributes_that_a_condition_reads_are_known() -> None:
    condition = parse_condition("NOT data.a OR data.b + data.c > 1 OR data.d LIKE 'x%'")
    assert fields_of(condition) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("data.x BETWEEN 1 AND 2", "write x >= a AND x <= b"),
        ("data.x = NULL", "write IS NULL"),
        ("lower(unit) = 'x'", "LOWER"),
        ("foo = 1", "'foo' is no column"),
        ("data.a.b = 1", "name one attribute of data"),
        ("1 = 1; DROP TABLE x", "cannot be read"),
        ("data.x = (SELECT 1)", "nothing to select from"),
        ("data.x IN (SELECT 1)", "needs a list"),
        ("data.x IN (1, 'a')", "mixes numbers and texts"),
        ("time > 'noon'", "'noon' is no time"),
        ("time + 1 > 2", "no number to reckon with"),
        ("data.x < TRUE", "no order"),
        ("data.x LIKE data.y", "needs a pattern"),
        ("1 = 'a'", "compares a number with a text"),
        ("unit", "neither true nor false"),
        ("", "is not allowed"),
        ("CASE WHEN data.x THEN 1 END = 1", "is not allowed"),
    ],
)
def test_anything_else_is_refused_with_a_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ConditionError, match=remedy):
        parse_condition(text)

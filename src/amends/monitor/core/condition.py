"""The `where` of a standard: an SQL condition over the columns of a signal and `data.*`, as a small tree of values.

Only what is listed here is understood; everything else is refused with a remedy. A value has no type of its own: it
is read as what it is compared with, a number beside a number, a time beside `time`, else text; unreadable or
missing makes the comparison unknown, and unknown does not match.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

TEXT_COLUMNS = ("id", "source", "type", "subject", "customer", "unit")
_GRAMMAR = "use comparisons, AND, OR, NOT, IN, IS NULL, LIKE and arithmetic over the columns and data.*"

Comparison = Literal["=", "!=", "<", "<=", ">", ">="]
Operation = Literal["+", "-", "*", "/", "%"]


@dataclass(frozen=True)
class Column:
    """A text column of the signal."""

    name: str


@dataclass(frozen=True)
class Time:
    """The time of the signal."""


@dataclass(frozen=True)
class Field:
    """A further attribute, `data.name`."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A number, a text, a truth value, or an instant beside a time."""

    value: float | int | str | bool | datetime


@dataclass(frozen=True)
class Arithmetic:
    operation: Operation
    left: "Value"
    right: "Value"


Value = Column | Time | Field | Constant | Arithmetic


@dataclass(frozen=True)
class Compare:
    comparison: Comparison
    left: Value
    right: Value


@dataclass(frozen=True)
class In:
    value: Value
    options: tuple[float | int | str | datetime, ...]


@dataclass(frozen=True)
class IsNull:
    value: Value


@dataclass(frozen=True)
class Like:
    value: Value
    pattern: str


@dataclass(frozen=True)
class Truth:
    """A field that is itself true or false."""

    field: Field


@dataclass(frozen=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True)
class All:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    conditions: tuple["Condition", ...]


Condition = Compare | In | IsNull | Like | Truth | Not | All | Either

_COMPARISONS: dict[type[exp.Expr], Comparison] = {
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_OPERATIONS: dict[type[exp.Expr], Operation] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}
_REMEDIES: dict[type[exp.Expr], str] = {
    exp.Between: "write x >= a AND x <= b",
    exp.Null: "write IS NULL",
    exp.Cast: "leave the cast away: a value is read as what it is compared with",
    exp.DPipe: "texts cannot be joined",
    exp.Subquery: "there is nothing to select from",
    exp.Select: "there is nothing to select from",
}


class ConditionError(ValueError):
    """The text is no condition; the message says which part, and what to write instead."""


def parse_condition(text: str) -> Condition:
    """Read a `where`; raises ConditionError."""
    try:
        tree = sqlglot.parse_one(f"({text}\n)", into=exp.Condition)  # the line end closes a comment
    except SqlglotError as error:
        place = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        near = f" near {place['highlight']!r}" if place.get("highlight") else ""
        raise ConditionError(f"{text!r} cannot be read{near}; {_GRAMMAR}") from None
    except RecursionError:
        raise ConditionError("the condition is nested too deeply; split the standard in two") from None
    return _condition(tree)


def fields_of(condition: Condition) -> frozenset[str]:
    """The names under data.* that the condition reads."""
    match condition:
        case All(conditions) | Either(conditions):
            return frozenset().union(*map(fields_of, conditions))
        case Not(inner):
            return fields_of(inner)
        case Truth(field):
            return frozenset({field.name})
        case Compare(_, left, right):
            return _fields_of_value(left) | _fields_of_value(right)
        case In(value, _) | IsNull(value) | Like(value, _):
            return _fields_of_value(value)


def _fields_of_value(value: Value) -> frozenset[str]:
    match value:
        case Field(name):
            return frozenset({name})
        case Arithmetic(_, left, right):
            return _fields_of_value(left) | _fields_of_value(right)
        case _:
            return frozenset()


def _condition(node: exp.Expr) -> Condition:
    for kind, read in _CONDITIONS.items():
        if isinstance(node, kind):
            return read(node)
    if type(node) in _COMPARISONS:
        return _comparison(node)
    value = _value(node)
    if isinstance(value, Field):
        return Truth(value)
    raise ConditionError(f"{node.sql()!r} is neither true nor false; compare it with something")


def _paren(node: exp.Expr) -> Condition:
    return _condition(node.this)


def _not(node: exp.Expr) -> Condition:
    return Not(_condition(node.this))


def _all(node: exp.Expr) -> Condition:
    return All(tuple(map(_condition, node.flatten())))


def _either(node: exp.Expr) -> Condition:
    return Either(tuple(map(_condition, node.flatten())))


def _is_null(node: exp.Expr) -> Condition:
    if not isinstance(node.expression, exp.Null):
        raise ConditionError(f"{node.sql()!r}: IS goes with NULL only; write = TRUE or = FALSE")
    return IsNull(_value(node.this))


def _like(node: exp.Expr) -> Condition:
    if not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
        raise ConditionError(f"{node.sql()!r}: LIKE needs a pattern in quotes")
    value = _value(node.this)
    if not isinstance(value, Column | Field):
        raise ConditionError(f"{node.sql()!r}: LIKE goes with a column or data.* only")
    like = Like(value, node.expression.this)
    return Not(like) if node.args.get("negate") else like


def _in(node: exp.Expr) -> Condition:
    options = node.expressions
    if not options:
        raise ConditionError(f"{node.sql()!r}: IN needs a list of constants")
    value = _value(node.this)
    constants: list[float | int | str | datetime] = []
    for option in options:
        constant = _value(option)
        if not isinstance(constant, Constant) or isinstance(constant.value, bool):
            raise ConditionError(f"{option.sql()!r}: IN takes numbers or texts in quotes only")
        _, constant = _matched(value, constant, node)
        assert isinstance(constant, Constant)  # noqa: S101  a constant stays one
        constants.append(constant.value)
    if len({isinstance(constant, str) for constant in constants}) > 1:
        raise ConditionError(f"{node.sql()!r} mixes numbers and texts; write two INs joined by OR")
    return In(value, tuple(constants))


_CONDITIONS: dict[type[exp.Expr], Callable[[exp.Expr], Condition]] = {
    exp.Paren: _paren,
    exp.Not: _not,
    exp.And: _all,
    exp.Or: _either,
    exp.Is: _is_null,
    exp.Like: _like,
    exp.In: _in,
}


def _comparison(node: exp.Expr) -> Condition:
    comparison = _COMPARISONS[type(node)]
    left, right = _matched(_value(node.this), _value(node.expression), node)
    for side in (left, right):
        if isinstance(side, Constant) and isinstance(side.value, bool) and comparison not in ("=", "!="):
            raise ConditionError(f"{node.sql()!r}: true and false have no order; use = or !=")
    return Compare(comparison, left, right)


def _matched(left: Value, right: Value, node: exp.Expr) -> tuple[Value, Value]:
    """Both sides, a text beside a time read as an instant; raises if they can never be compared."""
    if isinstance(left, Time) and isinstance(right, Constant):
        return left, _instant(right, node)
    if isinstance(right, Time) and isinstance(left, Constant):
        return _instant(left, node), right
    kinds = {_kind(left), _kind(right)} - {"any"}
    if len(kinds) > 1:
        raise ConditionError(f"{node.sql()!r} compares a {' with a '.join(sorted(kinds))}")
    return left, right


def _kind(value: Value) -> str:
    match value:
        case Time():
            return "time"
        case Arithmetic():
            return "number"
        case Constant(bool()):
            return "truth value"
        case Constant(str()):
            return "text"
        case Constant():
            return "number"
        case _:
            return "any"


def _instant(constant: Constant, node: exp.Expr) -> Constant:
    try:
        instant = datetime.fromisoformat(str(constant.value))
    except ValueError:
        raise ConditionError(
            f"{node.sql()!r}: {constant.value!r} is no time; write it as '2026-01-31T12:00:00Z'"
        ) from None
    return Constant(instant.replace(tzinfo=instant.tzinfo or UTC))


def _value(node: exp.Expr) -> Value:
    if isinstance(node, exp.Paren):
        return _value(node.this)
    if isinstance(node, exp.Column):
        return _column(node)
    if isinstance(node, exp.Boolean):
        return Constant(bool(node.this))
    if isinstance(node, exp.Literal):
        return Constant(node.this if node.is_string else _number(node.this))
    if isinstance(node, exp.Neg):
        return _negative(_operand(node.this))
    if type(node) in _OPERATIONS:
        return Arithmetic(_OPERATIONS[type(node)], _operand(node.this), _operand(node.expression))
    raise ConditionError(f"{node.sql()!r} is not allowed; {_REMEDIES.get(type(node), _GRAMMAR)}")


def _negative(value: Value) -> Value:
    if isinstance(value, Constant) and isinstance(value.value, int | float):
        return Constant(-value.value)
    return Arithmetic("-", Constant(0), value)


def _number(text: str) -> float | int:
    return int(text) if text.isdigit() and len(text) < 16 else float(text)


def _operand(node: exp.Expr) -> Value:
    value = _value(node)
    if _kind(value) not in ("number", "any"):
        raise ConditionError(f"{node.sql()!r} is no number to reckon with")
    return value


def _column(node: exp.Column) -> Value:
    path = [part.name for part in node.parts]
    if any('"' in part or "'" in part for part in path):
        raise ConditionError(f"{node.sql()!r}: a name has no quotes in it")
    match path:
        case [name] if name.lower() in TEXT_COLUMNS:
            return Column(name.lower())
        case [name] if name.lower() == "time":
            return Time()
        case [table, name] if table.lower() == "data" and name != "*":
            return Field(name)
        case [table, *_] if table.lower() == "data":
            raise ConditionError(f"{node.sql()!r}: name one attribute of data, as data.carrier")
    raise ConditionError(
        f"{node.sql()!r} is no column; there are {', '.join(TEXT_COLUMNS)}, time and data.*; put texts in single quotes"
    )

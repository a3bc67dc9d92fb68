"""The condition of a standard, tried on a table of signals. Unknown does not match.

An attribute of `data` (a JSON object as text) is read as what it is compared with: a text that is a number counts
as one beside numbers.
"""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from amends.monitor.core.condition import (
    All,
    Arithmetic,
    Column,
    Compare,
    Condition,
    Constant,
    Either,
    Field,
    In,
    IsNull,
    Like,
    Not,
    Time,
    Truth,
    Value,
)
from amends.monitor.tables.moments import micros, moment

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RECKON: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b.nullif(0.0),
    "%": lambda a, b: a % b.nullif(0.0),
}


@ibis.udf.scalar.builtin(name="json_extract_path_text", signature=(("string", "string"), "string"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _json_text(document: Any, path: Any) -> str:  # type: ignore[empty-body]  # the engine's own function
    """The engine's own: the scalar at a path as text, null for a JSON null."""


def attribute(signals: ir.Table, name: str) -> ir.StringValue:
    """`data.name` as text; null where it is missing or null."""
    return cast("ir.StringValue", _json_text(signals.data, f'$."{name}"'))


def number(signals: ir.Table, name: str) -> ir.FloatingValue:
    """`data.name` as a number; null where it is missing or none."""
    return cast("ir.FloatingValue", _number(signals, Field(name)))


def matches(signals: ir.Table, condition: Condition) -> ir.BooleanValue:  # noqa: PLR0911  one for each kind
    """True where the condition holds, null where it cannot be told."""
    match condition:
        case All(parts):
            return reduce(operator.and_, (matches(signals, part) for part in parts))
        case Either(parts):
            return reduce(operator.or_, (matches(signals, part) for part in parts))
        case Not(inner):
            return ~matches(signals, inner)
        case Truth(field):
            return _truth(signals, field)
        case IsNull(value):
            return _plain(signals, value).isnull()
        case Like(value, pattern):
            return _text(signals, value).like(pattern)
        case In(value, options):
            return _in(signals, value, options)
        case Compare(comparison, left, right):
            return cast("ir.BooleanValue", _compare(signals, _COMPARE[comparison], left, right))


def _compare(signals: ir.Table, compare: Callable[[Any, Any], Any], left: Value, right: Value) -> Any:
    sides = (left, right)
    if any(isinstance(side, Time) for side in sides):
        return compare(*(_moment(signals, side) for side in sides))
    if any(isinstance(side, Constant) and isinstance(side.value, bool) for side in sides):
        return compare(*(_truth(signals, side) for side in sides))
    as_numbers = compare(*(_number(signals, side) for side in sides))
    if any(_is_number(side) for side in sides):
        return as_numbers
    as_texts = compare(*(_text(signals, side) for side in sides))
    if all(isinstance(side, Field) for side in sides):  # two attributes: numbers if both are, else texts
        return ibis.coalesce(as_numbers, as_texts)
    return as_texts


def _in(signals: ir.Table, value: Value, options: Sequence[Any]) -> ir.BooleanValue:
    if isinstance(value, Time):
        return signals.at.isin([micros(option) for option in options])
    if _is_number(value) or not isinstance(options[0], str):
        return _number(signals, value).isin([float(option) for option in options])
    return _text(signals, value).isin(list(options))


def _is_number(value: Value) -> bool:
    return isinstance(value, Arithmetic) or (isinstance(value, Constant) and isinstance(value.value, int | float))


def _plain(signals: ir.Table, value: Value) -> ir.Value:
    match value:
        case Time():
            return signals.at
        case Column(name):
            return signals[name]
        case Field(name):
            return attribute(signals, name)
        case Constant(constant):
            return ibis.literal(constant)
        case Arithmetic():
            return _number(signals, value)


def _text(signals: ir.Table, value: Value) -> Any:
    return _plain(signals, value).cast("string")


def _truth(signals: ir.Table, value: Value) -> Any:
    if isinstance(value, Constant):
        return ibis.literal(value.value)
    text = _text(signals, value).lower()
    return ibis.cases((text == "true", True), (text == "false", False), else_=ibis.null("boolean"))


def _number(signals: ir.Table, value: Value) -> Any:
    match value:
        case Arithmetic(operation, left, right):
            return _RECKON[operation](_number(signals, left), _number(signals, right))
        case Constant(int() | float() as number):
            return ibis.literal(float(number))
        case _:
            number = _text(signals, value).try_cast("float64")
            return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)


def _moment(signals: ir.Table, value: Value) -> Any:
    match value:
        case Time():
            return signals.at
        case Constant(instant):
            return ibis.literal(micros(cast("Any", instant)))
        case _:
            return moment(_text(signals, value))

"""Conditions over facts, as a pack writes them, and lists of rules of which the first that matches decides.

    when: {cancelled: true, distance_km: {gt: 1500, lte: 3500}}     all of them
    when: {minutes_late: {gte: $layover_minutes}}                   compared with another fact
    when: {any: [{tier: gold}, {not: {cabin: economy}}]}            any, all, not

A fact that is absent, None or NaN is missing, and makes every comparison false except `missing: true`; so does a sum in
another currency that is compared with one in the pack's. Every answer can be explained: which comparison came out how,
with the values (Law 7).
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from amends.kernel.money import is_foreign

Scalar = str | bool | int | float
Facts = Mapping[str, object]
Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "missing"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_SIGN = {"eq": "=", "ne": "≠", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤", "in": "in"}
_JOINS = ("any", "all", "not")


@dataclass(frozen=True)
class FactRef:
    """`$name`: the value of another fact."""

    name: str


Operand = Scalar | FactRef | tuple[Scalar | FactRef, ...]


@dataclass(frozen=True)
class Compared:
    """One comparison as it came out on given facts."""

    fact: str
    op: Operator
    expected: object  # with references resolved
    actual: object  # None if missing
    holds: bool

    def __str__(self) -> str:
        if self.op == "missing":
            return f"{self.fact} is {'missing' if self.actual is None else self.actual}"
        actual = "missing" if self.actual is None else self.actual
        return f"{self.fact} {actual} {'' if self.holds else 'not '}{_SIGN[self.op]} {self.expected}"

    def content(self) -> dict[str, object]:
        return {"fact": self.fact, "op": self.op, "expected": self.expected, "actual": self.actual, "holds": self.holds}


@dataclass(frozen=True)
class Explanation:
    """Why a condition held or did not: every comparison, none left out."""

    holds: bool
    comparisons: tuple[Compared, ...]

    @property
    def evidence(self) -> dict[str, object]:
        """The facts that were looked at, with their values."""
        return {compared.fact: compared.actual for compared in self.comparisons}

    def __str__(self) -> str:
        return "; ".join(map(str, self.comparisons)) or "always"

    def content(self) -> dict[str, object]:
        return {"holds": self.holds, "comparisons": [compared.content() for compared in self.comparisons]}


@dataclass(frozen=True)
class Comparison:
    fact: str
    op: Operator
    value: Operand

    def compare(self, facts: Facts) -> Compared:
        actual = _known(facts.get(self.fact))
        expected = _resolved(self.value, facts)
        return Compared(self.fact, self.op, expected, actual, self._holds(actual, expected))

    def holds(self, facts: Facts) -> bool:
        """How `compare` comes out, without telling why."""
        return self._holds(_known(facts.get(self.fact)), _resolved(self.value, facts))

    def _holds(self, actual: object, expected: object) -> bool:
        if self.op == "missing":
            return (actual is None) == expected
        if actual is None or expected is None or not _comparable(actual, expected):
            return False
        if self.op == "in":
            return isinstance(expected, tuple) and actual in expected
        try:
            return bool(_COMPARE[self.op](actual, expected))
        except TypeError:
            raise TypeError(f"{self.fact} is {actual!r}, which cannot be compared with {expected!r}") from None


@dataclass(frozen=True)
class Joined:
    """`all` (also what a plain mapping means) or `any` of some parts, or `not` of one."""

    how: Literal["all", "any", "not"]
    parts: tuple["Node", ...]


Node = Comparison | Joined


@dataclass(frozen=True)
class Condition:
    """A condition of a pack. `root` is its tree, for those who translate it into a set-wise query."""

    root: Node
    _written: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, written: object) -> "Condition":
        """Reads the form above; pydantic's ValidationError lists every mistake with its place."""
        errors: list[InitErrorDetails] = []
        root = _parse(written, (), errors)
        if errors or root is None:
            raise ValidationError.from_exception_data("Condition", errors)
        assert isinstance(written, Mapping)  # noqa: S101  _parse accepts nothing else
        return cls(root, deepcopy(dict(written)))

    def content(self) -> dict[str, Any]:
        """As it was written."""
        return deepcopy(dict(self._written))

    def holds(self, facts: Facts) -> bool:
        return _holds(self.root, facts)

    def may_hold(self, known: Facts) -> bool:
        """Could it hold when of the facts only these are decided? All others may be anything, or missing."""
        return _may_come_out(self.root, known, wanted=True)

    def left_open(self, facts: Facts) -> bool:
        """Does it rest on sums of two currencies, so that nobody can say whether it holds?"""
        apart = {
            name
            for compared in self.comparisons()
            if (one := compared.compare(facts)).actual is not None
            and one.expected is not None
            and not _comparable(one.actual, one.expected)
            for name in _names(compared)
        }
        return bool(apart) and self.may_hold({name: facts.get(name) for name in self.facts_used() - apart})

    def explain(self, facts: Facts) -> Explanation:
        return Explanation(self.holds(facts), tuple(c.compare(facts) for c in self.comparisons()))

    def comparisons(self) -> Iterator[Comparison]:
        return _comparisons(self.root)

    def facts_used(self) -> frozenset[str]:
        """Every fact that the condition looks at."""
        return frozenset(name for comparison in self.comparisons() for name in _names(comparison))

    def facts_ensured(self) -> frozenset[str]:
        """The facts that are certainly there when the condition holds: what its reason may speak of."""
        return _ensured(self.root)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(value),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.content()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        scalar: dict[str, Any] = {"type": ["string", "number", "boolean"]}
        listed = {"type": "array", "items": scalar, "minItems": 1}
        operators = dict.fromkeys(_COMPARE, scalar) | {"in": listed, "missing": {"type": "boolean"}}
        # nested conditions are left open here: the loader names their mistakes, with file and line
        nested = {"type": "object", "minProperties": 1}
        compared = {"type": "object", "properties": operators, "additionalProperties": False, "minProperties": 1}
        return {
            "type": "object",
            "description": "Facts that must all hold; `any`, `all`, `not` join conditions; `$name` is another fact.",
            "properties": {
                "any": {"type": "array", "items": nested, "minItems": 1},
                "all": {"type": "array", "items": nested, "minItems": 1},
                "not": nested,
            },
            "additionalProperties": {"anyOf": [scalar, compared]},
            "minProperties": 1,
        }


class Rule(Protocol):
    """Anything with a condition; without one it always matches."""

    @property
    def when(self) -> Condition | None: ...


R = TypeVar("R", bound=Rule)
ALWAYS = Explanation(holds=True, comparisons=())


@dataclass(frozen=True)
class Match(Generic[R]):
    """The rule that decided, its place in the list and why it matched."""

    rule: R
    index: int
    explanation: Explanation


def first_match(rules: Iterable[R], facts: Facts) -> Match[R] | None:
    """The first rule whose condition holds, or None."""
    for index, rule in enumerate(rules):
        if rule.when is None:
            return Match(rule, index, ALWAYS)
        if rule.when.holds(facts):
            return Match(rule, index, rule.when.explain(facts))
    return None


def _known(value: object) -> object:
    # NaN, the gap of number columns, is the only value that differs from itself
    return None if value is None or value != value else value  # noqa: PLR0124 -- only NaN differs from itself


def _comparable(actual: object, expected: object) -> bool:
    # 5,000 yen are not more than 100 dollars, nor less; but more than 4,000 yen, and more than nothing
    return is_foreign(actual) == is_foreign(expected) or 0 in (actual, expected)


def _resolved(value: Operand, facts: Facts) -> object:
    if isinstance(value, FactRef):
        return _known(facts.get(value.name))
    if isinstance(value, tuple):
        return tuple(_resolved(item, facts) for item in value)
    return value


def _holds(node: Node, facts: Facts) -> bool:
    if isinstance(node, Comparison):
        return node.holds(facts)
    if node.how == "any":
        return any(_holds(part, facts) for part in node.parts)
    every = all(_holds(part, facts) for part in node.parts)
    return not every if node.how == "not" else every


def _may_come_out(node: Node, known: Facts, *, wanted: bool) -> bool:
    if isinstance(node, Comparison):
        return not _names(node) <= known.keys() or node.holds(known) == wanted
    if node.how == "not":
        return _may_come_out(node.parts[0], known, wanted=not wanted)
    enough = all if (node.how == "all") == wanted else any
    return enough(_may_come_out(part, known, wanted=wanted) for part in node.parts)


def _comparisons(node: Node) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    else:
        for part in node.parts:
            yield from _comparisons(part)


def _names(comparison: Comparison) -> set[str]:
    values = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    return {comparison.fact} | {value.name for value in values if isinstance(value, FactRef)}


def _ensured(node: Node) -> frozenset[str]:
    if isinstance(node, Comparison):
        if node.op == "missing":
            return frozenset() if node.value else frozenset({node.fact})
        # in a list one reference may be missing while another item matches
        return frozenset({node.fact}) if node.op == "in" else frozenset(_names(node))
    parts = [_ensured(part) for part in node.parts]
    if node.how == "not":
        return frozenset()
    return frozenset.union(*parts) if node.how == "all" else frozenset.intersection(*parts)


Place = tuple[str | int, ...]


def _parse(written: object, place: Place, errors: list[InitErrorDetails]) -> Node | None:
    if not isinstance(written, Mapping) or not written:
        _mistake(
            errors,
            place,
            written,
            "a condition is a mapping such as {minutes_late: {gte: 180}}; leave `when` out if there is none",
        )
        return None
    parts: list[Node | None] = []
    for key, value in written.items():
        here = (*place, str(key))
        if key in _JOINS:
            parts.append(_parse_join(key, value, here, errors))
        elif not isinstance(key, str) or not key.isidentifier():
            _mistake(errors, here, value, f"{key!r} is no name of a fact")
        else:
            parts += _parse_comparisons(key, value, here, errors)
    sound = tuple(part for part in parts if part is not None)
    if not sound:
        return None
    return sound[0] if len(sound) == 1 else Joined("all", sound)


def _parse_join(
    how: Literal["any", "all", "not"], written: object, place: Place, errors: list[InitErrorDetails]
) -> Node | None:
    if how == "not":
        part = _parse(written, place, errors)
        return None if part is None else Joined("not", (part,))
    if not isinstance(written, list) or not written:
        _mistake(errors, place, written, f"`{how}` takes a list of conditions")
        return None
    parts = [_parse(item, (*place, index), errors) for index, item in enumerate(written)]
    return Joined(how, tuple(part for part in parts if part is not None))


def _parse_comparisons(fact: str, written: object, place: Place, errors: list[InitErrorDetails]) -> list[Node | None]:
    if not isinstance(written, Mapping):
        return [_parse_comparison(fact, "eq", written, place, errors)]
    if not written:
        _mistake(
            errors, place, written, f"{fact} is compared with nothing; write {fact}: value or {fact}: {{gte: value}}"
        )
    return [_parse_comparison(fact, op, value, (*place, str(op)), errors) for op, value in written.items()]


def _parse_comparison(fact: str, op: Any, value: object, place: Place, errors: list[InitErrorDetails]) -> Node | None:
    if op not in _SIGN and op != "missing":
        _mistake(errors, place, value, f"{op!r} is no comparison; there are {', '.join([*_SIGN, 'missing'])}")
    elif op == "missing" and not isinstance(value, bool):
        _mistake(errors, place, value, "`missing` is true or false")
    elif op == "in" and not (isinstance(value, list) and value and all(_is_scalar(item) for item in value)):
        _mistake(errors, place, value, "`in` takes a list of values")
    elif op != "in" and not _is_scalar(value):
        _mistake(
            errors,
            place,
            value,
            "compare with a text, a number, true, false or $another_fact; for no value use {missing: true}",
        )
    else:
        operand = tuple(map(_operand, value)) if isinstance(value, list) else _operand(value)
        return Comparison(fact, op, operand)
    return None


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | bool | int | float)


def _operand(value: Any) -> Any:
    return FactRef(value[1:]) if isinstance(value, str) and value.startswith("$") else value


def _mistake(errors: list[InitErrorDetails], place: Place, written: object, message: str) -> None:
    # the template takes the message as a value, so that braces in it stay braces
    error = PydanticCustomError("condition", "{message}", {"message": message})
    errors.append(InitErrorDetails(type=error, loc=place, input=written))

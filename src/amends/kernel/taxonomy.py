"""The taxonomy of an industry: process steps, the facts that rules speak of, and the kinds of failure."""

import math
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from amends.kernel.money import MINOR_UNITS, worded
from amends.kernel.rules import Condition, Facts
from amends.kernel.severity import Severity
from amends.kernel.text import Localised, Template, WordedText

Responsible = Literal["person", "process", "product", "technology", "communication", "supplier", "customer", "external"]
Gap = Literal["knowledge", "standards", "delivery", "communication", "perception"]
Hurt = Literal["money", "goods", "service", "attention"]
Confidence = Literal["high", "medium", "low"]


class Frozen(BaseModel):
    """A value of a pack: never changed, no field that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Fact(Frozen):
    """A fact that rules may use, declared so that a misspelt one is an error and not a rule that never matches."""

    name: Localised
    type: Literal["number", "boolean", "text"]
    unit: str | None = None  # of a number: minutes, km, mph; of a sum `currency`: sentences say it as money
    values: dict[str, Localised] | None = None  # of a text: all it can be, and how each is said
    derived: Condition | None = None  # of a boolean: true when this holds of given facts


def _decision(en: str, zh: str, **values: tuple[str, str]) -> Fact:
    words = {value: Localised(en=said[0], zh=said[1]) for value, said in values.items()}
    return Fact(name=Localised(en=en, zh=zh), type="text", values=words or None)


DECISION_FACTS: Final[Mapping[str, Fact]] = {
    "kind": _decision("kind of failure", "失误类型"),  # its values are the kinds of the pack
    "loss": _decision(
        "outcome or process failure",
        "结果失误或过程失误",
        outcome=("outcome failure", "结果失误"),
        process=("process failure", "过程失误"),
    ),
    "severity": _decision(
        "severity", "严重程度", light=("light", "轻微"), moderate=("moderate", "中等"), severe=("severe", "严重")
    ),
    "responsible": _decision(
        "who is responsible",
        "责任方",
        person=("a person", "人员"),
        process=("a process", "流程"),
        product=("a product", "产品"),
        technology=("technology", "技术"),
        communication=("communication", "沟通"),
        supplier=("a supplier", "供应商"),
        customer=("the customer", "顾客"),
        external=("outside causes", "外部原因"),
    ),
    "controllable": Fact(name=Localised(en="could be controlled", zh="是否可控"), type="boolean"),
    "stable": Fact(name=Localised(en="likely to come again", zh="是否会重复发生"), type="boolean"),
}
"""What the product has decided before it looks into playbooks and tariffs; every pack may use these facts there."""

CURRENCY: Final = "currency"
"""The fact that says in which currency the sums among the others are; without it they are in the pack's."""


class SeverityRule(Frozen):
    when: Condition | None = None
    severity: Severity
    reason: Template  # may speak of the facts that `when` makes certain


class AttributionRule(Frozen):
    when: Condition
    responsible: Responsible
    controllable: bool
    stable: bool
    reason: Template
    source: str | None = None  # of a threshold
    confidence: Confidence | None = None


class Sentence(Frozen):
    """What happened, in a full sentence fit for the customer; may speak of {subject} and of the facts of `when`."""

    when: Condition | None = None
    text: Template


class Phrases(Frozen):
    """What people say, in each language: a word that ends in `*` stands for all that begin so; `…` leaves a few out."""

    en: tuple[str, ...] = Field(min_length=1)
    zh: tuple[str, ...] = Field(min_length=1)


class WordRule(Frozen):
    """What a customer's own words may make of a failure: at least so grave. They raise a severity, never lower it."""

    id: str
    name: Localised  # what the words are about: safety, a child, anger
    at_least: Literal["moderate", "severe"]
    phrases: Phrases
    reason: Localised


class FailureKind(Frozen):
    id: str = ""  # its key in the taxonomy, filled in when it is read
    name: Localised
    description: Localised
    what_happened: tuple[Sentence, ...] = Field(min_length=1)  # first match; the last one has no `when`
    step: str  # of the process
    loss: Literal["outcome", "process"]  # economic, or social (Smith, Bolton & Wagner 1999)
    bitner: Literal["delivery_system", "customer_need", "employee_act"]  # Bitner, Booms & Tetreault 1990
    hurts: tuple[
        Hurt, ...
    ] = ()  # what the customer lost: money, sound goods, the service, attention (Roschk & Gelbrich)
    gap: Gap
    responsible: Responsible  # unless an attribution rule says otherwise
    controllable: bool
    stable: bool
    reason: Localised  # of this default attribution, fit for a customer
    severity: tuple[SeverityRule, ...] = Field(min_length=1)  # first match; the last one has no `when`
    attribution: tuple[AttributionRule, ...] = ()  # first match, else the defaults above


class Taxonomy(Frozen):
    steps: dict[str, Localised]
    facts: dict[str, Fact]
    kinds: dict[str, FailureKind]
    words: tuple[WordRule, ...] = ()  # heard in what customers say
    price: str | None = None  # the fact that says what the customer paid
    lost: str | None = None  # the fact that says what the failure cost the customer in money

    @property
    def suppliers(self) -> Mapping[str, Localised]:
        """Who works for us and may be at fault: the values of the fact `supplier`, where a pack declares it."""
        declared = self.facts.get("supplier")
        return (declared.values if declared else None) or {}

    @model_validator(mode="after")
    def _with_currency(self) -> Self:
        if self.sums and CURRENCY not in self.facts:
            self.facts[CURRENCY] = Fact(name=Localised(en="currency of the sums", zh="金额的币种"), type="text")
        return self

    @field_validator("kinds", mode="before")
    @classmethod
    def _with_ids(cls, kinds: Any) -> Any:
        return with_ids(kinds)

    def completed(self, facts: Facts, *, currency: str) -> dict[str, object]:
        """The facts with the derived ones added, and as `worded` gives them, so that reasons can be filled."""
        return self.with_derived(self.worded(facts, currency=currency))

    def read(self, facts: Facts) -> dict[str, object]:
        """The facts as they are declared, for tables bring numbers, yes and no as texts.

        What cannot be so read is not known (None): a rule would stumble over it. What is not declared stays as it is.
        """
        return {
            name: value if (declared := self.facts.get(name)) is None else _READ[declared.type](value)
            for name, value in facts.items()
        }

    def worded(self, facts: Facts, *, currency: str) -> dict[str, object]:
        """The same facts, with texts that know their words and sums that know their currency: the one that the facts
        name, else this one, which is the pack's. A currency that there is not is the same as none."""
        said = {name: self._worded(name, value) if isinstance(value, str) else value for name, value in facts.items()}
        own = currency_among(facts, usual=currency)
        for name in self.sums & said.keys():
            said[name] = worded(said[name], own, foreign=own != currency)
        return said

    def with_derived(self, facts: Facts) -> dict[str, object]:
        """The facts and those derived from them, which never rest on one another, so their order is all one."""
        return {**facts, **{name: condition.holds(facts) for name, condition in self._derived}}

    @cached_property
    def _derived(self) -> tuple[tuple[str, Condition], ...]:
        return tuple((name, fact.derived) for name, fact in self.facts.items() if fact.derived is not None)

    @cached_property
    def sums(self) -> frozenset[str]:
        """The facts that are sums of money."""
        return frozenset(name for name, fact in self.facts.items() if fact.unit == "currency")

    def shown(self, fact: str, value: object) -> object:
        """How a value of a fact is said: its words where the pack has some, else the value as it is."""
        words = self._words(fact, value)
        return value if words is None else words

    def _worded(self, fact: str, value: object) -> object:
        words = self._words(fact, value)
        return value if words is None else WordedText(str(value), words)

    def _words(self, fact: str, value: object) -> Localised | None:
        if not isinstance(value, str):
            return None
        if fact == "kind":
            return self.kinds[value].name if value in self.kinds else None
        declared = self.facts.get(fact) or DECISION_FACTS.get(fact)
        return declared.values.get(value) if declared and declared.values else None


_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?", re.ASCII)
_YES_OR_NO: Final = {"true": True, "false": False}


def _number(value: object) -> object:
    if isinstance(value, str):
        said = value.strip()
        return None if _NUMBER.fullmatch(said) is None else float(said) if "." in said else int(said)
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def _boolean(value: object) -> object:
    if isinstance(value, str):
        return _YES_OR_NO.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _text(value: object) -> object:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


_READ: Final[Mapping[str, Callable[[object], object]]] = {"number": _number, "boolean": _boolean, "text": _text}


def currency_among(facts: Facts, *, usual: str) -> str:
    """In which currency the sums among these facts are: the one that they name, else the usual one."""
    named = str(facts.get(CURRENCY) or "").upper()
    return named if named in MINOR_UNITS else usual


def with_ids(entries: Any) -> Any:
    """Entries of a mapping that know their own key."""
    if not isinstance(entries, Mapping):
        return entries
    return {key: {"id": key, **entry} if isinstance(entry, Mapping) else entry for key, entry in entries.items()}

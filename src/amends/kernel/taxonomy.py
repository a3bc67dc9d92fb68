"""The taxonomy of an industry: process steps, the facts that rules speak of, and the kinds of failure."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from amends.kernel.rules import Condition, Facts
from amends.kernel.severity import Severity
from amends.kernel.text import Localised, Template

Responsible = Literal["person", "process", "product", "technology", "communication", "customer", "external"]
Confidence = Literal["high", "medium", "low"]


class Frozen(BaseModel):
    """A value of a pack: never changed, no field that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Fact(Frozen):
    """A fact that rules may use, declared so that a misspelt one is an error and not a rule that never matches."""

    name: Localised
    type: Literal["number", "boolean", "text"]
    unit: str | None = None  # of a number: minutes, km, mph
    values: tuple[str, ...] | None = None  # of a text: all it can be
    derived: Condition | None = None  # of a boolean: true when this holds of given facts


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


class FailureKind(Frozen):
    id: str = ""  # its key in the taxonomy, filled in when it is read
    name: Localised
    description: Localised
    what_happened: tuple[Sentence, ...] = Field(min_length=1)  # first match; the last one has no `when`
    step: str  # of the process
    loss: Literal["outcome", "process"]  # economic, or social (Smith, Bolton & Wagner 1999)
    bitner: Literal["delivery_system", "customer_need", "employee_act"]  # Bitner, Booms & Tetreault 1990
    gap: Literal["knowledge", "standards", "delivery", "communication", "perception"]
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

    @field_validator("kinds", mode="before")
    @classmethod
    def _with_ids(cls, kinds: Any) -> Any:
        return with_ids(kinds)

    def completed(self, facts: Facts) -> dict[str, object]:
        """The facts with the derived ones added; a derived fact never rests on another, so their order is all one."""
        known = dict(facts)
        for name, fact in self.facts.items():
            if fact.derived is not None:
                known[name] = fact.derived.holds(facts)
        return known


def with_ids(entries: Any) -> Any:
    """Entries of a mapping that know their own key."""
    if not isinstance(entries, Mapping):
        return entries
    return {key: {"id": key, **entry} if isinstance(entry, Mapping) else entry for key, entry in entries.items()}

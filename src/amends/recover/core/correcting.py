"""Facts of a case that turn out otherwise: which may be corrected, and what a value of each has to be."""

from collections.abc import Mapping
from typing import Final

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import MINOR_UNITS
from amends.kernel.taxonomy import CURRENCY, DECISION_FACTS, Fact
from amends.kernel.text import Localised
from amends.recover.core.refusals import Unfit

FACT: Final = "fact"
"""The aspect of an edit that corrected one: before and after are its name and value."""
OF_CUSTOMER: Final = frozenset({"tier", "vulnerable", "vulnerable_reason", "prior_failures"})  # known of them, not told
LONGEST: Final = 200


def check_facts(changes: Mapping[str, object], pack: Blueprint) -> None:
    """Whether these can be facts of a case; None is that something is not known after all.

    Raises:
        Unfit: no such fact, one that follows from others, or a value that it cannot have.
    """
    for name, value in changes.items():
        fact = pack.taxonomy.facts.get(name)
        if fact is None or fact.derived is not None or name in OF_CUSTOMER or name in DECISION_FACTS:
            raise Unfit(
                name, Localised(en=f"{name} is no fact that is told of a case.", zh=f"{name}不是可以更正的事实。")
            )
        if value is not None and not _fits(name, fact, value):
            raise Unfit(
                name,
                Localised(en=f"“{value}” doesn't fit {fact.name.en}.", zh=f"“{value}”不能作为“{fact.name.zh}”。"),
            )


def _fits(name: str, fact: Fact, value: object) -> bool:
    if fact.type == "boolean":
        return isinstance(value, bool)
    if fact.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    if name == CURRENCY:
        return value in MINOR_UNITS
    if fact.values:
        return value in fact.values
    return isinstance(value, str) and 0 < len(value) <= LONGEST and "\0" not in value


def same(before: object, after: object) -> bool:
    """Whether a fact is what it was; yes is not one."""
    return before == after and isinstance(before, bool) == isinstance(after, bool)


def told(name: str, value: object) -> dict[str, object]:
    """One side of a correction, as its edit keeps it."""
    return {"name": name, "value": value}

"""Facts from outside, held against the taxonomy: what its rules would stumble over stays outside."""

from collections.abc import Mapping

from amends.kernel.money import MINOR_UNITS
from amends.kernel.taxonomy import CURRENCY, FailureKind, Taxonomy
from amends.policy.selectors import blueprint_of, deployment, version_in_force

_TYPES: Mapping[str, tuple[type, ...]] = {"number": (int, float), "boolean": (bool,), "text": (str,)}


def taxonomy_in_force() -> Taxonomy:
    """The taxonomy of the blueprint in force."""
    return blueprint_of(version_in_force(deployment().blueprint_name).pk).taxonomy


def kinds_in_force() -> Mapping[str, FailureKind]:
    """The kinds of failure that customers can be hit by, of the blueprint in force."""
    return blueprint_of(version_in_force(deployment().blueprint_name).pk).kinds_of_customers


def misfit(facts: Mapping[str, object], taxonomy: Taxonomy) -> str:
    """What is wrong with the first fact that is not as declared; empty if all are. Undeclared ones may be there."""
    for name, value in facts.items():
        declared = taxonomy.facts.get(name)
        if declared is None or value is None:
            continue
        if not isinstance(value, _TYPES[declared.type]) or (declared.type == "number" and isinstance(value, bool)):
            return f"the fact {name} must be a {declared.type}"
        if declared.values and value not in declared.values:
            return f"the fact {name} must be one of {', '.join(declared.values)}"
        if name == CURRENCY and value not in MINOR_UNITS:
            return f"the fact {name} must be a code of ISO 4217, such as USD, EUR or CNY"
    return ""

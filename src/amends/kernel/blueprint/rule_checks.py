"""Do the rules of a pack speak of facts that exist, with values they can have, and give reasons that can be filled?"""

from collections.abc import Iterator, Mapping, Sequence

from amends.kernel.blueprint.problems import Complaint, Path
from amends.kernel.rules import Comparison, Condition, FactRef, Rule, Scalar
from amends.kernel.taxonomy import CURRENCY, DECISION_FACTS, Fact, FailureKind, Phrases, Taxonomy
from amends.kernel.text import Localised

_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "boolean": (bool,), "text": (str,)}


def taxonomy_rules(taxonomy: Taxonomy) -> Iterator[Complaint]:
    given = {name: fact for name, fact in taxonomy.facts.items() if fact.derived is None}
    for name, fact in taxonomy.facts.items():
        yield from _fact(name, fact, given)
    for kind in taxonomy.kinds.values():
        yield from _kind_rules(kind, taxonomy.facts)
    yield from _heard(taxonomy)
    for field, named in (("price", taxonomy.price), ("lost", taxonomy.lost)):
        amount = None if named is None else taxonomy.facts.get(named)
        if named is not None and (amount is None or amount.type != "number" or amount.unit != "currency"):
            yield Complaint("taxonomy", (field,), f"there is no sum {named!r}", "name a number of unit currency")


def _heard(taxonomy: Taxonomy) -> Iterator[Complaint]:
    seen: set[str] = set()
    for place, heard in enumerate(taxonomy.words):
        path: Path = ("words", place)
        if heard.id in seen:
            yield Complaint("taxonomy", (*path, "id"), f"{heard.id!r} is taken already", "give it another id")
        seen.add(heard.id)
        yield from phrases("taxonomy", (*path, "phrases"), heard.phrases)


def phrases(part: str, path: Path, said: Phrases) -> Iterator[Complaint]:
    """What people say begins with a word."""
    for language in ("en", "zh"):
        for at, phrase in enumerate(getattr(said, language)):
            if not any(one.strip(" *") for one in phrase.split("…")) or phrase.strip()[:1] in {"…", "*"}:
                yield Complaint(part, (*path, language, at), "a phrase begins with a word", "write what people say")


def _fact(name: str, fact: Fact, given: Mapping[str, Fact]) -> Iterator[Complaint]:
    path: Path = ("facts", name)
    if name in DECISION_FACTS or not name.isidentifier():
        yield Complaint("taxonomy", path, f"{name!r} cannot be the name of a fact", "take a plain word of its own")
    if name == CURRENCY and (fact.type != "text" or fact.values or fact.derived):
        yield Complaint("taxonomy", path, "is the currency of all sums, a code such as USD", "leave it out, or a text")
    if fact.values is not None and fact.type != "text":
        yield Complaint("taxonomy", (*path, "values"), "only a text has a list of values", "take it out")
    if fact.derived is not None:
        if fact.type != "boolean":
            yield Complaint("taxonomy", (*path, "type"), "a derived fact is true or false", "write type: boolean")
        yield from condition("taxonomy", (*path, "derived"), fact.derived, given)


def _kind_rules(kind: FailureKind, facts: Mapping[str, Fact]) -> Iterator[Complaint]:
    path: Path = ("kinds", kind.id)
    for index, severity in enumerate(kind.severity):
        yield from rule("taxonomy", (*path, "severity", index), severity.when, severity.reason, facts)
    yield from _complete((*path, "severity"), kind.severity)
    subject = frozenset({"subject"})
    for index, sentence in enumerate(kind.what_happened):
        here = (*path, "what_happened", index)
        yield from rule("taxonomy", here, sentence.when, sentence.text, facts, ensured=subject, field="text")
    yield from _complete((*path, "what_happened"), kind.what_happened)
    for index, attribution in enumerate(kind.attribution):
        yield from rule("taxonomy", (*path, "attribution", index), attribution.when, attribution.reason, facts)


def _complete(path: Path, rules: Sequence[Rule]) -> Iterator[Complaint]:
    """Some rule always matches, and only the last one does so whatever the facts."""
    for index, each in enumerate(rules[:-1]):
        if each.when is None:
            yield Complaint(
                "taxonomy", (*path, index), "the rules below this one are never reached", "give it a `when`"
            )
    if rules[-1].when is not None:
        message = "the last rule has a `when`, so for some failures none would match"
        yield Complaint("taxonomy", (*path, len(rules) - 1), message, "end the list with one without `when`")


def rule(
    part: str,
    path: Path,
    when: Condition | None,
    reason: Localised,
    facts: Mapping[str, Fact],
    *,
    ensured: frozenset[str] = frozenset(),
    field: str = "reason",
) -> Iterator[Complaint]:
    """A rule's condition, and whether its reason speaks only of facts that are there when it matches."""
    if when is not None:
        yield from condition(part, (*path, "when"), when, facts)
        ensured |= when.facts_ensured()
    for language, text in (("en", reason.en), ("zh", reason.zh)):
        for name in sorted(Localised(text, text).places - ensured):
            remedy = f"put {name} into `when`, or leave it out of the sentence"
            message = f"{{{name}}} may be missing when this rule matches"
            yield Complaint(part, (*path, field, language), message, remedy)


def condition(part: str, path: Path, when: Condition, facts: Mapping[str, Fact]) -> Iterator[Complaint]:
    for name in sorted(when.facts_used() - set(facts)):
        known = ", ".join(facts) or "none"
        yield Complaint(
            part, path, f"there is no fact {name!r}", f"declare it in taxonomy.yaml, or use one of: {known}"
        )
    for comparison in when.comparisons():
        if comparison.fact in facts and comparison.op != "missing":
            yield from _values(part, path, comparison, facts)


def _values(part: str, path: Path, comparison: Comparison, facts: Mapping[str, Fact]) -> Iterator[Complaint]:
    fact = facts[comparison.fact]
    if comparison.op not in ("eq", "ne", "in") and fact.type != "number":
        yield Complaint(part, path, f"{comparison.fact} is a {fact.type}, which has no more and less", "use ne or in")
    for value in comparison.value if isinstance(comparison.value, tuple) else (comparison.value,):
        if isinstance(value, FactRef):
            other = facts.get(value.name)
            if other is not None and other.type != fact.type:
                message = f"{comparison.fact} is a {fact.type} and {value.name} a {other.type}"
                yield Complaint(part, path, message, "compare facts of one type")
        elif not _fits(value, fact):
            allowed = ", ".join(fact.values) if fact.values else f"a {fact.type}"
            yield Complaint(part, path, f"{comparison.fact} is never {value!r}", f"it is {allowed}")


def _fits(value: Scalar, fact: Fact) -> bool:
    if isinstance(value, bool) != (fact.type == "boolean") or not isinstance(value, _TYPES[fact.type]):
        return False
    return fact.values is None or value in fact.values

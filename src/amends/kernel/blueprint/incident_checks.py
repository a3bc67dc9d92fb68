"""Does what a pack says about incidents lead somewhere: kinds of resources, standards, facts?"""

from collections.abc import Iterator

from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.problems import Complaint, Path
from amends.kernel.blueprint.rule_checks import rule
from amends.kernel.taxonomy import DECISION_FACTS


def incidents(blueprint: Blueprint) -> Iterator[Complaint]:
    """All that is wrong with `incidents` of blueprint.yaml."""
    yield from _resources(blueprint)
    yield from _dependences(blueprint)
    taken: set[str] = set()
    for place, upstream in enumerate(blueprint.incidents.upstream):
        if upstream.id in taken:
            yield _wrong(("upstream", place, "id"), f"{upstream.id!r} is taken already", "give it another id")
        taken.add(upstream.id)
    yield from _standards(blueprint)
    facts = {**DECISION_FACTS, **blueprint.taxonomy.facts}
    for place, look in enumerate(blueprint.incidents.closures.look_after):
        path: Path = ("incidents", "closures", "look_after", place)
        yield from rule("blueprint", path, look.when, look.reason, facts)


def _resources(blueprint: Blueprint) -> Iterator[Complaint]:
    for name, kind in blueprint.incidents.resources.items():
        if not name.isidentifier() or not name.islower():
            yield _wrong(("resources", name), f"{name!r} cannot name a kind of resource", "take one plain word")
        if kind.fact is not None and not kind.fact.isidentifier():
            yield _wrong(("resources", name, "fact"), f"{kind.fact!r} is no name of a fact", "name one")
        if kind.likely is not None and kind.fact is None and not blueprint.incidents.depends:
            yield _wrong(("resources", name, "likely"), "nothing says which one a failure hung on", "give its `fact`")


def _dependences(blueprint: Blueprint) -> Iterator[Complaint]:
    for place, dependence in enumerate(blueprint.incidents.depends):
        here: Path = ("depends", place)
        yield from _kind(blueprint, (*here, "on"), dependence.on)
        for at, resource in enumerate(dependence.resources):
            yield from _kind(blueprint, (*here, "resources", at), resource)
        if not dependence.units and not dependence.resources:
            yield _wrong(here, "nothing hangs on it", "name units or resources")


def _standards(blueprint: Blueprint) -> Iterator[Complaint]:
    standards = {standard.id for standard in blueprint.standards}
    named: list[tuple[Path, str]] = [
        (("guard", "standards", name), name) for name in blueprint.incidents.guard.standards
    ]
    heard = enumerate(blueprint.incidents.voices.standards)
    named += [(("voices", "standards", place), name) for place, name in heard]
    for path, name in named:
        if name not in standards:
            yield _wrong(path, f"there is no standard {name!r}", "name one that there is")


def _kind(blueprint: Blueprint, path: Path, resource: str) -> Iterator[Complaint]:
    kind, _, name = resource.partition("/")
    if kind not in blueprint.incidents.resources or not name:
        yield _wrong(path, f"{resource!r} is no resource", "write KIND/NAME with a kind of `resources`")


def _wrong(path: Path, message: str, remedy: str) -> Complaint:
    return Complaint("blueprint", ("incidents", *path), message, remedy)

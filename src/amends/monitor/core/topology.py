"""What failures hang on: resources by kind and name (`aircraft/N123JB`), and what those hang on in turn.

The pack says it as data: a fact of the failure names a resource, units and resources hang on others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.kernel.blueprint.incidents import Incidents


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A failure that hangs on a resource."""

    failure: int
    subject: str
    at: datetime


class Topology:
    """Which resources a failure hangs on, upstream of them all included."""

    def __init__(self, policy: Incidents) -> None:
        self._facts = {kind: said.fact for kind, said in policy.resources.items() if said.fact is not None}
        self._of_unit: dict[str, list[str]] = {}
        self._of_resource: dict[str, list[str]] = {}
        for one in policy.depends:
            for unit in one.units:
                self._of_unit.setdefault(unit, []).append(one.on)
            for resource in one.resources:
                self._of_resource.setdefault(resource, []).append(one.on)

    @property
    def empty(self) -> bool:
        """Whether nothing hangs on anything."""
        return not self._facts and not self._of_unit

    def resources_of(self, *, facts: Mapping[str, object], units: Sequence[str]) -> frozenset[str]:
        """All that one failure hangs on.

        Args:
            facts: of the failure.
            units: codes of its unit and of all units above it.
        """
        found: set[str] = set()
        ahead = [f"{kind}/{facts[fact]}" for kind, fact in self._facts.items() if _names(facts.get(fact))]
        ahead += [resource for unit in units for resource in self._of_unit.get(unit, ())]
        while ahead:
            resource = ahead.pop()
            if resource not in found:
                found.add(resource)
                ahead += self._of_resource.get(resource, ())
        return frozenset(found)


def chain_of(sightings: Iterable[Sighting], *, last: Sighting, within: timedelta) -> list[Sighting]:
    """The failures that lead up to and on from one without a gap longer than `within`, in order."""
    ordered = sorted({one.failure: one for one in [*sightings, last]}.values(), key=lambda one: (one.at, one.failure))
    here = next(place for place, one in enumerate(ordered) if one.failure == last.failure)
    first, end = here, here
    while first > 0 and ordered[first].at - ordered[first - 1].at <= within:
        first -= 1
    while end + 1 < len(ordered) and ordered[end + 1].at - ordered[end].at <= within:
        end += 1
    return ordered[first : end + 1]


def _names(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(str(value).strip())

"""Names in a pack: each leads somewhere, and none is given twice."""

from collections.abc import Iterable, Iterator

from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.problems import Complaint, Path


def resolves(part: str, path: Path, what: str, name: str, known: Iterable[str]) -> Iterator[Complaint]:
    """The name at that place of a part is known."""
    if name not in set(known):
        yield Complaint(part, path, f"there is no {what} {name!r}", f"there are: {', '.join(sorted(known)) or 'none'}")


def unique(part: str, what: str, ids: Iterable[str], within: Path = ()) -> Iterator[Complaint]:
    """No id is given to two of the same list."""
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            yield Complaint(part, (*within, what, place, "id"), f"{name!r} is taken already", "give it another id")
        seen.add(name)


def calendars(blueprint: Blueprint) -> list[str]:
    """The names of calendars that may be used."""
    return ["always", *blueprint.calendars]

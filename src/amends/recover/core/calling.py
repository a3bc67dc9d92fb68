"""Whom an escalation reaches: the people of a role who are nearest to the case's unit, looking upwards only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LEADERS: Final = ("manager", "supervisor")  # of a unit, the first of whom there is one


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who can be called."""

    id: int
    role: str
    path: str  # of their unit, "/HQ/EWR/"; "" is the whole company


def nearest(colleagues: Iterable[Colleague], *, role: str, path: str) -> list[int]:
    """Those of a role whose unit is the case's or the next one above it that has any; ids in order."""
    there = [one for one in colleagues if one.role == role and path.startswith(one.path)]
    closest = max((len(one.path) for one in there), default=0)
    return sorted(one.id for one in there if len(one.path) == closest)


def unit_head(colleagues: Sequence[Colleague], *, path: str) -> list[int]:
    """Whoever leads the case's unit, or the next one above it that somebody leads."""
    leaders = [one for one in colleagues if one.role in LEADERS and path.startswith(one.path)]
    closest = max((len(one.path) for one in leaders), default=0)
    here = [one for one in leaders if len(one.path) == closest]
    return next((found for role in LEADERS if (found := sorted(one.id for one in here if one.role == role))), [])


def called(
    to: Iterable[str], colleagues: Sequence[Colleague], *, path: str, owner: int | None, named: str
) -> list[int]:
    """Everybody whom one level reaches, each once; a role that nobody near has is passed over."""
    found: list[int] = []
    known = {one.id for one in colleagues}
    for recipient in to:
        if recipient == "owner":
            found += [owner] if owner in known else []
        elif recipient == "unit_head":
            found += unit_head(colleagues, path=path)
        else:
            found += nearest(colleagues, role=named if recipient == "named" else recipient, path=path)
    return list(dict.fromkeys(found))

"""Who may see a case between colleagues: decided once, when it is opened, and by no rank whatever afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from amends.kernel.blueprint.internal import CircleRule
from amends.recover.core.calling import Colleague, nearest, unit_head

PERSON: Final = "person"
LAST_RESORT: Final = "executive"  # where everybody who would answer is whom it is about


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody in a circle."""

    id: int
    role: str  # person, unit_head or confidant


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who told of it, where they work, which unit is to answer, and whom it is about."""

    person: int
    home: str  # path of the person's unit
    answers: str  # path of the unit that is to answer
    about: frozenset[int]  # whom it is about, with all their accounts; they never see it


def circle_of(rule: CircleRule, told: Told, colleagues: Sequence[Colleague], *, confidant: str) -> tuple[Member, ...]:
    """The circle of one case, whoever told first, then who answers; empty where nobody is left who could answer.

    A leader whom it is about is passed over for the next one above; who told of it does not answer it.
    """
    able = [one for one in colleagues if one.id not in told.about and one.id != told.person]
    answering: list[Member] = []
    for word in rule.members:
        if word == "unit_head":
            answering += _first(unit_head(able, path=told.answers), word, answering)
        elif word == "confidant":
            answering += _first(nearest(able, role=confidant, path=told.home), word, answering)
    if not answering:
        answering += _first(nearest(able, role=LAST_RESORT, path=told.answers), "unit_head", answering)
    return (Member(id=told.person, role=PERSON), *answering) if answering else ()


def _first(ids: Sequence[int], role: str, there: Collection[Member]) -> list[Member]:
    """One person for each place in a circle, so that it stays small; whoever is in it already is enough."""
    known = {one.id for one in there}
    return [Member(id=id_, role=role) for id_ in ids[:1] if id_ not in known]

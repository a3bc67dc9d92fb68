"""Who may see a case between colleagues: decided when it is opened, by no rank whatever afterwards.

It changes only where whoever answers no longer holds their place: then whoever holds it now takes it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from amends.kernel.blueprint.internal import CircleRule
from amends.recover.core.calling import Colleague, nearest, unit_head

PERSON: Final = "person"
CIRCLE: Final = "circle"  # the aspect of an edit that says who answers instead of whom
ABOUT: Final = "about"  # whom it is about: kept so that they never come in; it lets nobody see anything
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


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a circle becomes another: who goes out and who comes in."""

    out: tuple[int, ...]
    into: tuple[Member, ...]


def circle_of(
    rule: CircleRule,
    told: Told,
    colleagues: Sequence[Colleague],
    *,
    confidant: str,
    sitting: Collection[Member] = (),
) -> tuple[Member, ...]:
    """The circle of one case, whoever told first, then who answers; empty where nobody is left who could answer.

    A leader whom it is about is passed over for the next one above; who told of it does not answer it. Where the rule
    leaves nobody, the confidant answers, and then an executive.

    Args:
        rule: of its kind.
        told: what is known of it.
        colleagues: everybody who can be called.
        confidant: the role that has the confidence of all.
        sitting: who is in it already; they stay for as long as they hold their place, whoever else could hold it too.
    """
    able = [one for one in colleagues if one.id not in told.about and one.id != told.person]
    answering: list[Member] = []
    for word in rule.members:
        if word == "unit_head":
            answering += _first(unit_head(able, path=told.answers), word, answering, sitting)
        elif word == "confidant":
            answering += _first(_confidants(able, told, confidant, sitting), word, answering, sitting)
    if not answering:
        answering += _first(_confidants(able, told, confidant, sitting), "confidant", answering, sitting)
    if not answering:
        answering += _first(nearest(able, role=LAST_RESORT, path=told.answers), "unit_head", answering, sitting)
    return (Member(id=told.person, role=PERSON), *answering) if answering else ()


def change_of(sitting: Collection[Member], circle: Collection[Member]) -> Change:
    """Who goes out and who comes in, so that those who answer are those of the circle."""
    was, is_now = {one.id for one in sitting}, {one.id for one in circle if one.role != PERSON}
    return Change(
        out=tuple(one.id for one in sitting if one.id not in is_now),
        into=tuple(one for one in circle if one.role != PERSON and one.id not in was),
    )


def _confidants(able: Sequence[Colleague], told: Told, role: str, sitting: Collection[Member]) -> list[int]:
    """Those nearest to whoever told; who has their confidence keeps it for as long as they have the role."""
    kept = {one.id for one in sitting if one.role == "confidant"}
    return sorted(one.id for one in able if one.role == role and one.id in kept) or nearest(
        able, role=role, path=told.home
    )


def _first(ids: Sequence[int], role: str, there: Collection[Member], sitting: Collection[Member]) -> list[Member]:
    """One person for each place in a circle, so that it stays small; whoever is in it already is enough."""
    known, kept = {one.id for one in there}, {one.id for one in sitting}
    chosen = sorted(ids, key=lambda id_: id_ not in kept)[:1]
    return [Member(id=id_, role=role) for id_ in chosen if id_ not in known]

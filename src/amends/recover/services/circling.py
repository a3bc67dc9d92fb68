"""The circle around a case between colleagues: who is let in when it opens, and who takes the place of one who left."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q

from amends.kernel.blueprint import Blueprint
from amends.kernel.text import Localised
from amends.people.models import Staff, Unit
from amends.recover.core.circle import ABOUT, PERSON, Member, Told, circle_of
from amends.recover.models import Case, CircleMember
from amends.recover.selectors.calling import colleagues
from amends.recover.services.holding import save_case
from amends.recover.services.noticing import notify

FOUND: Final = Localised(
    en="A promise between colleagues was not kept. Please see to it in confidence and in time.",
    zh="有一项内部承诺没有兑现，请严格保密并按时处理。",
)


def circle_around(
    pack: Blueprint, kind: str, person: Staff, unit: Unit | None, about: Staff | None
) -> tuple[Member, ...]:
    """Who is to be in the circle as things stand; empty where nobody is left who could answer.

    Args:
        pack: whose circles.
        kind: of failure.
        person: whom it hit.
        unit: that is to answer.
        about: the colleague whom it is about, if any.
    """
    told = Told(
        person=person.pk,
        home=person.unit.path if person.unit else "",
        answers=unit.path if unit else "",
        about=accounts_of(about),
    )
    own = accounts_of(person) - {person.pk}
    people = [one for one in colleagues() if one.id not in own]
    return circle_of(pack.internal.circle_of(kind), told, people, confidant=pack.internal.confidant)


def accounts_of(person: Staff | None) -> frozenset[int]:
    """All accounts of one person, and of those who work in their name."""
    if person is None:
        return frozenset()
    first = person.acts_for_id or person.pk
    rows: Iterable[int] = Staff.objects.filter(Q(pk=first) | Q(acts_for=first)).values_list("pk", flat=True)
    return frozenset(rows)


def close_around(
    case: Case, circle: tuple[Member, ...], words: Localised, *, now: datetime, about: Staff | None = None
) -> None:
    """Let in the circle and nobody else, and give the case to the first of those who answer; they are told."""
    members = [CircleMember(case=case, staff_id=one.id, role=one.role, since=now) for one in circle]
    if about is not None:
        members.append(CircleMember(case=case, staff=about, role=ABOUT, since=now))
    CircleMember.objects.bulk_create(members)
    answering = [one.id for one in circle if one.role != PERSON]
    case.owner_id = answering[0]
    save_case(case, "owner")
    notify(answering, case, "told_inside", words, now=now)

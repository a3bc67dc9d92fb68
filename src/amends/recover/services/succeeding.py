"""Who answers a confidential case follows who holds the place: whoever leads no longer goes out, and who does comes in.

A case that is over stays with those who answered it. Whom a case is about never comes in, nor does whoever told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.monitor.models import Failure
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.calling import Colleague
from amends.recover.core.circle import ABOUT, CIRCLE, PERSON, Change, Member, Told, change_of, circle_of
from amends.recover.models import Case, CircleMember, Edit
from amends.recover.selectors.calling import colleagues
from amends.recover.services.holding import save_case
from amends.recover.services.noticing import News, tell

AT_ONCE: Final = 500
COME: Final = Localised(
    en="A case between colleagues is with you in confidence now. Please answer it in time.",
    zh="有一个内部保密案件现由您负责，请严格保密并按时答复。",
)
WHY: Final = Reason(
    rule="internal.circle",
    text=Localised(en="whoever holds the place has changed", zh="相关岗位人员有变动"),
)


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """A circle that changes."""

    case: Case
    sitting: tuple[Member, ...]  # who answered so far
    change: Change


def follow_circles(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Bring the circles of open confidential cases in line with who leads and who has the confidence; how many changed.

    Done again it changes nothing. Cases that somebody is working on are left for the next sweep; where nobody is left,
    nobody sees the case until there is somebody who can answer it.
    """
    waiting = Case.every.filter(confidential=True, is_open=True)
    due = [turn.case.pk for turn in _turns(waiting)][:limit]
    if not due:
        return 0
    with acting("follow_circles"):
        rows = waiting.select_for_update(no_key=True, of=("self",), skip_locked=True)
        locked = list(rows.filter(pk__in=due).order_by("pk").values_list("pk", flat=True))
        turns = _turns(Case.every.filter(pk__in=locked))
        _write(turns, now=now)
    return len(turns)


def _turns(cases: QuerySet[Case]) -> list[_Turn]:
    """The circles that are no longer those of who holds the places; a fixed number of statements, however many."""
    rows = list(cases.select_related("customer__staff__unit", "unit").order_by("pk"))
    if not rows:
        return []
    members: dict[int, list[CircleMember]] = {}
    for one in CircleMember.objects.filter(case__in=[case.pk for case in rows], until=None).order_by("pk"):
        members.setdefault(one.case_id, []).append(one)
    # as it was told: whoever judges the kind anew lets nobody in by that
    told = Failure.every.filter(incident__in=[case.incident_id for case in rows]).order_by("-pk")
    kinds = dict(told.values_list("incident_id", "kind"))
    accounts, people = _accounts(), colleagues()
    found = []
    for case in rows:
        turn = _turn(case, kinds.get(case.incident_id or 0, ""), members.get(case.pk, []), (people, accounts))
        if turn is not None and (turn.change.out or turn.change.into):
            found.append(turn)
    return found


def _turn(
    case: Case,
    kind: str,
    members: Sequence[CircleMember],
    known: tuple[Sequence[Colleague], Mapping[int, frozenset[int]]],
) -> _Turn | None:
    """What becomes of one circle; None where nothing says whose case it is."""
    person, internal = case.customer.staff, blueprint_of(case.blueprint_id).internal
    if person is None or kind not in internal.kinds:
        return None
    people, accounts = known
    about = [accounts.get(one.staff_id, frozenset({one.staff_id})) for one in members if one.role == ABOUT]
    told = Told(
        person=person.pk,
        home=person.unit.path if person.unit else "",
        answers=case.unit.path if case.unit else "",
        about=frozenset[int]().union(*about, accounts.get(person.pk, frozenset())),
    )
    sitting = tuple(Member(id=one.staff_id, role=one.role) for one in members if one.role not in (PERSON, ABOUT))
    circle = circle_of(internal.circle_of(kind), told, people, confidant=internal.confidant, sitting=sitting)
    return _Turn(case=case, sitting=sitting, change=change_of(sitting, circle))


def _accounts() -> Mapping[int, frozenset[int]]:
    """Of each person with several accounts, all of them, by each of them."""
    together: dict[int, set[int]] = {}
    for pk, first in Staff.objects.exclude(acts_for=None).values_list("pk", "acts_for_id"):
        together.setdefault(first, {first}).add(pk)
    return {one: frozenset(all_) for all_ in together.values() for one in all_}


def _write(turns: Sequence[_Turn], *, now: datetime) -> None:
    """Let out, let in, give the case to somebody who answers it, on record; who comes in is told."""
    edits, news = [], []
    for case, sitting, change in ((turn.case, turn.sitting, turn.change) for turn in turns):
        CircleMember.answering.filter(case=case, staff__in=change.out).update(until=now)
        was = [one.id for one in sitting]
        is_now = [one for one in was if one not in change.out] + [one.id for one in change.into]
        if case.owner_id not in is_now:
            case.owner_id = is_now[0] if is_now else None
        save_case(case, "owner")
        why = keep_explanations([WHY], version_id=case.blueprint_id)[WHY.digest(case.blueprint_id)]
        edits.append(Edit(case=case, aspect=CIRCLE, before=was, after=is_now, why_id=why, at=now))
        key = f"joined_circle:{case.pk}:{now.isoformat()}"
        news += [
            News(staff_id=one.id, case_id=case.pk, what="joined_circle", key=key, reason=COME) for one in change.into
        ]
    CircleMember.objects.bulk_create(
        CircleMember(case=turn.case, staff_id=one.id, role=one.role, since=now)
        for turn in turns
        for one in turn.change.into
    )
    Edit.objects.bulk_create(edits)
    tell(news, now=now)

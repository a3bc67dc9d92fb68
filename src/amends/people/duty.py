"""Who is away, works when and stands in for whom: reads and writes of absences, shifts and stand-ins.

Everybody enters their own; whoever plans absences also those of the people in their units, as far as they do not rank
higher.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from amends.kernel.business_time import Calendar
from amends.people.core.duty import Duty, Plan, duty_at
from amends.people.core.rights import ROLES, may
from amends.people.models import Absence, Shift, Staff, StandIn
from amends.people.selectors import NotAllowed, NotFound, access_staff, require, units_below

LONGEST: Final = timedelta(days=730)


class BadSpan(ValueError):
    """A span of time that nobody can be away for; says why."""


def plans_of(staff_ids: Iterable[int], *, at: datetime) -> dict[int, Plan]:
    """What is known of these people's time from `at` on, in three queries."""
    ids = list(staff_ids)
    absences, shifts, stand_ins = defaultdict(list), defaultdict(list), defaultdict(list)
    for who, start, end in Absence.objects.filter(staff_id__in=ids, ends_at__gt=at, withdrawn_at=None).values_list(
        "staff_id", "starts_at", "ends_at"
    ):
        absences[who].append((start, end))
    for who, day, name in Shift.objects.filter(staff_id__in=ids).values_list("staff_id", "from_day", "calendar"):
        shifts[who].append((day, name))
    for who, start, end, other in (
        StandIn.objects.filter(staff_id__in=ids, ends_at__gt=at, withdrawn_at=None)
        .order_by("starts_at", "id")
        .values_list("staff_id", "starts_at", "ends_at", "stand_in_id")
    ):
        stand_ins[who].append((start, end, other))
    return {
        who: Plan(absences=tuple(absences[who]), shifts=tuple(shifts[who]), stand_ins=tuple(stand_ins[who]))
        for who in ids
    }


def duties_of(staff_ids: Iterable[int], *, at: datetime, calendars: Mapping[str, Calendar]) -> dict[int, Duty]:
    """Whether these people are free at a moment."""
    return {who: duty_at(plan, at, calendars) for who, plan in plans_of(staff_ids, at=at).items()}


def acting_for(staff_ids: Iterable[int], *, at: datetime) -> frozenset[int]:
    """The accounts that act for these people: second accounts, and stand-ins of that moment."""
    ids = set(staff_ids)
    standing = StandIn.objects.filter(staff_id__in=ids, starts_at__lte=at, ends_at__gt=at, withdrawn_at=None)
    return second_accounts(ids) | (frozenset(standing.values_list("stand_in_id", flat=True)) - ids)


def second_accounts(staff_ids: Iterable[int]) -> frozenset[int]:
    """Other accounts of these people: entered as such, or read at the same mailbox."""
    ids = set(staff_ids)
    if not ids:
        return frozenset()
    people = list(Staff.objects.filter(pk__in=ids).values_list("pk", "acts_for_id", "email"))
    owners = {owner for _, owner, _ in people if owner is not None}
    found = owners | set(Staff.objects.filter(acts_for_id__in=ids | owners).values_list("pk", flat=True))
    mailboxes = {_mailbox(email) for *_, email in people}
    same = Q()
    for mailbox in mailboxes:
        same |= Q(email__istartswith=mailbox.split("@")[0])
    found |= {pk for pk, email in Staff.objects.filter(same).values_list("pk", "email") if _mailbox(email) in mailboxes}
    return frozenset(found - ids)


def _mailbox(email: str) -> str:
    """`sam+leave@x.example` and `sam@x.example` are read by one person."""
    name, _, domain = email.lower().partition("@")
    return f"{name.split('+')[0]}@{domain}"


def people_planned_by(person: Staff) -> list[Staff]:
    """Whose absences this person may enter: their own and, with the right to it, those of whom they lead."""
    own = [person]
    if not may(person.role, "plan_absences"):
        return own
    reached = units_below(person)
    rows = Staff.objects.filter(is_active=True, role__in=_not_above(person)).exclude(pk=person.pk)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    return [*own, *rows.select_related("unit").order_by("name", "id")[:500]]


def access_planned(person: Staff, staff_id: int) -> Staff:
    """One of those, or NotFound."""
    if staff_id == person.pk:
        return person
    found = Staff.objects.filter(pk=staff_id, is_active=True).select_related("unit").first()
    reached = units_below(person)
    if (
        found is None
        or not may(person.role, "plan_absences")
        or found.role not in _not_above(person)
        or (reached is not None and found.unit_id not in reached)
    ):
        raise NotFound(f"There is no member of staff {staff_id} here.")
    return found


def may_stand_in(staff: Staff) -> list[Staff]:
    """Who could decide in this person's place: they may approve, rank no lower, and reach the person's whole unit."""
    rows = Staff.objects.filter(is_active=True, role__in=[role for role in ROLES if may(role, "approve")])
    rows = rows.filter(role__in=ROLES[ROLES.index(staff.role) :]).exclude(pk=staff.pk)
    if staff.unit_id is None:
        rows = rows.filter(unit=None)
    else:
        codes = [code for code in staff.unit.path.split("/") if code]  # type: ignore[union-attr]  # whoever has no unit was sorted out above
        rows = rows.filter(Q(unit=None) | Q(unit__code__in=codes))
    return list(rows.exclude(pk__in=second_accounts([staff.pk])).order_by("name", "id")[:200])


@transaction.atomic
def enter_absence(
    staff_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime,
    acting_user: Staff,
    now: datetime,
    note: str = "",
    stand_in_id: int | None = None,
) -> Absence:
    """Somebody is away for a span; with a stand-in, who decides in their place meanwhile.

    Raises:
        NotFound: it is not one of whom this person may plan.
        BadSpan: it ends before it begins, is over already, or lasts too long.
        NotAllowed: the stand-in could not decide in their place.
    """
    person = access_planned(acting_user, staff_id)
    _check_span(starts_at, ends_at, now=now)
    made = Absence.objects.create(
        staff=person, starts_at=starts_at, ends_at=ends_at, note=note[:200], entered_by=acting_user, entered_at=now
    )
    if stand_in_id is not None:
        name_stand_in(
            person.pk, stand_in_id=stand_in_id, starts_at=starts_at, ends_at=ends_at, acting_user=acting_user, now=now
        )
    return made


@transaction.atomic
def withdraw_absence(absence_id: int, *, acting_user: Staff, now: datetime) -> None:
    """It does not take place, or ends now; so does the stand-in that was entered for just this span."""
    found = Absence.objects.filter(pk=absence_id, withdrawn_at=None).first()
    if found is None:
        raise NotFound(f"There is no absence {absence_id} here.")
    access_planned(acting_user, found.staff_id)
    same = {"staff_id": found.staff_id, "starts_at": found.starts_at, "ends_at": found.ends_at, "withdrawn_at": None}
    StandIn.objects.filter(**same).update(withdrawn_at=now)
    Absence.objects.filter(pk=absence_id).update(withdrawn_at=now)


@transaction.atomic
def name_stand_in(
    staff_id: int, *, stand_in_id: int, starts_at: datetime, ends_at: datetime, acting_user: Staff, now: datetime
) -> StandIn:
    """Somebody decides in a person's place for a span, whenever that person is away.

    Raises:
        NotAllowed: they could not: a lower role, another part of the company, or the same person.
    """
    person = access_planned(acting_user, staff_id)
    _check_span(starts_at, ends_at, now=now)
    if stand_in_id not in {one.pk for one in may_stand_in(person)}:
        raise NotAllowed("A stand-in has to reach the same units, rank no lower, and be somebody else.")
    return StandIn.objects.create(
        staff=person,
        stand_in_id=stand_in_id,
        starts_at=starts_at,
        ends_at=ends_at,
        entered_by=acting_user,
        entered_at=now,
    )


@transaction.atomic
def set_shift(
    staff_id: int, *, calendar: str, from_day: date, calendars: Iterable[str], acting_user: Staff, now: datetime
) -> Shift:
    """From a day on, somebody works in the periods of a calendar.

    Raises:
        ValueError: there is no such calendar.
    """
    person = access_planned(acting_user, staff_id)
    known = {"always", *calendars}
    if calendar not in known:
        raise ValueError(f"There is no calendar {calendar!r}; there are {', '.join(sorted(known))}.")
    made, _ = Shift.objects.update_or_create(
        staff=person,
        from_day=from_day,
        defaults={"calendar": calendar, "entered_by": acting_user, "entered_at": now},
    )
    return made


def absences_for(person: Staff, *, now: datetime, limit: int = 200) -> list[Absence]:
    """What is entered of those whom this person may plan, from now on, the next first."""
    rows = Absence.objects.filter(withdrawn_at=None, ends_at__gt=now).select_related("staff", "entered_by")
    ids = [one.pk for one in people_planned_by(person)]
    return list(rows.filter(staff_id__in=ids).order_by("starts_at", "id")[:limit])


def stand_ins_for(person: Staff, *, now: datetime, limit: int = 200) -> list[StandIn]:
    """Who stands in for those whom this person may plan, and for whom they stand in themselves."""
    ids = [one.pk for one in people_planned_by(person)]
    rows = StandIn.objects.filter(Q(staff_id__in=ids) | Q(stand_in=person), withdrawn_at=None, ends_at__gt=now)
    return list(rows.select_related("staff", "stand_in").order_by("starts_at", "id")[:limit])


def shifts_for(person: Staff) -> dict[int, Any]:
    """The latest shift of each whom this person may plan."""
    ids = [one.pk for one in people_planned_by(person)]
    return {row.staff_id: row for row in Shift.objects.filter(staff_id__in=ids).order_by("from_day")}


def accounts_acting_for(person: Staff, *, limit: int = 200) -> list[Staff]:
    """Further accounts of those whom this person may plan, or by which they act themselves; each with whose it is."""
    ids = [one.pk for one in people_planned_by(person)]
    rows = Staff.objects.filter(Q(acts_for__in=ids) | Q(pk__in=ids), acts_for__isnull=False, is_active=True)
    return list(rows.select_related("acts_for").order_by("acts_for__name", "pk")[:limit])


def set_acting_for(staff_id: int, *, owner_id: int | None, acting_user: Staff | None) -> None:
    """Say that an account is a second one of somebody, or works in their name; None: it is nobody else's.

    Raises:
        NotAllowed: the acting user lacks the right.
        NotFound: there is no such account, or one of the two is not within their units.
    """
    if acting_user is not None:
        require(acting_user, "work_people")
        for one in (staff_id, owner_id):
            if one is not None:
                access_staff(acting_user, one)
    if owner_id == staff_id:
        raise ValueError("An account does not act for itself.")
    if not Staff.objects.filter(pk=staff_id).update(acts_for_id=owner_id):
        raise NotFound(f"There is no member of staff {staff_id} here.")


def _check_span(starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    if ends_at <= starts_at:
        raise BadSpan("It would end before it begins.")
    if ends_at <= now:
        raise BadSpan("It is over already.")
    if ends_at - starts_at > LONGEST:
        raise BadSpan(f"It would last longer than {LONGEST.days} days.")


def _not_above(person: Staff) -> list[str]:
    return list(ROLES[: ROLES.index(person.role) + 1])

"""Support for employees, for the two whom it concerns: the employee and whoever supports them. To everybody else it is
not there; there is no list of it for anybody.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import Q, QuerySet

from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.core.support import TO_GIVE, supporters
from amends.recover.models import Case, CircleMember, Support
from amends.recover.selectors.calling import colleagues
from amends.recover.selectors.circle import answering

MOST: Final = 100


def access_support(staff: Staff, support_id: int) -> Support:
    """One row of support that the person asked for, is offered, or gives.

    Raises:
        NotFound: it is not there, or none of theirs.
    """
    found = _whole().filter(Q(employee=staff) | Q(supporter=staff), pk=support_id).first()
    if found is None or not staff.is_active:
        raise NotFound(f"There is no support {support_id} here.")
    return _as_seen_by(staff, [found])[0]


def my_support(staff: Staff) -> list[Support]:
    """What this person asked for or was offered, the latest first."""
    return list(_whole().filter(employee=staff).order_by("-id")[:MOST])


def support_to_give(staff: Staff) -> list[Support]:
    """What this person is to answer or to give, the most urgent first."""
    return _as_seen_by(staff, _whole().filter(supporter=staff, state__in=TO_GIVE).order_by("due_at", "id")[:MOST])


def support_given(staff: Staff, *, limit: int = 20) -> list[Support]:
    """What this person gave, the latest first; how it was, as the employee said."""
    return _as_seen_by(staff, _whole().filter(supporter=staff, state="done").order_by("-ended_at", "-id")[:limit])


def whom_to_ask(staff: Staff, case: Case | None = None) -> Sequence[Staff]:
    """Whom the person may ask, the one to ask first: of a confidential case, only those who answer it."""
    path = staff.unit.path if staff.unit else ""
    order = supporters(colleagues(), employee=staff.pk, role=staff.role, path=path)
    if case is not None and case.confidential:
        order = [one for one in order if one in answering(case)]
    people = Staff.objects.select_related("unit").in_bulk(order)
    return [people[one] for one in order if one in people]


def whom_to_offer(staff: Staff) -> QuerySet[Staff]:
    """Whom a leader may offer support: everybody in their units but themselves."""
    require(staff, "work_teams")
    reached = units_below(staff)
    rows = Staff.objects.filter(is_active=True, acts_for=None).exclude(pk=staff.pk).order_by("name", "pk")
    return rows if reached is None else rows.filter(unit_id__in=reached)


def _as_seen_by(staff: Staff, rows: Iterable[Support]) -> list[Support]:
    """Without the confidential case of whoever supports and answers it no longer: they keep what they were asked."""
    seen = list(rows)
    hidden = {
        one.case_id for one in seen if one.case is not None and one.case.confidential and one.employee_id != staff.pk
    }
    if hidden:
        hidden -= set(CircleMember.answering.filter(staff=staff, case__in=hidden).values_list("case_id", flat=True))
    for one in seen:
        if one.case_id in hidden:
            one.case = None
    return seen


def _whole() -> QuerySet[Support]:
    return Support.objects.select_related("employee", "supporter", "offered_by", "why", "case__customer")

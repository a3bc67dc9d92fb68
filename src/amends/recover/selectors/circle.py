"""Who sees a confidential case: its circle, and nobody else; to everybody else it is not there.

Lists, counts, searches and bulk acts leave confidential cases out for everybody, the circle included (`Case.objects`
does), so that none is met on a screen that others look at too. Those who answer one come to it here: by their own list,
and by number through `access_case` and `holding`. Whoever told of it is its customer: they follow it on the customer's
page, where no note of ours stands, and nobody works on a case of their own.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import units_below
from amends.recover.core.circle import ABOUT, PERSON
from amends.recover.models import Case, CircleMember


def seen_alone(staff: Staff, *, case: str = "", unit: str = "unit_id") -> Q:
    """What of cases, or of rows that hang on a case, this person may see by number.

    Args:
        staff: who asks.
        case: the way from the row to its case, such as "case__"; empty where the row is the case.
        unit: where the unit stands that the person has to reach.
    """
    reached = units_below(staff)
    open_to_all = Q(**{f"{case}confidential": False})
    if reached is not None:
        open_to_all &= Q(**{f"{unit}__in": reached})
    own = CircleMember.answering.filter(staff=staff).values("case_id")
    return open_to_all | Q(**{f"{case}confidential": True, f"{case}pk__in": own})


def open_to_all(rows: QuerySet[Any], case: str = "case__") -> QuerySet[Any]:
    """Rows that hang on a case, for a list: without those of confidential cases."""
    return rows.filter(**{f"{case}confidential": False})


def answers(staff: Staff, case: Case) -> bool:
    """Whether this person may see and act on a case as far as its circle goes: any but a confidential one has none."""
    return not case.confidential or staff.pk in answering(case)


def answering(case: Case) -> list[int]:
    """The ids of those who answer a confidential case."""
    return list(CircleMember.answering.filter(case=case).order_by("pk").values_list("staff_id", flat=True))


def circles_of(case_ids: Collection[int]) -> dict[int, list[int]]:
    """Of these cases the confidential ones, each with those who answer it."""
    found: dict[int, list[int]] = {}
    rows = CircleMember.objects.filter(case_id__in=case_ids, until=None).exclude(role=ABOUT).order_by("pk")
    for case_id, staff_id, role in rows.values_list("case_id", "staff_id", "role"):
        found.setdefault(case_id, [])
        if role != PERSON:
            found[case_id].append(staff_id)
    return found


def circle_of_case(case: Case) -> QuerySet[CircleMember]:
    """Everybody who may see a confidential case; whoever asks was let in to the case."""
    rows = CircleMember.objects.filter(case=case, until=None).exclude(role=ABOUT)
    return rows.select_related("staff").order_by("pk")


def circle_names(case: Case) -> dict[int, str]:
    """The names of all who answer a confidential case or did; for those who answer it, who were let in to the case."""
    rows = CircleMember.objects.filter(case=case).exclude(role__in=(PERSON, ABOUT))
    return dict(rows.values_list("staff_id", "staff__name"))


def confidential_for(staff: Staff, *, told: bool, after: str | None = None, limit: int = 50) -> Page:
    """A page of the confidential cases of whose circle the person is, the latest first.

    Args:
        staff: who asks; nobody needs a further right to what they are in.
        told: those that they told of themselves, else those that they answer.
        after: key of the page before.
        limit: rows a page.
    """
    mine = CircleMember.objects.filter(staff=staff, role=PERSON) if told else CircleMember.answering.filter(staff=staff)
    rows = Case.every.filter(pk__in=mine.values("case_id"), confidential=True).select_related(
        "customer", "unit", "owner"
    )
    return page_of(rows, order=("-opened_at", "-id"), after=after, limit=limit)

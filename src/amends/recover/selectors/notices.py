"""What a member of staff was told, and what of it they have not seen yet. A notice is its reader's alone."""

from typing import Final

from django.db.models import QuerySet

from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.models import Notice

MOST_COUNTED: Final = 100  # beyond it a number says no more


def notices_for(
    staff: Staff, *, what: str = "", unseen: bool = False, after: str | None = None, limit: int = 50
) -> Page:
    """A page of the person's notices about cases that they may (still) see, newest first."""
    rows = _of(staff).select_related("case__customer", "case__unit").defer("case__search")
    if what:
        rows = rows.filter(what=what)
    if unseen:
        rows = rows.filter(seen_at__isnull=True)
    return page_of(rows, order=("-id",), after=after, limit=limit)


def unseen_notices(staff: Staff) -> int:
    """How many the person has not seen, at most `MOST_COUNTED`."""
    return len(_of(staff).filter(seen_at__isnull=True).values_list("pk", flat=True)[:MOST_COUNTED])


def access_notice(staff: Staff, notice_id: int) -> Notice:
    """One notice of the person's own."""
    found = _of(staff).select_related("case").filter(pk=notice_id).first()
    if found is None:
        raise NotFound(f"There is no notice {notice_id} here.")
    return found


def _of(staff: Staff) -> QuerySet[Notice]:
    require(staff, "see_cases")
    rows = Notice.objects.filter(staff=staff)
    reached = units_below(staff)
    return rows if reached is None else rows.filter(case__unit_id__in=reached)

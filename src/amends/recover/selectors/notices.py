"""What a member of staff was told, and what of it they have not seen yet. A notice is its reader's alone."""

from django.db.models import Q, QuerySet, Subquery

from amends.people.keyset import Page, page_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require
from amends.recover.models import CircleMember, Notice


def notices_for(
    staff: Staff,
    *,
    what: str = "",
    unseen: bool = False,
    to_do: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the person's notices about cases that they may (still) see, newest first; `to_do`: open ones only."""
    rows = _of(staff).select_related("case__customer", "case__unit")
    if what:
        rows = rows.filter(what=what)
    if unseen:
        rows = rows.filter(seen_at__isnull=True)
    if to_do:
        rows = rows.filter(case__is_open=True)
    return page_of(rows, order=("-id",), after=after, limit=limit)


def access_notice(staff: Staff, notice_id: int) -> Notice:
    """One notice of the person's own."""
    found = _of(staff).select_related("case").filter(pk=notice_id).first()
    if found is None:
        raise NotFound(f"There is no notice {notice_id} here.")
    return found


def _of(staff: Staff) -> QuerySet[Notice]:
    """In one statement, since every page of the console counts them."""
    require(staff, "see_cases")
    rows = Notice.objects.filter(staff=staff)
    seen = Q(case__confidential=False)
    if staff.unit_id is not None:
        own = Unit.objects.filter(pk=staff.unit_id).values("path")[:1]
        seen &= Q(case__unit__path__startswith=Subquery(own))
    circles = CircleMember.answering.filter(staff=staff).values("case_id")
    return rows.filter(seen | Q(case__confidential=True, case_id__in=circles))

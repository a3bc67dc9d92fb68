"""Recharge claims, for those who pursue them."""

from typing import Any

from django.db.models import QuerySet

from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.models import RechargeClaim
from amends.recover.selectors.circle import open_to_all


def access_recharge(staff: Staff, claim_id: int) -> RechargeClaim:
    """One claim with its case at hand."""
    claim = _seen_by(staff).filter(pk=claim_id).first()
    if claim is None:
        raise NotFound(f"There is no recharge claim {claim_id} here.")
    return claim


def recharges_for(staff: Staff, *, state: str = "", after: str | None = None, limit: int = 50) -> Page:
    """A page of the claims within the person's units, the newest first."""
    rows = _seen_by(staff)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("-id",), after=after, limit=limit)


def _seen_by(staff: Staff) -> QuerySet[Any]:
    require(staff, "recharge")
    rows = open_to_all(RechargeClaim.objects.select_related("case__customer", "unit", "decided_by"))
    reached = units_below(staff)
    return rows if reached is None else rows.filter(unit_id__in=reached)

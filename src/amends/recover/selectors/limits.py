"""Budgets, sums that look split and approvals by whom they wait for: what a person may see of them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.core.approval import APPROVAL
from amends.recover.core.splits import SPLIT
from amends.recover.models import Approval, ApprovalStep, Budget, Split
from amends.recover.selectors.cases import whole_approvals

MOST_MINE = 100


def budgets_for(staff: Staff, *, now: datetime, limit: int = 500) -> list[Budget]:
    """The budgets in force within the person's units, each unit before those below it; later ones after those."""
    require(staff, "see_budgets")
    rows = _within(staff, Budget.objects.select_related("unit"))
    return list(rows.filter(ends_at__gt=now).order_by("unit__path", "starts_at", "currency")[:limit])


def access_budget(staff: Staff, budget_id: int) -> Budget:
    """One of them with its unit at hand."""
    require(staff, "see_budgets")
    found = _within(staff, Budget.objects.select_related("unit")).filter(pk=budget_id).first()
    if found is None:
        raise NotFound(f"There is no budget {budget_id} here.")
    return found


def splits_for(staff: Staff, *, state: str = SPLIT.initial, after: str | None = None, limit: int = 50) -> Page:
    """A page of what looked split within the person's units, the latest first."""
    require(staff, "approve")
    rows = Split.objects.select_related("case__customer", "approval")
    rows = rows.prefetch_related("customer", "granter", "why", "looked_by")
    rows = _within(staff, rows)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("-found_at", "-id"), after=after, limit=limit)


def access_split(staff: Staff, split_id: int) -> Split:
    """One of them."""
    require(staff, "approve")
    found = _within(staff, Split.objects.all()).filter(pk=split_id).first()
    if found is None:
        raise NotFound(f"There is no split {split_id} here.")
    return found


def assigned_to(staff: Staff, *, limit: int = MOST_MINE) -> tuple[list[Approval], bool]:
    """What waits for this person, what runs out first at the top, and whether there is more of it."""
    require(staff, "approve")
    rows = whole_approvals().filter(state=APPROVAL.initial, assigned_to=staff)
    found = list(_within(staff, rows).order_by("decide_by", "id")[: limit + 1])
    return found[:limit], len(found) > limit


def just_given_to(staff: Staff, *, since: datetime, limit: int = 10) -> list[Approval]:
    """Of what waits for this person what came to them since then, the latest first."""
    require(staff, "approve")
    rows = whole_approvals().filter(state=APPROVAL.initial, assigned_to=staff, assigned_at__gt=since)
    return list(_within(staff, rows).order_by("-assigned_at", "-id")[:limit])


def asked_by(staff: Staff, *, limit: int = 20) -> list[Approval]:
    """What this person asked leave for, the latest first: where it stands and whom it waits for now."""
    require(staff, "see_cases")
    return list(_within(staff, whole_approvals().filter(asked_by=staff)).order_by("-id")[:limit])


def passed_up_from(staff: Staff, *, since: datetime, limit: int = 20) -> list[ApprovalStep]:
    """What this person did not decide in time and went further up, the latest first."""
    require(staff, "see_cases")
    rows = ApprovalStep.objects.filter(from_staff=staff, what=ApprovalStep.What.ESCALATED, at__gt=since)
    rows = rows.select_related("approval__action", "approval__case__customer", "to_staff", "why")
    return list(_within(staff, rows, "approval__unit_id").order_by("-at")[:limit])


def _within(staff: Staff, rows: QuerySet[Any], unit: str = "unit_id") -> QuerySet[Any]:
    reached = units_below(staff)
    return rows if reached is None else rows.filter(**{f"{unit}__in": reached})

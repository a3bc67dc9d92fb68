"""Cases, actions, approvals and ledger lines for a person: what they may see of them, fast however many there are."""

from typing import Any, Final, Literal

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from amends.monitor.models import Incident
from amends.people.keyset import Page, page_of
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.recover.models import Action, Approval, Case, Remedy
from amends.recover.search import search_query

Sort = Literal["priority", "due", "opened"]
ORDERS: Final[dict[str, tuple[str, str]]] = {
    "priority": ("-priority", "-id"),
    "due": ("next_due", "id"),
    "opened": ("-opened_at", "-id"),
}
MOST_FOUND: Final = 2_000  # of a search: who sees so many narrows it
_FOUND: Final = "select id from recover_case where search @@ %s::tsquery limit %s"


def access_case(staff: Staff, case_id: int) -> Case:
    """One case with its customer, incident, unit, owner and plan at hand."""
    found = _seen_by(staff).select_related("incident", "unit", "owner", "plan", "what_happened", "cause")
    case = found.filter(pk=case_id).first()
    if case is None:
        raise NotFound(f"There is no case {case_id} here.")
    return case


def cases_for(
    staff: Staff,
    *,
    state: str = "",
    severity: int | None = None,
    unit: str = "",
    owner: Staff | int | None = None,
    search: str = "",
    sort: Sort = "priority",
    incident: Incident | int | None = None,
    customer: Customer | int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the cases that the person may see.

    Args:
        staff: who asks.
        state: only these; without it, sorting by priority or due shows open cases only, unless one incident, customer
        or
            search is asked for.
        severity: only these.
        unit: code of a unit; the cases of all units below it are among them.
        owner: only theirs.
        search: the beginning of a word, or several words, of case number, customer reference, name or subject; of a
            Chinese name any two characters that follow each other. The first `MOST_FOUND` matches are looked at.
        sort: by what; "due" leaves out cases without a running clock.
        incident: only of this one.
        customer: only theirs.
        after: key of the page before.
        limit: rows a page.
    """
    rows = _seen_by(staff).select_related("unit", "owner")
    if state:
        rows = rows.filter(state=state)
    if severity is not None:
        rows = rows.filter(severity=severity)
    if unit:
        rows = rows.filter(unit_id__in=_below(unit))
    given = {"owner": owner, "incident": incident, "customer": customer}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    if wanted := search.strip().replace("\0", "")[:200]:
        query = search_query(wanted)
        if query is None:
            return Page(rows=[], after=None)
        rows = rows.filter(pk__in=RawSQL(_FOUND, [query, MOST_FOUND]))  # noqa: S611 -- our own text, values bound
    elif sort != "opened" and not state and incident is None and customer is None:
        rows = rows.filter(is_open=True)
    if sort == "due":
        rows = rows.filter(next_due__isnull=False)
    return page_of(rows, order=ORDERS[sort], after=after, limit=limit)


def access_action(staff: Staff, action_id: int) -> Action:
    """One action with its case at hand."""
    require(staff, "see_cases")
    rows = _within(staff, Action.objects.select_related("case__customer", "plan", "why", "done_by"), "case__unit_id")
    action = rows.filter(pk=action_id).first()
    if action is None:
        raise NotFound(f"There is no action {action_id} here.")
    return action


def access_approval(staff: Staff, approval_id: int) -> Approval:
    """One approval with its action and case at hand."""
    approval = _approvals(staff).filter(pk=approval_id).first()
    if approval is None:
        raise NotFound(f"There is no approval {approval_id} here.")
    return approval


def approvals_for(staff: Staff, *, state: str = "waiting", after: str | None = None, limit: int = 50) -> Page:
    """A page of the approvals within the person's units, the one that waits longest first."""
    rows = _approvals(staff)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("asked_at", "id"), after=after, limit=limit)


def ledger_for(
    staff: Staff,
    *,
    case: Case | int | None = None,
    customer: Customer | int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the ledger within the person's units, newest first."""
    require(staff, "see_cases")
    rows = _within(staff, Remedy.objects.select_related("customer", "granted_by", "approval"), "case__unit_id")
    if case is not None:
        rows = rows.filter(case=case)
    if customer is not None:
        rows = rows.filter(customer=customer)
    return page_of(rows, order=("-id",), after=after, limit=limit)


def _seen_by(staff: Staff) -> QuerySet[Case]:
    require(staff, "see_cases")
    # the vector is for the index, not for people
    return _within(staff, Case.objects.select_related("customer").defer("search"), "unit_id")


def _approvals(staff: Staff) -> QuerySet[Approval]:
    require(staff, "see_cases")
    joined = Approval.objects.select_related("action__why", "case__customer", "why", "asked_by", "decided_by", "unit")
    return _within(staff, joined.defer("case__search"), "unit_id")


def _within(staff: Staff, rows: QuerySet[Any], unit: str) -> QuerySet[Any]:
    reached = units_below(staff)
    return rows if reached is None else rows.filter(**{f"{unit}__in": reached})


def _below(code: str) -> list[int]:
    path = Unit.objects.filter(code=code).values_list("path", flat=True).first()
    return [] if path is None else list(Unit.objects.filter(path__startswith=path).values_list("id", flat=True))

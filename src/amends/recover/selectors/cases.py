"""Cases, actions, approvals and ledger lines for a person: what they may see of them, fast however many there are."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal

from django.db import connection
from django.db.models import QuerySet

from amends.monitor.models import Incident
from amends.people.keyset import Page, beyond, page_of
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.selectors import with_explanations
from amends.recover.core.approval import APPROVAL
from amends.recover.core.case import SETTLED
from amends.recover.models import Action, Approval, Case, Remedy
from amends.recover.search import search_query
from amends.recover.selectors.circle import open_to_all, seen_alone
from amends.recover.selectors.grouping import cases_counting_in
from amends.recover.selectors.inbox import Counted, counted, narrowed

Sort = Literal["priority", "leaving", "due", "opened"]
ORDERS: Final[dict[str, tuple[str, str]]] = {
    "priority": ("-priority", "-id"),
    "leaving": ("-leaving", "-id"),
    "due": ("next_due", "id"),
    "opened": ("-opened_at", "-id"),
}
FIRST_LOOKED_AT: Final = 200  # of a list, from the top: a word that many have fills a page there
MOST_FOUND: Final = 2_000  # of a search, all of which are sorted
MOST_LOOKED_AT: Final = 30_000  # of a list, for a word that more than those have


def access_case(staff: Staff, case_id: int) -> Case:
    """One case with its customer, unit, owner and plan at hand.

    One join more, and the planner would take longer over it than all the rest does.
    """
    require(staff, "see_cases")
    found = Case.every.select_related("customer", "unit", "owner", "plan", "assessment", "recharge")
    case = found.filter(seen_alone(staff), pk=case_id).first()
    if case is None:
        raise NotFound(f"There is no case {case_id} here.")
    plan, assessment = getattr(case, "plan", None), getattr(case, "assessment", None)
    with_explanations(
        [
            *((case, "what_happened"), (case, "cause"), (case.customer, "watch_why")),
            *((plan, "why"), (assessment, "heard_why")),
        ]
    )
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
    strategy: str = "",
    desk: str = "",
    team: int | None = None,
    now: datetime | None = None,
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
            Chinese name any two characters that follow each other. Of a word that more than `MOST_FOUND`
            have, those far down the list may be left out (`_found`).
        sort: by what; "due" leaves out cases without a running clock, "leaving" those that cost nothing to leave.
        incident: only of this one.
        customer: only theirs.
        strategy: only those whose plan follows it.
        desk: only what selectors/inbox.py narrows to: nobody's, at risk, waiting for leave, handed to this person.
        team: only this one's.
        now: the present, where `desk` asks for it.
        after: key of the page before.
        limit: rows a page.
    """
    rows, wanted = _listed(
        staff,
        state=state,
        severity=severity,
        unit=unit,
        given={"owner": owner, "incident": incident, "customer": customer},
        search=search,
        sort=sort,
        strategy=strategy,
        desk=desk,
        team=team,
        now=now,
    )
    query = search_query(wanted) if wanted else None
    if wanted:
        ids, cut = _found(rows, query, order=ORDERS[sort], after=after, limit=limit) if query else ([], False)
        rows = Case.objects.select_related("customer", "unit", "owner").filter(pk__in=ids)
    page = page_of(rows, order=ORDERS[sort], after=after, limit=limit)
    return replace(page, first_of=MOST_FOUND) if wanted and cut else page


def count_cases(
    staff: Staff,
    *,
    state: str = "",
    severity: int | None = None,
    unit: str = "",
    owner: Staff | int | None = None,
    search: str = "",
    sort: Sort = "priority",
    strategy: str = "",
    desk: str = "",
    team: int | None = None,
    now: datetime,
) -> Counted:
    """How many cases a list like `cases_for` has, up to a bound."""
    rows, wanted = _listed(
        staff,
        state=state,
        severity=severity,
        unit=unit,
        given={"owner": owner},
        search=search,
        sort=sort,
        strategy=strategy,
        desk=desk,
        team=team,
        now=now,
    )
    if wanted:
        rows = _matching(rows, search_query(wanted) or "''")
    asked = [staff.pk, state, severity, unit, owner and getattr(owner, "pk", owner), wanted, sort, strategy, desk, team]
    return counted(rows, key="count:" + hashlib.sha256(repr(asked).encode()).hexdigest())


def _listed(
    staff: Staff,
    *,
    state: str,
    severity: int | None,
    unit: str,
    given: Mapping[str, Any],
    search: str,
    sort: Sort,
    strategy: str,
    desk: str,
    team: int | None,
    now: datetime | None,
) -> tuple[QuerySet[Case], str]:
    """The rows of a list before its search, and what is searched for."""
    rows = _seen_by(staff, unit=unit).select_related("unit", "owner")
    if state:
        rows = rows.filter(state=state)
    if severity is not None:
        rows = rows.filter(severity=severity)
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None and name != "incident"})
    if (incident := given.get("incident")) is not None:
        rows = rows.filter(cases_counting_in(incident if isinstance(incident, int) else incident.pk))
    if strategy:
        rows = rows.filter(plan__strategy=strategy)
    rows = narrowed(rows, staff, desk=desk, team=team, now=now)
    wanted = search.strip().replace("\0", "")[:200]
    if sort == "due":
        rows = rows.filter(is_open=True, next_due__isnull=False)
    elif sort == "leaving":
        rows = rows.filter(is_open=True, leaving__gt=0)
    elif state:
        rows = rows.filter(is_open=state not in SETTLED)  # says nothing new, but leads to the indexes of open cases
    elif sort == "priority" and not wanted and given.get("incident") is None and given.get("customer") is None:
        rows = rows.filter(is_open=True)
    return rows, wanted


def access_action(staff: Staff, action_id: int) -> Action:
    """One action with its case at hand."""
    require(staff, "see_cases")
    rows = Action.objects.select_related("case__customer", "plan", "why", "done_by")
    action = rows.filter(seen_alone(staff, case="case__", unit="case__unit_id"), pk=action_id).first()
    if action is None:
        raise NotFound(f"There is no action {action_id} here.")
    return action


def access_approval(staff: Staff, approval_id: int) -> Approval:
    """One approval with its action and case at hand."""
    require(staff, "see_cases")
    approval = whole_approvals().filter(seen_alone(staff, case="case__"), pk=approval_id).first()
    if approval is None:
        raise NotFound(f"There is no approval {approval_id} here.")
    return approval


def approvals_for(
    staff: Staff, *, state: str = "waiting", whose: str = "", after: str | None = None, limit: int = 50
) -> Page:
    """A page of the approvals within the person's units: of those that wait, the one that waits longest first; of
    others, and of all, the latest first.

    Args:
        staff: who asks.
        state: only these; empty for all.
        whose: "mine", only what waits for the person; "others", all but that; empty for both.
        after: key of the page before.
        limit: rows a page.
    """
    rows = _approvals(staff)
    if whose == "mine":
        rows = rows.filter(assigned_to=staff)
    elif whose == "others":
        rows = rows.exclude(assigned_to=staff)
    if state:
        rows = rows.filter(state=state)
    order = ("asked_at", "id") if state == APPROVAL.initial else ("-id",)
    return page_of(rows, order=order, after=after, limit=limit)


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
    rows = Remedy.objects.select_related("customer", "granted_by", "approval")
    if case is not None:
        rows = rows.filter(seen_alone(staff, case="case__", unit="case__unit_id"), case=case)
    else:
        rows = open_to_all(_within(staff, rows, "case__unit_id"))
    if customer is not None:
        rows = rows.filter(customer=customer)
    return page_of(rows, order=("-id",), after=after, limit=limit)


def _seen_by(staff: Staff, *, unit: str = "") -> QuerySet[Case]:
    require(staff, "see_cases")
    rows = Case.objects.select_related("customer")
    reached = units_below(staff)
    if unit:
        below = _below(unit)
        # one list, not two: what it leaves is what the planner reckons with
        reached = below if reached is None else sorted(set(below) & set(reached))
    return rows if reached is None else rows.filter(unit_id__in=reached)


def _found(
    rows: QuerySet[Case], query: str, *, order: tuple[str, str], after: str | None, limit: int
) -> tuple[list[int], bool]:
    """Which of these cases match: all of them, or of too many those that come first in the order and some more; and
    whether there were too many.

    A common word has too many rows to find them all: the list itself is read from the top until a page is full. A rare
    one has too few for that to end in time: its rows are found first, then sorted. Of a word between the two, whose
    matches may all lie far down the list, that is read much further.
    """
    top = _top_matching(rows, query, order=order, after=after, limit=limit, look_at=FIRST_LOOKED_AT)
    if len(top) > limit:
        return top, False
    ids: list[int] = list(_matching(rows, query).order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
    if len(ids) <= MOST_FOUND:
        return ids, False
    top = _top_matching(rows, query, order=order, after=after, limit=limit, look_at=MOST_LOOKED_AT)
    return (top if len(top) > limit else [*top, *ids]), True


def _top_matching(
    rows: QuerySet[Case], query: str, *, order: tuple[str, str], after: str | None, limit: int, look_at: int
) -> list[int]:
    """Of so many rows from the top of the list those that match, as many as a page and one."""
    top = beyond(rows, order=order, after=after).order_by(*order).values_list("id")[:look_at]
    listed, values = top.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            # row by row in the list's order, so that it ends as soon as a page is full
            f"select id from ({listed}) as top cross join lateral ("
            "select from recover_casesearch where case_id = top.id and words @@ %s::tsquery offset 0) as hit limit %s",
            [*values, query, limit + 1],
        )
        return [row[0] for row in cursor.fetchall()]


def _matching(rows: QuerySet[Case], query: str) -> QuerySet[Case]:
    return rows.extra(
        tables=["recover_casesearch"],
        where=["recover_casesearch.case_id = recover_case.id and recover_casesearch.words @@ %s::tsquery"],
        params=[query],
    )


def _approvals(staff: Staff) -> QuerySet[Approval]:
    require(staff, "see_cases")
    return open_to_all(_within(staff, whole_approvals(), "unit_id"))


def whole_approvals() -> QuerySet[Approval]:
    """Approvals with action, case, people and reasons at hand.

    People and reasons come apart: with all of them joined, the planner would take longer than the rest does.
    """
    rows = Approval.objects.select_related("action", "case__customer", "unit")
    rows = rows.prefetch_related("asked_by", "decided_by", "assigned_to", "action__why", "why", "assigned_why")
    return rows.prefetch_related("covered_by", "splits__why", "splits__granter")


def _within(staff: Staff, rows: QuerySet[Any], unit: str) -> QuerySet[Any]:
    reached = units_below(staff)
    return rows if reached is None else rows.filter(**{f"{unit}__in": reached})


def _below(code: str) -> list[int]:
    path = Unit.objects.filter(code=code).values_list("path", flat=True).first()
    return [] if path is None else list(Unit.objects.filter(path__startswith=path).values_list("id", flat=True))

"""Everything that the page of one case shows, in a fixed number of queries, and what this person can do now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amends.channels.models import Message
from amends.kernel.money import Money
from amends.monitor.models import Affected, Failure
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotAllowed
from amends.recover.core.case import CASE
from amends.recover.models import Action, Case, Outcome
from amends.recover.selectors import case_timeline, cases_for
from amends.recover.services.holding import check_performer
from amends.web.console.clock_times import clocks_beside, clocks_whole
from amends.web.console.leave import Leave, free_hand, with_leave

EARLIER_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Now:
    """What this person can do now: the next action, the approvals that wait for them, and the moves of the case."""

    next_action: Action | None
    leave: list[Leave]  # approvals still waiting
    moves: frozenset[str]
    can_take: bool
    works: bool
    free_hand: Money | None


def what_now(staff: Staff, case: Case, actions: list[Action]) -> Now:
    """Only what the tables and the person's rights allow; services check it all again."""
    works = may(staff.role, "work_cases")
    waiting = [
        action.approval for action in actions if action.state == "waiting_approval" and hasattr(action, "approval")
    ]
    ready = (action for action in actions if action.state == "ready" and _is_for(staff, action))
    return Now(
        next_action=next(ready, None) if works else None,
        leave=with_leave(staff, waiting),
        moves=frozenset(CASE.moves_from(case.state)) if works else frozenset(),
        can_take=works and case.is_open and case.owner_id != staff.pk,
        works=works,
        free_hand=free_hand(staff, case) if works else None,
    )


def _is_for(staff: Staff, action: Action) -> bool:
    """Whether a person does this, and this one may."""
    if action.performer == "automatic":
        return False
    try:
        check_performer(staff, action.performer)
    except NotAllowed:
        return False
    return True


def actions_of(case: Case) -> list[Action]:
    """The plan's actions in the order in which they are due, with their reasons and approvals."""
    related = ("why", "done_by", "approval", "approval__why", "approval__asked_by", "approval__decided_by")
    return list(case.actions.select_related(*related).order_by("due_at", "id"))


def beside(staff: Staff, case: Case, *, now: datetime) -> dict[str, Any]:
    """The short form that opens beside a list."""
    actions = actions_of(case)
    return {
        "case": case,
        "actions": actions,
        "now_panel": what_now(staff, case, actions),
        "now": now,
        **clocks_beside(case, works=may(staff.role, "work_cases"), now=now),
    }


def whole(staff: Staff, case: Case, *, now: datetime) -> dict[str, Any]:
    """The whole page."""
    failures = list(
        Failure.objects.filter(pk__in=case.case_failures.values("failure_id"))
        .select_related("severity_why", "attribution_why", "unit")
        .prefetch_related("findings")
        .order_by("found_at", "id")
    )
    hurt = {
        row.failure_id: row
        for row in Affected.objects.filter(customer_id=case.customer_id, failure__in=failures).select_related(
            "severity_why"
        )
    }
    earlier = cases_for(staff, customer=case.customer, sort="opened", limit=EARLIER_SHOWN + 1).rows
    short = beside(staff, case, now=now)
    return (
        short
        | clocks_whole(case, short["clocks"])
        | {
            "failures": [(failure, hurt.get(failure.pk)) for failure in failures],
            "contact_points": list(case.customer.contact_points.order_by("rank")),
            "remedies": list(case.remedies.select_related("granted_by", "approval__decided_by").order_by("granted_at")),
            "messages_sent": list(Message.objects.filter(thread=f"case:{case.pk}").order_by("created_at", "id")),
            "outcome": Outcome.objects.select_related("recorded_by").filter(case=case).first(),
            "timeline": case_timeline(case),
            "trail": list(case.trail.order_by("-number")[:50]),
            "earlier": [other for other in earlier if other.pk != case.pk][:EARLIER_SHOWN],
        }
    )

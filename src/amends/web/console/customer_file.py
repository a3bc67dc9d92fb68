"""Everything that a customer's page shows, in a fixed number of queries."""

from datetime import datetime
from typing import Any

from amends.monitor.selectors import failures_for
from amends.monitor.service_now import served_now
from amends.people.core.rights import may
from amends.people.models import Customer, Staff
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.models import Case
from amends.recover.selectors import (
    Looked,
    cases_for,
    closer_look_for,
    history_for,
    looks_at,
    made_good,
    may_lift_watch,
)

SHOWN = 25  # of each kind of history
LOOKED_AT = 3  # of the latest cases, whether a closer look is advised


def whole(staff: Staff, customer: Customer, *, now: datetime) -> dict[str, Any]:
    """The whole page; of the history only what lies in the person's units."""
    sees_cases = may(staff.role, "see_cases")
    cases = cases_for(staff, customer=customer, sort="opened", limit=SHOWN) if sees_cases else None
    case_ids = [case.pk for case in cases.rows] if cases else []
    made = made_good(cases.rows) if cases else {}
    threads = [f"case:{pk}" for pk in case_ids]
    version = version_in_force(deployment().blueprint_name)
    return {
        "customer": customer,
        "cases": cases,
        "rows": [(case, made.get(case.pk)) for case in cases.rows] if cases else [],
        "history": history_for(staff, customer) if sees_cases else None,
        "served": served_now(staff, customer, blueprint_of(version.pk), now=now),
        "version_id": version.pk,
        "works": may(staff.role, "work_cases"),
        "may_lift": may_lift_watch(staff, customer, now=now),
        "points": sorted(customer.contact_points.all(), key=lambda point: (point.rank, point.pk)),
        "advised": _advised(staff, cases.rows[:LOOKED_AT], now=now) if cases else [],
        "looks": looks_at(customer, case_ids) if cases else [],
        "failures": failures_for(staff, customer=customer, limit=SHOWN) if may(staff.role, "see_incidents") else None,
        "messages_before": customer.messages.filter(thread__in=threads).order_by("-created_at", "-id")[:SHOWN],
        "remedies": (
            customer.remedies.filter(case__in=case_ids).order_by("-granted_at", "-id")[:SHOWN] if cases else []
        ),
        "withheld": customer.withheld.select_related("why").order_by("-id")[:SHOWN],
        "now": now,
    }


def _advised(staff: Staff, cases: list[Case], *, now: datetime) -> list[tuple[Case, Looked]]:
    looked = [(case, closer_look_for(staff, case, now=now)) for case in cases]
    return [(case, one) for case, one in looked if one.stands]

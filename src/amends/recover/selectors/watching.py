"""Who may say that a customer need no longer be handled with care."""

from datetime import datetime

from django.db.models import Q, QuerySet

from amends.kernel.severity import SEVERITIES
from amends.people.core.rights import may
from amends.people.models import Customer, Staff
from amends.people.selectors import units_below
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.models import Case


def may_lift_watch(staff: Staff, customer: Customer, *, now: datetime) -> bool:
    """Whether the person may lift this customer's watch.

    Where failures hold it up, only who reaches one of their cases: others do not see what happened. A watch that
    nothing but a person's word holds up is lifted by whoever works on cases.
    """
    if not may(staff.role, "work_cases"):
        return False
    reached = units_below(staff)
    if reached is None:
        return True
    units = set(_holding(customer, now=now).values_list("unit_id", flat=True))
    return not units or not units.isdisjoint(reached)


def _holding(customer: Customer, *, now: datetime) -> QuerySet[Case]:
    """The cases that set the watch, or would if it were not there."""
    watch = blueprint_of(version_in_force(deployment().blueprint_name).pk).care.watch
    recent = Q()
    for name, rank in SEVERITIES.items():
        recent |= Q(severity=rank, opened_at__gt=now - watch.span(name))
    cases = Case.objects.filter(recent, customer=customer, incident__isnull=False)
    if customer.watch_lifted_at is not None:
        cases = cases.filter(opened_at__gte=customer.watch_lifted_at)
    return cases

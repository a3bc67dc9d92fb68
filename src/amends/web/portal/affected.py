"""Whom an incident hit lightly, and by what: no case of their own, but a page to read and to come forward."""

from dataclasses import dataclass

from amends.kernel.text import Localised
from amends.monitor.models import Affected, Failure
from amends.people.models import Customer
from amends.policy.models import Explanation
from amends.policy.selectors import blueprint_of
from amends.recover.core.plan import what_happened
from amends.recover.models import Case

NOT_FELT = (Failure.Stage.AT_RISK, Failure.Stage.AVERTED)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One customer and the gravest failure by which one incident hit them."""

    customer: Customer
    failure: Failure
    happened: Localised
    cause: Explanation
    case: Case | None  # they have one by now


def hit_of(*, incident_id: int, customer_id: int) -> Hit | None:
    """How an incident hit a customer; None if it did not."""
    row = (
        Affected.objects.filter(failure__incident_id=incident_id, customer_id=customer_id)
        .exclude(failure__stage__in=NOT_FELT)
        .select_related("customer", "failure__attribution_why", "failure__unit")
        .order_by("-severity", "failure__stage_at", "failure_id")
        .first()
    )
    if row is None:
        return None
    failure = row.failure
    facts = {**failure.facts, **row.facts, "kind": failure.kind}
    return Hit(
        customer=row.customer,
        failure=failure,
        happened=what_happened(failure.subject, facts, blueprint_of(failure.blueprint_id)).text,
        cause=failure.attribution_why,
        case=Case.objects.filter(incident_id=incident_id, customer_id=customer_id).first(),
    )

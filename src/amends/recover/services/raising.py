"""What waits for leave while something else is given: the totals grew, so it may need somebody of a higher level."""

from datetime import datetime

from amends.kernel.money import Money
from amends.people.core.authority import approver_of
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.approval import APPROVAL
from amends.recover.holdings import Sum, hold
from amends.recover.models import Approval, Case
from amends.recover.services.authorising import why_asked
from amends.recover.services.routing import give_out


def raise_waiting(case: Case, *, now: datetime) -> None:
    """Hold what still waits in a case against the totals as they are now; what its person can't decide any more goes
    to one who can, at once and not when somebody has tried in vain."""
    rows = Approval.objects.filter(case=case, state=APPROVAL.initial)
    for approval in rows.select_related("action__plan", "case__customer", "assigned_to", "unit").order_by("id"):
        version = approval.action.plan.blueprint_id
        pack = blueprint_of(version)
        what = Sum(kind=approval.action.kind, amount=approval.amount, currency=approval.currency)
        held = hold(case, what, pack, granter=approval.asked_by, at=now, lock=False)
        level = approver_of(
            pack.authority, kind=what.kind, amount=what.amount, currency=what.currency, spent=held.spent
        )
        if level.role == approval.level:
            continue
        why = why_asked(level, held.limits, Money(what.amount, what.currency) if what.amount else None)
        approval.level = level.role
        approval.why_id = keep_explanations([why], version_id=version)[why.digest(version)]
        approval.save(update_fields=["level", "why"])
        give_out(approval, now=now)

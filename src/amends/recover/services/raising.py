"""What waits for leave while something else is given: the totals grew, so it may need somebody of a higher level."""

from datetime import datetime

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import Money
from amends.people.core.authority import Limit, approver_of, exceeded
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.approval import APPROVAL
from amends.recover.holdings import Held, Sum, hold
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
        held = hold(case, what, pack, granter=None, at=now, lock=False)
        level = approver_of(
            pack.authority, kind=what.kind, amount=what.amount, currency=what.currency, spent=held.spent
        )
        kept_back = _kept_back(approval.level, held, pack)
        if level.role == approval.level or not kept_back:
            continue
        why = why_asked(level, kept_back, Money(what.amount, what.currency) if what.amount else None)
        approval.level = level.role
        approval.why_id = keep_explanations([why], version_id=version)[why.digest(version)]
        approval.save(update_fields=["level", "why"])
        give_out(approval, now=now)


def _kept_back(role: str, held: Held, pack: Blueprint) -> tuple[Limit, ...]:
    """What keeps this role from deciding a sum itself."""
    level, what = pack.authority_of(role), held.sum  # type: ignore[arg-type]  # the roles are the same words
    if level is None:
        return ("kind",)
    return exceeded(level, kind=what.kind, amount=what.amount, currency=what.currency, spent=held.spent[level.id])

"""Who may decide an approval, so that a page offers the button only to them; the service checks again."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from amends.kernel.money import Money
from amends.people.core.rights import ROLES, may
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.models import Approval, Case


@dataclass(frozen=True, kw_only=True)
class Leave:
    """An approval and whether this person may decide it; if not, why: "own" or "level"."""

    approval: Approval
    mine: bool
    why_not: str = ""


def with_leave(staff: Staff, approvals: Iterable[Approval]) -> list[Leave]:
    """Each approval with whether this person may decide it."""
    return [_leave(staff, approval) for approval in approvals]


def _leave(staff: Staff, approval: Approval) -> Leave:
    if approval.state != "waiting" or not may(staff.role, "approve"):
        return Leave(approval=approval, mine=False)
    if approval.asked_by_id == staff.pk:
        return Leave(approval=approval, mine=False, why_not="own")
    if ROLES.index(staff.role) < ROLES.index(approval.level):
        return Leave(approval=approval, mine=False, why_not="level")
    return Leave(approval=approval, mine=True)


def free_hand(staff: Staff, case: Case) -> Money | None:
    """What this person may give for one case without asking, by the pack in force for it."""
    pack = blueprint_of(case.blueprint_id)
    level = next((one for one in pack.authority if one.id == staff.authority_level), None)
    level = level or next((one for one in pack.authority if one.role == staff.role), None)
    return Money(Decimal(level.per_case), level.currency) if level else None

"""Somebody leaves, or does other work from now on: their cases wait for a colleague and nothing waits for their leave.

Who answers a confidential case follows by itself (`succeeding`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.accounts import change_staff, end_staff
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import units_below
from amends.policy.selectors import deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.approval import APPROVAL
from amends.recover.models import Approval, Case, Handover, TeamMember

GONE: Final = Localised(
    en="{name} does not work here any more, and somebody else takes it on", zh="{name}已离职，案件将由他人接手"
)
MOVED: Final = Localised(
    en="{name} does other work now, and somebody else takes it on", zh="{name}已调岗，案件将由他人接手"
)


def end_account(staff_id: int, *, acting_user: Staff | None, now: datetime, clock: datetime) -> int:
    """Close an account for good, with all that follows; how many open cases now wait for somebody else.

    Args:
        staff_id: whose account.
        acting_user: who closes it; None: whoever runs the system.
        now: the present, in which cases change hands.
        clock: the time of the machine, at which links and tokens end.

    Raises:
        NotFound: there is none that the acting user reaches.
        NotAllowed: they lack the right.
        ValueError: it is the last administrator's, one's own, or closed already.
    """
    with acting("end_account", acting_user):
        staff = end_staff(staff_id, acting_user=acting_user, now=clock)
        return _let_go(staff, GONE, by=acting_user, now=now)


def change_account(
    staff_id: int, changes: Mapping[str, Any], *, acting_user: Staff | None, now: datetime, clock: datetime
) -> int:
    """Change an account (see `change_staff`); how many open cases that it no longer reaches now wait for somebody else.

    `now` and `clock` are as in `end_account`.
    """
    with acting("change_account", acting_user):
        staff = change_staff(staff_id, changes, acting_user=acting_user, now=clock)
        return _let_go(staff, MOVED, by=acting_user, now=now)


def _let_go(staff: Staff, why: Localised, *, by: Staff | None, now: datetime) -> int:
    """Cases that this person can work on no more lose their owner and keep their team; what waited for their leave is
    looked at again at once."""
    rows = Case.objects.filter(owner=staff, is_open=True).select_for_update(no_key=True, of=("self",)).order_by("pk")
    if staff.is_active and may(staff.role, "work_cases"):
        reached = units_below(staff)
        rows = rows.none() if reached is None else rows.exclude(unit_id__in=reached)
    else:
        TeamMember.objects.filter(staff=staff).delete()
    cases = list(rows.values_list("pk", flat=True))
    if cases:
        reason = Reason(rule="accounts.owner", text=why.filled({"name": staff.name}))
        version_id = version_in_force(deployment().blueprint_name).pk
        why_id = keep_explanations([reason], version_id=version_id)[reason.digest(version_id)]
        Handover.objects.bulk_create(
            Handover(case_id=pk, how=Handover.How.AUTOMATIC, at=now, by=by, from_staff=staff, why_id=why_id)
            for pk in cases
        )
        Case.objects.filter(pk__in=cases).update(owner=None, version=F("version") + 1)
    Approval.objects.filter(assigned_to=staff, state=APPROVAL.initial).update(look_at=None)
    return len(cases)

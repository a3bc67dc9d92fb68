"""After leave was refused: what is done instead is a step of its own, and whoever asked and whoever owns the case hear
of it. Without it, a case of which nothing else was open would wait for a customer to whom nobody has said anything."""

from datetime import datetime, timedelta
from typing import Final

from amends.kernel.blueprint import Blueprint
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.step_names import REFUSED
from amends.recover.models import Action, Approval, Case
from amends.recover.moves import reached
from amends.recover.services.noticing import notify

WITHIN: Final = timedelta(days=1)  # unless what was refused had longer
WHY: Final = Reason(
    rule="approvals.refused",
    text=Localised(
        en="Leave for something in this plan was refused. Decide what is done instead, and tell the customer.",
        zh="方案中的一项措施未获批准。请决定改为怎样处理，并告知顾客。",
    ),
)


def decide_anew(approval: Approval, case: Case, refuser: Staff, *, note: str, now: datetime) -> None:
    """Add the step to the plan of a case that is held, with the refuser's reason, and tell whose it is.

    Args:
        approval: that was refused, with its action.
        case: its case.
        refuser: who refused.
        note: why, in their words.
        now: when.
    """
    refused, version = approval.action, case.plan.blueprint_id
    Action.objects.create(
        plan=case.plan,
        case=case,
        step=f"{REFUSED}{approval.pk}",
        kind="record",
        phase="immediate",
        performer=_performer(approval.asked_by, blueprint_of(version)),
        justice=["procedural"],
        why_id=keep_explanations([WHY], version_id=version)[WHY.digest(version)],
        state=reached(ACTION, "release"),
        ready_at=now,
        due_at=max(refused.due_at, now + WITHIN),
        note=note,
    )
    said = Localised(
        en=f"{refuser.name} refused what was asked for {case.customer.name}: {note} Decide what is done instead.",
        zh=f"{refuser.name}未批准为{case.customer.name}提出的申请：{note} 请决定改为怎样处理。",
    )
    whose = {approval.asked_by_id, case.owner_id} - {None, refuser.pk}
    notify(sorted(whose), case, "refused", said, now=now, key=f"refused:{approval.pk}")  # type: ignore[type-var]  # None is taken out


def _performer(asker: Staff | None, pack: Blueprint) -> str:
    """The role of whoever asked, if it may; for what the system asked, the lowest that does."""
    may = [level.role for level in pack.authority if "record" in level.may and level.role != "automatic"]
    return asker.role if asker is not None and asker.role in may else next(iter(may), "front_line")

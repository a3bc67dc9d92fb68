"""Leave on the console: who may decide an approval, so that a page offers the button only to them (the service checks
again), what somebody may give right now, and who may decide a sum."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from amends.kernel.blueprint.leave import WrittenComplaint as WrittenRule
from amends.kernel.money import Money
from amends.people.core.rights import ROLES, may
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.action import ACTION
from amends.recover.holdings import level_of
from amends.recover.models import Action, Approval, ApprovalStep, Case, Split, WrittenComplaint
from amends.recover.selectors import gestures_for, told_by, words_for
from amends.recover.selectors.contents import ALL
from amends.recover.selectors.gestures import Ready


@dataclass(frozen=True, kw_only=True)
class Leave:
    """An approval and whether this person may decide it; if not, why: "own", "told" or "level"."""

    approval: Approval
    mine: bool
    why_not: str = ""
    assigned: bool = False  # to this person
    splits: tuple[Split, ...] = ()  # that look like one sum cut into parts
    steps: tuple[ApprovalStep, ...] = ()
    words: str = ""  # why whoever asked wants it, as they wrote it


@dataclass(frozen=True, kw_only=True)
class InWriting:
    """Whether the case needs the complaint in writing for something still to be done, and what is there."""

    asked_for: WrittenRule | None
    complaints: tuple[WrittenComplaint, ...]


def with_leave(staff: Staff, approvals: Iterable[Approval]) -> list[Leave]:
    """Each approval with whether this person may decide it."""
    rows = list(approvals)
    said = words_for(approval.action for approval in rows if approval.asked_by_id)
    told = told_by({approval.case_id for approval in rows if approval.state == "waiting"})
    return [
        replace(
            _leave(staff, approval, told=staff.pk in told.get(approval.case_id, ())),
            words=said.get(approval.action_id, ""),
        )
        for approval in rows
    ]


def _leave(staff: Staff, approval: Approval, *, told: bool) -> Leave:
    splits = tuple(approval.splits.all())
    if approval.state != "waiting" or not may(staff.role, "approve"):
        return Leave(approval=approval, mine=False, splits=splits)
    assigned = approval.assigned_to_id == staff.pk
    if approval.asked_by_id == staff.pk:
        return Leave(approval=approval, mine=False, why_not="own", splits=splits)
    if told:
        return Leave(approval=approval, mine=False, why_not="told", assigned=assigned, splits=splits)
    if ROLES.index(staff.role) < ROLES.index(approval.level):
        return Leave(approval=approval, mine=False, why_not="level", assigned=assigned, splits=splits)
    return Leave(approval=approval, mine=True, assigned=assigned, splits=splits)


def free_hand(staff: Staff, case: Case) -> Money | None:
    """What this person may give for one case without asking, by the pack in force for it."""
    level = level_of(staff, case.blueprint_id)
    return Money(Decimal(level.per_case), level.currency) if level else None


def gestures_now(staff: Staff, case: Case, *, now: datetime) -> list[Ready]:
    """What this person may give right now, whatever limits and budgets have left."""
    return gestures_for(staff, case, now=now) if may(staff.role, "work_cases") and case.is_open else []


def in_writing(case: Case, actions: Iterable[Action], contents: Collection[str] = ALL) -> InWriting:
    """The rule by which an action that is still to be done waits for the complaint in writing, if any does."""
    complaints = tuple(case.written_complaints.order_by("given_at", "id")) if "complaints" in contents else ()
    pack = blueprint_of(case.blueprint_id)
    if not pack.leave.written_complaints or not case.is_open:
        return InWriting(asked_for=None, complaints=complaints)
    rows = list(actions)
    given = sum((one.amount or Decimal(0) for one in rows if one.state == "done"), Decimal(0))
    for action in rows:
        if action.state in ACTION.final:
            continue
        amount = action.amount or Decimal(0)
        rule = pack.leave.written_for(kind=action.kind, failure=case.kind, amount=amount, given=given)
        if rule is not None:
            return InWriting(asked_for=rule, complaints=complaints)
    return InWriting(asked_for=None, complaints=complaints)

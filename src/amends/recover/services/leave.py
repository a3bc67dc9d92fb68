"""Leave to go beyond one's authority: asked for, given or refused by another person (Law 5)."""

from datetime import datetime

from amends.kernel.money import Money
from amends.people.core.authority import BeyondAuthority, approver_of, check_approver, exceeded
from amends.people.duty import acting_for
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.refusals import NotInWriting
from amends.recover.holdings import Held, Sum, hold, level_of
from amends.recover.models import Action, Approval, Case, Remedy
from amends.recover.selectors.deciders import told_by
from amends.recover.services.authorising import why_asked
from amends.recover.services.deciding_anew import decide_anew
from amends.recover.services.finishing import finish, move_on
from amends.recover.services.holding import holding
from amends.recover.services.routing import give_out
from amends.recover.services.split_payments import point_out


def ask(action: Action, case: Case, person: Staff, held: Held, *, now: datetime) -> Approval:
    """Ask for leave in somebody's name: the action waits, and the approval goes to the nearest free person."""
    version = action.plan.blueprint_id
    pack, what = blueprint_of(version), held.sum
    asked = approver_of(pack.authority, kind=what.kind, amount=what.amount, currency=what.currency, spent=held.spent)
    why = why_asked(asked, held.limits, Money(what.amount, what.currency) if what.amount else None)
    action.state = ACTION.after(action.state, "ask")
    action.save(update_fields=["state", "note"])
    approval = Approval.objects.create(
        action=action,
        case=case,
        unit_id=case.unit_id,
        level=asked.role,
        amount=what.amount,
        currency=what.currency or asked.currency,
        state=APPROVAL.initial,
        asked_at=now,
        asked_by=person,
        why_id=keep_explanations([why], version_id=version)[why.digest(version)],
    )
    point_out(held, case, person, approval=approval, version_id=version, now=now)
    give_out(approval, now=now)
    return approval


def grant_approval(
    approval_id: int, *, acting_user: Staff, now: datetime, note: str = "", version: int | None = None
) -> Approval:
    """Give leave, and in the same moment do what it was asked for: the ledger's line, the letter, the action.

    Raises:
        IllegalMove: it was decided before.
        SelfApproval: the person asked for it, gave another part of it on their own authority, told what it rests on,
            or acts for whoever did.
        BeyondAuthority: with what was given before, it is beyond the person's own level, or the unit's budget, too.
        NotInWriting: the customer's complaint has to be in writing first.
        NotAllowed: the person may not approve at all (any more).
    """
    with holding(
        "grant_approval", _case_of_approval(approval_id), acting_user=acting_user, right="approve", version=version
    ) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person, and it does not come this way
        approval = Approval.objects.select_related("action__plan").get(pk=approval_id)
        APPROVAL.after(approval.state, "grant")
        action = approval.action
        level = level_of(person, action.plan.blueprint_id)
        if level is None or not level.approves:
            raise NotAllowed(f"The role {person.role} gives no leave to others.")
        check_four_eyes(approval, person, now=now)
        what = Sum(kind=action.kind, amount=approval.amount, currency=approval.currency)
        pack = blueprint_of(action.plan.blueprint_id)
        held = hold(case, what, pack, granter=person, at=now, lock=True, asked=True)
        spent = held.spent[level.id]
        limits = exceeded(level, kind=what.kind, amount=what.amount, currency=what.currency, spent=spent)
        if limits:
            raise BeyondAuthority(person.role, limits)
        if held.in_writing is not None:
            raise NotInWriting(held.in_writing)
        decide(approval, "grant", person, now=now, note=note)
        finish(action, case, person, level, held, approval=approval, now=now)
    return approval


def refuse_approval(
    approval_id: int, *, acting_user: Staff, now: datetime, note: str, version: int | None = None
) -> Approval:
    """Refuse leave, with the reason; the action will not be done, and what is done instead is for whoever asked."""
    with holding(
        "refuse_approval", _case_of_approval(approval_id), acting_user=acting_user, right="approve", version=version
    ) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person, and it does not come this way
        approval = Approval.objects.select_related("action", "asked_by").get(pk=approval_id)
        decide(approval, "refuse", person, now=now, note=note)
        action = approval.action
        action.state = ACTION.after(action.state, "refuse")
        action.done_at, action.done_by = now, person
        action.save(update_fields=["state", "done_at", "done_by"])
        decide_anew(approval, case, person, note=note, now=now)
        move_on(case, "", now)
    return approval


def check_four_eyes(approval: Approval, person: Staff, *, now: datetime) -> None:
    """Nobody decides what they asked for, gave part of or told of, neither by themselves nor through an account that
    acts for them."""
    granters = set(
        Remedy.objects.filter(case_id=approval.case_id, approval=None, granted_by__isnull=False).values_list(
            "granted_by_id", flat=True
        )
    )
    tellers = told_by([approval.case_id])[approval.case_id]
    concerned = granters | tellers | ({approval.asked_by_id} if approval.asked_by_id else set())
    acting = acting_for(concerned, at=now)
    if approval.asked_by_id:  # whoever stood in when it was asked is no more independent than whoever stands in now
        acting |= acting_for([approval.asked_by_id], at=approval.asked_at)
    check_approver(
        person.pk, asker=approval.asked_by_id, granters=granters, tellers=tellers, acting_for=acting - concerned
    )


def decide(approval: Approval, move: str, person: Staff, *, now: datetime, note: str) -> None:
    """Move an approval to its end."""
    approval.state = APPROVAL.after(approval.state, move)
    approval.decided_at, approval.decided_by, approval.note = now, person, note
    approval.save(update_fields=["state", "decided_at", "decided_by", "note"])


def _case_of_approval(approval_id: int) -> int:
    found = Approval.objects.values_list("case_id", flat=True).filter(pk=approval_id).first()
    if found is None:
        raise NotFound(f"There is no approval {approval_id} here.")
    return found

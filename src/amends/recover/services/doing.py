"""Actions done, skipped or decided on by people, within their authority or with somebody's leave (Law 5)."""

from datetime import datetime
from decimal import Decimal

from django.db import connection

from amends.channels.services import queue_messages
from amends.kernel.blueprint.parts import AuthorityLevel
from amends.kernel.money import Money
from amends.people.core.authority import BeyondAuthority, approver_of, check_approver, exceeded
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.selectors import blueprint_of, deployment
from amends.policy.services import keep_explanations
from amends.recover import ledger
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.models import Action, Approval, Case, Remedy
from amends.recover.services.authorising import why_asked
from amends.recover.services.carrying_out import after_done
from amends.recover.services.climbing import ANSWERS, answer_objection
from amends.recover.services.holding import check_performer, holding, level_of
from amends.recover.services.promising import keep_promises
from amends.recover.services.reckoning import reckon
from amends.recover.services.telling import due_actions, letters


def do_action(
    action_id: int, *, acting_user: Staff, now: datetime, note: str = "", version: int | None = None
) -> Action:
    """Do an action in one's own authority; what exceeds it is not done but waits for leave, asked for in one's name.

    Returns:
        the action: `done`, or `waiting_approval`.

    Raises:
        IllegalMove: it is done, skipped, refused or waiting already.
    """
    with holding("do_action", _case_of(action_id), acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        action = Action.objects.select_related("plan").get(pk=action_id)
        if action.state == "waiting_approval":
            ACTION.after("done", "do")  # leave is given by deciding the approval, never by doing the action
        state = action.state if action.state == "ready" else ACTION.after(action.state, "release")
        check_performer(person, action.performer)
        pack = blueprint_of(action.plan.blueprint_id)
        level = level_of(person, action.plan.blueprint_id)
        amount = action.amount or Decimal(0)
        action.note = note
        ledger.lock_totals(customer_ids=[case.customer_id], level_ids=[level.id] if level else [])
        spent = ledger.spent(pack.authority, case_id=case.pk, customer_id=case.customer_id, at=now)
        limits = (
            ("kind",)
            if level is None
            else exceeded(level, kind=action.kind, amount=amount, currency=action.currency, spent=spent[level.id])
        )
        if limits:
            asked = approver_of(pack.authority, kind=action.kind, amount=amount, currency=action.currency, spent=spent)
            why = why_asked(asked, limits, Money(amount, action.currency) if amount else None)
            explained = keep_explanations([why], version_id=action.plan.blueprint_id)
            action.state = ACTION.after(state, "ask")
            action.save(update_fields=["state", "note"])
            Approval.objects.create(
                action=action,
                case=case,
                unit_id=case.unit_id,
                level=asked.role,
                amount=amount,
                currency=action.currency or asked.currency,
                state=APPROVAL.initial,
                asked_at=now,
                asked_by=person,
                why_id=explained[why.digest(action.plan.blueprint_id)],
            )
            return action
        action.state = state
        _finish(action, case, person, level, None, now=now)
    return action


def skip_action(action_id: int, *, acting_user: Staff, now: datetime, note: str, version: int | None = None) -> Action:
    """Leave an action undone, with the reason; leave asked for it is withdrawn."""
    with holding("skip_action", _case_of(action_id), acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person, and it does not come this way
        action = Action.objects.get(pk=action_id)
        check_performer(person, action.performer)
        action.state = ACTION.after(action.state, "skip")
        action.note, action.done_at, action.done_by = note, now, person
        action.save(update_fields=["state", "note", "done_at", "done_by"])
        waiting = Approval.objects.filter(action=action, state__in=APPROVAL.states_with("withdraw")).first()
        if waiting is not None:
            _decide(waiting, "withdraw", person, now=now, note=note)
        _move_on(case, "", now)
    return action


def grant_approval(
    approval_id: int, *, acting_user: Staff, now: datetime, note: str = "", version: int | None = None
) -> Approval:
    """Give leave, and in the same moment do what it was asked for: the ledger's line, the letter, the action.

    Raises:
        IllegalMove: it was decided before.
        SelfApproval: the person asked for it, or gave another part of it on their own authority.
        BeyondAuthority: with what was given before, it is beyond the person's own level too.
        NotAllowed: the person may not approve at all (any more).
    """
    with holding(
        "grant_approval", _case_of_approval(approval_id), acting_user=acting_user, right="approve", version=version
    ) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person, and it does not come this way
        approval = Approval.objects.select_related("action__plan").get(pk=approval_id)
        APPROVAL.after(approval.state, "grant")
        action = approval.action
        pack = blueprint_of(action.plan.blueprint_id)
        level = level_of(person, action.plan.blueprint_id)
        if level is None or not level.approves:
            raise NotAllowed(f"The role {person.role} gives no leave to others.")
        granted = Remedy.objects.filter(case=case, approval=None, granted_by__isnull=False)
        check_approver(
            person.pk, asker=approval.asked_by_id, granters=set(granted.values_list("granted_by_id", flat=True))
        )
        ledger.lock_totals(customer_ids=[case.customer_id], level_ids=[level.id])
        spent = ledger.spent(pack.authority, case_id=case.pk, customer_id=case.customer_id, at=now)
        limits = exceeded(
            level, kind=action.kind, amount=approval.amount, currency=approval.currency, spent=spent[level.id]
        )
        if limits:
            raise BeyondAuthority(person.role, limits)
        _decide(approval, "grant", person, now=now, note=note)
        _finish(action, case, person, level, approval, now=now)
    return approval


def refuse_approval(
    approval_id: int, *, acting_user: Staff, now: datetime, note: str, version: int | None = None
) -> Approval:
    """Refuse leave, with the reason; the action will not be done."""
    with holding(
        "refuse_approval", _case_of_approval(approval_id), acting_user=acting_user, right="approve", version=version
    ) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person, and it does not come this way
        approval = Approval.objects.select_related("action").get(pk=approval_id)
        _decide(approval, "refuse", person, now=now, note=note)
        action = approval.action
        action.state = ACTION.after(action.state, "refuse")
        action.done_at, action.done_by = now, person
        action.save(update_fields=["state", "done_at", "done_by"])
        _move_on(case, "", now)
    return approval


def _finish(
    action: Action, case: Case, person: Staff, level: AuthorityLevel | None, approval: Approval | None, *, now: datetime
) -> None:
    """Ledger, letter and the action itself, all or none; authority was checked and the totals are locked."""
    if action.amount:
        assert level is not None  # noqa: S101 -- nobody without a level gets here with an amount
        Remedy.objects.create(
            key=f"action:{action.pk}",
            case=case,
            customer_id=case.customer_id,
            action=action,
            kind=action.remedy,
            amount=action.amount,
            currency=action.currency,
            granted_at=now,
            granted_by=person,
            level=level.id,
            approval=approval,
            blueprint_id=action.plan.blueprint_id,
        )
    with connection.cursor() as cursor:
        due = due_actions(cursor, [action.pk])
        queue_messages(letters(due, deployment(), now=now))
        action.state = ACTION.after(action.state, "do")
        action.done_at, action.done_by = now, person
        action.save(update_fields=["state", "done_at", "done_by", "note"])
        _move_on(case, action.kind, now)
        keep_promises(cursor, due, now=now)
    if action.kind in ANSWERS:
        answer_objection(case, person, now=now)


def _decide(approval: Approval, move: str, person: Staff, *, now: datetime, note: str) -> None:
    approval.state = APPROVAL.after(approval.state, move)
    approval.decided_at, approval.decided_by, approval.note = now, person, note
    approval.save(update_fields=["state", "decided_at", "decided_by", "note"])


def _move_on(case: Case, kind: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        after_done(cursor, [(case.pk, kind, now)])
        reckon(cursor, [case.pk], now=now)
    case.refresh_from_db()


def _case_of(action_id: int) -> int:
    found = Action.objects.values_list("case_id", flat=True).filter(pk=action_id).first()
    if found is None:
        raise NotFound(f"There is no action {action_id} here.")
    return found


def _case_of_approval(approval_id: int) -> int:
    found = Approval.objects.values_list("case_id", flat=True).filter(pk=approval_id).first()
    if found is None:
        raise NotFound(f"There is no approval {approval_id} here.")
    return found

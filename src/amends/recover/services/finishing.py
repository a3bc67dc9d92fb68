"""The end of every grant by a person: ledger, letter and the action itself, all or none."""

from datetime import datetime

from django.db import connection

from amends.channels.services import queue_messages
from amends.kernel.blueprint.parts import AuthorityLevel
from amends.people.models import Staff
from amends.policy.selectors import deployment
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.holdings import Held, covered
from amends.recover.models import Action, Approval, Case, Remedy
from amends.recover.services.calling_instead import call_instead
from amends.recover.services.carrying_out import after_done
from amends.recover.services.climbing import ANSWERS, answer_objection
from amends.recover.services.promising import keep_promises
from amends.recover.services.raising import raise_waiting
from amends.recover.services.reckoning import reckon
from amends.recover.services.telling import due_actions, letters, unheard


def finish(
    action: Action,
    case: Case,
    person: Staff,
    level: AuthorityLevel | None,
    held: Held,
    *,
    approval: Approval | None,
    now: datetime,
) -> None:
    """Do an action for good; authority was checked and the totals are locked. Keeps the rule that covered it."""
    if level is not None:
        why = covered(held, level, with_leave=approval is not None)
        version = action.plan.blueprint_id
        rule = keep_explanations([why], version_id=version)[why.digest(version)]
        if approval is not None:
            approval.covered_by_id = rule
            approval.save(update_fields=["covered_by"])
        if action.amount:
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
                blueprint_id=version,
                covered_by_id=rule,
                case_before=held.own.case,
                customer_before=held.own.customer,
                level_before=held.own.level,
            )
    with connection.cursor() as cursor:
        due = due_actions(cursor, [action.pk])
        written = letters(due, deployment(), now=now)
        queue_messages(written)
        to_call = call_instead(cursor, unheard(due, written), now=now)
    action.state = ACTION.after(action.state, "do")
    action.done_at, action.done_by = now, person
    action.save(update_fields=["state", "done_at", "done_by", "note"])
    if action.kind in ANSWERS and not to_call:
        answer_objection(case, person, now=now)
    move_on(case, "" if to_call else action.kind, now)  # what nobody heard keeps no promise of news
    with connection.cursor() as cursor:
        keep_promises(cursor, [] if to_call else due, now=now)
    if action.amount:
        raise_waiting(case, now=now)


def move_on(case: Case, kind: str, now: datetime) -> None:
    """Clocks and case follow what was done; no kind: something was left out."""
    with connection.cursor() as cursor:
        after_done(cursor, [(case.pk, kind, now)])
        reckon(cursor, {case.pk: now})
    case.refresh_from_db()

"""A plan brought in line with the playbook that the case, as it is judged now, would get; a person decides on it."""

from datetime import datetime
from decimal import Decimal

from amends.kernel.blueprint import Blueprint
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.action import ACTION
from amends.recover.core.clocks import CLOCK, deadlines, due_time
from amends.recover.core.plan import Step
from amends.recover.core.refusals import Declined
from amends.recover.core.replan import Proposal
from amends.recover.models import Action, Case, Clock
from amends.recover.selectors.judging import items_of, judged, proposal_of
from amends.recover.services.holding import holding
from amends.recover.services.planning import (
    READY,
    SCHEDULED,
    By,
    authority,
    check_open,
    check_reason,
    explained,
    note,
    plain,
    release,
    revised,
    told,
)


def accept_replan(case_id: int, *, reason: str, acting_user: Staff, now: datetime, version: int | None = None) -> Case:
    """Take over what the playbook would give as the case is judged now. What was done stays; what a person added, too.

    Raises:
        Declined: the plan is just what the playbook would give.
        IllegalMove: the case is closed.
    """
    check_reason(reason)
    with holding("accept_replan", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        check_open(case)
        actions = list(Action.objects.filter(case=case).order_by("due_at", "id"))
        now_judged = judged(case)
        proposal = proposal_of(now_judged, items_of(case, actions))
        if proposal is None:
            raise Declined(told("The plan is just what the playbook gives.", "当前方案与预案一致，无需调整。"))
        rows = {action.pk: action for action in actions}
        for item in proposal.drops:
            action = rows[item.id]
            action.state = ACTION.after(action.state, "skip")
            action.note, action.done_at, action.done_by = reason, now, person
            action.save(update_fields=["state", "note", "done_at", "done_by"])
        by = By(person=person, reason=reason, now=now)
        for item, step, worth in proposal.amounts:
            _take_over(rows[item.id], step, worth, case, by)
        added = [_new_action(case, step, worth, by) for step, worth in proposal.adds]
        _follow_playbook(case, proposal, by)
        _bring_forward(case, proposal, now_judged.pack, now)
        revised(case, resume=any(action.phase == "immediate" for action in added))
        for action in added:
            release(action)
    return case


def _take_over(action: Action, step: Step, worth: Decimal, case: Case, by: By) -> None:
    note(case, action, "amount", before=plain(action.amount), after=plain(worth), by=by)
    owed = step.owed
    assert owed is not None  # noqa: S101 -- only what is owed has a worth
    action.amount, action.currency, action.remedy, action.tariff = worth, owed.currency, owed.remedy, owed.tariff
    action.why_id = explained(step.why, case.plan.blueprint_id)
    action.performer = by.person.role if action.performer == "automatic" else action.performer
    action.authority = authority(action, blueprint_of(case.plan.blueprint_id))
    action.save(update_fields=["amount", "currency", "remedy", "tariff", "why_id", "performer", "authority"])


def _new_action(case: Case, step: Step, worth: Decimal | None, by: By) -> Action:
    pack = blueprint_of(case.plan.blueprint_id)
    owed, due_at = step.owed, due_time(step.due, by.now, pack.calendars)
    immediate = step.phase == "immediate"
    action = Action(
        plan=case.plan,
        case=case,
        step=step.id,
        kind=step.kind,
        phase=step.phase,
        performer=by.person.role if worth and step.performer == "automatic" else step.performer,
        channel=step.channel,
        template=step.template,
        remedy=owed.remedy if owed else "",
        amount=worth,
        currency=owed.currency if owed else "",
        tariff=owed.tariff if owed else "",
        justice=list(step.justice),
        why_id=explained(step.why, case.plan.blueprint_id),
        state=READY if immediate else ACTION.initial if step.kind == "follow_up" else SCHEDULED,
        ready_at=by.now if immediate else by.now + (due_at - by.now) / 2,
        due_at=due_at,
    )
    action.authority = authority(action, pack)
    action.save()
    after = {"step": step.id, "amount": plain(worth), "due_at": due_at.isoformat()}
    note(case, action, "added", before=None, after=after, by=by)
    return action


def _follow_playbook(case: Case, proposal: Proposal, by: By) -> None:
    plan, decision = case.plan, proposal.decision
    if proposal.other_playbook:
        note(case, None, "playbook", before=plan.playbook, after=decision.playbook, by=by)
    plan.playbook, plan.strategy = decision.playbook, decision.strategy
    plan.why_id = explained(decision.why, plan.blueprint_id)
    plan.save(update_fields=["playbook", "strategy", "why_id"])


def _bring_forward(case: Case, proposal: Proposal, pack: Blueprint, now: datetime) -> None:
    """A stricter playbook promises more: what still runs is due in its time from now if that is sooner, never later."""
    for deadline in deadlines(proposal.decision.clocks, now, pack.calendars):
        for clock in Clock.objects.filter(case=case, kind=deadline.kind, state=CLOCK.initial):
            if deadline.due_at < clock.due_at:
                clock.due_at = deadline.due_at
                clock.save(update_fields=["due_at"])
    running = Clock.objects.filter(case=case, state=CLOCK.initial).order_by("due_at")
    case.next_due = running.values_list("due_at", flat=True).first()

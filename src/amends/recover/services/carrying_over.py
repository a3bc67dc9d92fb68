"""Work that goes on elsewhere: an action taken over into another case, or put back after it was left out.

Rows never change their case, or the trail of neither would add up: the old one ends and a new one begins. The key of
its letter and of its line in the ledger is its own number, so whatever the old one gave is given once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

from django.db import models

from amends.kernel.lifecycle import Lifecycle
from amends.people.models import Staff
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.clocks import CLOCK
from amends.recover.core.step_names import ANEW, base
from amends.recover.core.undoing import way
from amends.recover.models import Action, Approval, Case, Clock
from amends.recover.queue import defer_carry_out

STEP_MOST: Final = 100  # characters
Row = TypeVar("Row", bound=models.Model)


def carry_over(
    action: Action,
    case: Case,
    *,
    state: str,
    amount: Decimal | None,
    person: Staff | None,
    now: datetime,
    note: str,
) -> Action:
    """End an action, if it has not ended, and begin the same one in a case that is held.

    Args:
        action: of a case that is held too, which may be the same.
        case: where it goes on.
        state: in which it goes on; one that moves from the initial state lead to.
        amount: that it gives there.
        person: who does this; None: the system itself.
        now: when.
        note: for the action that ends.
    """
    asked = Approval.objects.filter(action=action).first()
    end_action(action, person=person, now=now, note=note)
    if way(ACTION, ACTION.initial, state) is None:
        raise ValueError(f"no moves lead an action to {state!r}")
    fresh = copied(
        action,
        case=case,
        plan=case.plan,
        step=free_step(case, action.step),
        state=state,
        amount=amount,
        done_at=None,
        done_by=None,
        note="",
    )
    if state == "waiting_approval" and asked is not None:
        copied(
            asked,
            action=fresh,
            case=case,
            unit_id=case.unit_id,
            amount=amount or Decimal(0),
            state=APPROVAL.initial,
            decided_at=None,
            decided_by=None,
            note="",
        )
    return fresh


def end_action(action: Action, *, person: Staff | None, now: datetime, note: str) -> None:
    """Leave an action out, unless it has ended; leave asked for it is withdrawn."""
    if action.state in ACTION.final:
        return
    action.state = ACTION.after(action.state, "skip")
    action.note = f"{action.note} {note}".strip()
    action.done_at, action.done_by = now, person
    action.save(update_fields=["state", "note", "done_at", "done_by"])
    for approval in Approval.objects.filter(action=action, state__in=APPROVAL.states_with("withdraw")):
        approval.state = APPROVAL.after(approval.state, "withdraw")
        approval.decided_at, approval.decided_by, approval.note = now, person, note
        approval.save(update_fields=["state", "decided_at", "decided_by", "note"])


def copied(row: Row, **changes: object) -> Row:
    """A new row like this one, but for the changes."""
    same = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes and field.attname not in changes
    }
    fresh = type(row)(**same, **changes)
    fresh.save(force_insert=True)
    return fresh


def start_ready(actions: Iterable[Action]) -> None:
    """Have the worker do what is ready for the system itself."""
    ready = sorted(one.pk for one in actions if one.state == "ready" and one.performer == "automatic")
    defer_carry_out((pk, pk) for pk in ready)


def stop_clocks(case: Case, *, now: datetime) -> None:
    """Nothing is awaited of this case any more."""
    for clock in Clock.objects.filter(case=case, state__in=CLOCK.states_with("stop")):
        clock.state = CLOCK.after(clock.state, "stop")
        clock.ended_at = now
        clock.save(update_fields=["state", "ended_at"])


def earliest_due(case: Case) -> datetime | None:
    """When the first of its running clocks runs out."""
    running = Clock.objects.filter(case=case, state=CLOCK.initial).order_by("due_at")
    return running.values_list("due_at", flat=True).first()


def moved_along(lifecycle: Lifecycle, state: str, moves: Sequence[str]) -> str:
    """Where legal moves lead."""
    for move in moves:
        state = lifecycle.after(state, move)
    return state


def free_step(case: Case, step: str) -> str:
    """The step's name, or with a number behind it where the case has one of that name; a case has each once."""
    name = base(step)[: STEP_MOST - 6]
    taken = set(Action.objects.filter(case=case, step__startswith=name).values_list("step", flat=True))
    if name not in taken:
        return name
    return next(wanted for place in range(2, 10_000) if (wanted := f"{name}{ANEW}{place}") not in taken)

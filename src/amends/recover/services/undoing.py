"""Acts that can be taken back: what they changed is noted as they happen, and put back by an act of its own.

Whatever is put back goes there by moves of the tables. An action that ended is begun anew: what has ended stays so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models.fields import DateTimeField
from django.utils.duration import duration_iso_string

from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK
from amends.recover.core.refusals import Declined
from amends.recover.core.undoing import UNDO_FOR, WHY_NOT, CannotUndo, way
from amends.recover.models import Action, Approval, Case, CaseLink, Clock, Handover, Hold, Note, Notice, UndoStep
from amends.recover.search import drop_words
from amends.recover.services.carrying_over import carry_over, earliest_due, moved_along, start_ready
from amends.recover.services.holding import holding, save_case

OF_CASE: Final = ("owner_id", "team_id", "unit_id", "is_open", "closed_at", "next_due")
OF_CLOCK: Final = (
    *("started_at", "due_at", "ended_at", "escalated_at"),
    *("wake_at", "at_risk_at", "paused_at", "remaining", "held"),
)
_TIME: Final = DateTimeField()


@contextmanager
def undoable(case: Case, act: str, person: Staff | None, *, now: datetime) -> Iterator[dict[str, Any]]:
    """Note how a held case stands before the block, so that the person can take back what the block does.

    What the block puts into the dictionary is kept along: `link` or `handover`, the numbers of rows that it made.
    """
    before: dict[str, Any] = {
        "state": case.state,
        "case": {name: _plain(getattr(case, name)) for name in OF_CASE},
        "actions": dict(Action.objects.filter(case=case).values_list("pk", "state")),
        "clocks": {
            clock.pk: {"state": clock.state} | {name: _plain(getattr(clock, name)) for name in OF_CLOCK}
            for clock in Clock.objects.filter(case=case)
        },
        "hold": Hold.objects.filter(case=case, ended_at=None).values_list("pk", flat=True).first(),
    }
    yield before
    if person is not None:
        version = Case.every.values_list("version", flat=True).get(pk=case.pk)
        UndoStep.objects.create(case=case, act=act, at=now, by=person, version=version, before=before)


def undo(step_id: int, *, acting_user: Staff, now: datetime) -> Case:
    """Take back one's own act on a case.

    Raises:
        NotFound: there is no such act, or its case is out of reach.
        Declined: too late, something followed, undone already, or another person's.
    """
    found = UndoStep.objects.filter(pk=step_id).first()
    if found is None:
        raise NotFound(f"There is no act {step_id} to undo here.")
    with holding("undo", found.case_id, acting_user=acting_user) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person
        step = UndoStep.objects.select_for_update().get(pk=step_id)
        if why_not := cannot_undo(step, case, person, now=now):
            raise Declined(WHY_NOT[why_not])
        if "note" in step.before:
            _take_note_back(step.before["note"])
        else:
            _put_back(case, step.before, person, now=now)
        step.undone_at = now
        step.save(update_fields=["undone_at"])
    return case


def cannot_undo(step: UndoStep, case: Case, person: Staff, *, now: datetime) -> CannotUndo | None:
    """Why this person cannot take this act back now; None: they can."""
    if step.by_id != person.pk:
        return "other"
    if step.undone_at is not None:
        return "undone"
    if now - step.at > UNDO_FOR:
        return "late"
    if case.version != step.version:
        return "followed"
    return None


def _take_note_back(note_id: int) -> None:
    """Nobody reads it on the case any more, finds the case by it, or is told that it names them; what it said stays on
    the trail."""
    note = Note.objects.get(pk=note_id)
    Notice.objects.filter(staff__in=note.mentioned, key=f"note:{note.pk}").delete()
    said, note.body = note.body, ""
    note.save(update_fields=["body"])
    drop_words(note.case_id, said)


def _put_back(case: Case, before: dict[str, Any], person: Staff, *, now: datetime) -> None:
    moves = way(CASE, case.state, before["state"])
    if moves is None:
        raise Declined(WHY_NOT["way"])
    if "link" in before:
        CaseLink.objects.filter(pk=before["link"]).update(ended_at=now)
    if "handover" in before:
        Handover.objects.filter(pk=before["handover"]).update(undone_at=now)
    if before.get("hold") is not None:
        Hold.objects.filter(pk=before["hold"]).update(ended_at=None, ended_by="")  # we wait for the customer as before
    _put_actions_back(case, before["actions"], person, now=now)
    _put_clocks_back(case, before["clocks"])
    case.state = moved_along(CASE, case.state, moves)
    for name, value in before["case"].items():
        setattr(case, name, _read(name, value))
    case.next_due = earliest_due(case) if case.is_open else None
    Approval.objects.filter(case=case).update(unit_id=case.unit_id)
    save_case(case, "state", "owner", "team", "unit", "is_open", "closed_at", "next_due")


def _put_actions_back(case: Case, states: dict[str, str], person: Staff, *, now: datetime) -> None:
    fresh = []
    for action in Action.objects.filter(case=case, pk__in=states).order_by("pk"):
        wanted = states[str(action.pk)]
        if action.state == wanted:
            continue
        moves = way(ACTION, action.state, wanted)
        if moves is None:  # it has ended, or would have to go backwards
            fresh.append(carry_over(action, case, state=wanted, amount=action.amount, person=person, now=now, note=""))
        else:
            action.state = moved_along(ACTION, action.state, moves)
            action.save(update_fields=["state"])
    start_ready(fresh)


def _put_clocks_back(case: Case, clocks: dict[str, dict[str, Any]]) -> None:
    for clock in Clock.objects.filter(case=case, pk__in=clocks).order_by("pk"):
        wanted = clocks[str(clock.pk)]
        moves = way(CLOCK, clock.state, wanted["state"])
        if moves is None:
            raise Declined(WHY_NOT["way"])
        clock.state = moved_along(CLOCK, clock.state, moves)
        kept = [name for name in OF_CLOCK if name in wanted]  # what was noted before an upgrade may lack some
        for name in kept:
            setattr(clock, name, Clock._meta.get_field(name).to_python(wanted[name]))
        clock.save(update_fields=["state", *kept])


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return _TIME.to_python(value) if name in {"closed_at", "next_due"} else value

"""Canned replies and macros written, changed and retired, each by whoever has the right to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed, require, unit_for
from amends.recover.acting import acting
from amends.recover.core import canned, macro
from amends.recover.models import CannedReply, Macro
from amends.recover.selectors.replies import access_macro, access_reply, may_change, may_share

Whose = Literal["own", "unit", "shared"]
TEXTS: Final = ("subject_en", "subject_zh", "body_en", "body_zh")


def save_reply(
    reply_id: int | None,
    *,
    name: str,
    whose: Whose,
    unit: str,
    subject_en: str,
    subject_zh: str,
    body_en: str,
    body_zh: str,
    acting_user: Staff,
    now: datetime,
) -> CannedReply:
    """Write a canned reply, or change one.

    Raises:
        UnknownVariables: it speaks of something that cases have not.
        NotAllowed: it is not the person's to write.
    """
    canned.check(subject_en, subject_zh, body_en, body_zh)
    with acting("save_reply", acting_user):
        person = Staff.objects.select_related("unit").get(pk=acting_user.pk)
        row = access_reply(person, reply_id) if reply_id else CannedReply()
        _settle(row, person, whose, unit, new=reply_id is None)
        row.name, row.saved_at, row.saved_by = name, now, person
        row.subject_en, row.subject_zh, row.body_en, row.body_zh = subject_en, subject_zh, body_en, body_zh
        row.save()
    return row


def save_macro(
    macro_id: int | None,
    *,
    name: str,
    whose: Whose,
    unit: str,
    steps: Sequence[Mapping[str, Any]],
    acting_user: Staff,
    now: datetime,
) -> Macro:
    """Write a macro, or change one.

    Raises:
        BadMacro: a step is not known or lacks what it needs.
        UnknownVariables: a note speaks of something that cases have not.
        NotAllowed: it is not the person's to write, or a reply in it is not theirs to use.
    """
    checked = macro.steps_of(steps)
    canned.check(*(step.text for step in checked))
    with acting("save_macro", acting_user):
        person = Staff.objects.select_related("unit").get(pk=acting_user.pk)
        row = access_macro(person, macro_id) if macro_id else Macro()
        _settle(row, person, whose, unit, new=macro_id is None)
        for step in checked:
            if step.reply:
                access_reply(person, step.reply)
        row.name, row.saved_at, row.saved_by = name, now, person
        row.steps = [step.content() for step in checked]
        row.save()
    return row


def retire_reply(reply_id: int, *, acting_user: Staff, now: datetime) -> CannedReply:
    """Have a reply offered no more; what was sent stays as it was sent."""
    with acting("retire_reply", acting_user):
        row = access_reply(acting_user, reply_id)
        _retire(row, acting_user, now)
    return row


def retire_macro(macro_id: int, *, acting_user: Staff, now: datetime) -> Macro:
    """Have a macro offered no more."""
    with acting("retire_macro", acting_user):
        row = access_macro(acting_user, macro_id)
        _retire(row, acting_user, now)
    return row


def _retire(row: CannedReply | Macro, person: Staff, now: datetime) -> None:
    if not may_change(person, row):
        raise NotAllowed("This is not yours to change.")
    row.retired_at = now
    row.save(update_fields=["retired_at"])


def _settle(row: CannedReply | Macro, person: Staff, whose: Whose, unit: str, *, new: bool) -> None:
    """Whose it is from now on; both what it was and what it becomes must be the person's to change."""
    require(person, "work_cases")
    if not new and not may_change(person, row):
        raise NotAllowed("This is not yours to change.")
    of: Unit | None = unit_for(person, unit) if whose == "unit" else None
    if whose != "own" and not may_share(person, of):
        raise NotAllowed("The role may write for itself only.")
    row.owner, row.unit = (person, None) if whose == "own" else (None, of)

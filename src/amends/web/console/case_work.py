"""What the page of a case shows of the work on it: drafts, prepared words, notes, files, checklist, time."""

from collections.abc import Collection, Mapping
from typing import Any

from amends.people.core.rights import may
from amends.people.models import Staff
from amends.recover.core.attachment import ENDINGS
from amends.recover.models import Case
from amends.recover.selectors import (
    attachments_of,
    checklist_items,
    checklist_of,
    drafts_for,
    macros_for,
    notes_of,
    replies_for,
    time_of,
    timer_of,
)

ACCEPTED = ",".join(f".{ending}" for ending in ENDINGS)


def for_panel(staff: Staff, case: Case, contents: Collection[str]) -> dict[str, Any]:
    """What the panel of acts needs."""
    if not may(staff.role, "work_cases"):
        return {}
    drafts = drafts_for(staff, case) if "drafts" in contents else {}
    return {
        "drafts": drafts,
        "letter": letter_of(drafts),
        "replies": list(replies_for(staff)),
        "macros": list(macros_for(staff)),
    }


def letter_of(drafts: Mapping[str, Any]) -> dict[str, str]:
    """The message that somebody has begun."""
    return drafts["message"].content if "message" in drafts else {"subject": "", "body": ""}


def for_page(staff: Staff, case: Case, contents: Collection[str]) -> dict[str, Any]:
    """What the sections of the page need."""
    works = may(staff.role, "work_cases")
    entries, minutes = time_of(case) if "time" in contents else ([], 0)
    notes = list(notes_of(case)) if "notes" in contents else []
    named = {pk for note in notes for pk in note.mentioned}
    names = dict(Staff.objects.filter(pk__in=named).values_list("pk", "name")) if named else {}
    items = checklist_of(case) if "ticks" in contents else [(item, None) for item in checklist_items(case)]
    return {
        "works": works,
        "notes": [(note, [names[pk] for pk in note.mentioned if pk in names]) for note in notes],
        "files": list(attachments_of(case)) if "files" in contents else [],
        "accepted_files": ACCEPTED,
        "checklist": items,
        "ticked": sum(tick is not None for _, tick in items),
        "time_entries": entries,
        "minutes": minutes,
        "timer": timer_of(staff, case) if works and "timer" in contents else None,
    }

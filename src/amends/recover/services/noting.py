"""Internal notes, and drafts of what one is about to write. Neither ever leaves the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten

from django.db import connection

from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import require
from amends.recover.core import draft as drafts
from amends.recover.core.mentions import mentioned
from amends.recover.models import Draft, Note, UndoStep
from amends.recover.search import add_words
from amends.recover.selectors.cases import access_case
from amends.recover.selectors.work import colleagues_of
from amends.recover.services.holding import holding
from amends.recover.services.noticing import notify


def write_note(case_id: int, *, body: str, acting_user: Staff, now: datetime, version: int | None = None) -> Note:  # noqa: ARG001 -- a note overwrites nothing, so an older view of the case does no harm
    """Write an internal note, which its author can take back for a while; colleagues named with an @ who may see the
    case hear of it."""
    with holding("write_note", case_id, acting_user=acting_user) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        named = (
            mentioned(body, colleagues_of(case).values_list("pk", "name", "email"))
            if "@" in body or "＠" in body
            else []
        )
        note = Note.objects.create(
            case=case,
            author=person,
            body=body,
            mentioned=[pk for pk in named if pk != person.pk],
            written_at=now,
        )
        add_words(case.pk, body)
        said = shorten(body, 200, placeholder=" …")
        notify(
            note.mentioned,
            case,
            "mention",
            Localised(en=f"{person.name}: {said}", zh=f"{person.name}：{said}"),
            now=now,
            key=f"note:{note.pk}",
        )
        UndoStep.objects.create(
            case=case, act="write_note", at=now, by=person, version=case.version, before={"note": note.pk}
        )
    return note


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A draft as it is kept now."""

    draft: Draft | None  # None: there is nothing left to keep
    over_another: bool  # it was saved elsewhere since the person last saw it; the newest stands


def save_draft(
    case_id: int, *, form: str, content: Mapping[str, str], seen: int, acting_user: Staff, now: datetime
) -> Saved:
    """Keep what a person has typed into a form of a case; an emptied form keeps nothing.

    Args:
        case_id: whose form.
        form: which, see recover/core/draft.py.
        content: its fields.
        seen: the revision that this typing goes on from; 0 for a form that had no draft.
        acting_user: who types.
        now: when.
    """
    require(acting_user, "work_cases")
    case = access_case(acting_user, case_id)
    typed = drafts.kept(form, content)
    before = Draft.objects.filter(staff=acting_user, case=case, form=form).first()
    over_another = before is not None and before.revision != seen and before.content != typed
    if not typed:
        if before is not None and not over_another:
            before.delete()
        return Saved(draft=before if over_another else None, over_another=over_another)
    with connection.cursor() as cursor:  # in one statement: two devices may save at the same moment
        cursor.execute(
            """
            insert into recover_draft (staff_id, case_id, form, content, revision, saved_at)
            values (%s, %s, %s, %s::jsonb, 1, %s)
            on conflict (staff_id, case_id, form) do update
                set content = excluded.content, saved_at = excluded.saved_at, revision = recover_draft.revision + 1
            """,
            [acting_user.pk, case.pk, form, drafts.as_json(typed), now],
        )
    return Saved(draft=Draft.objects.get(staff=acting_user, case=case, form=form), over_another=over_another)


def discard_draft(case_id: int, *, form: str, acting_user: Staff) -> None:
    """Forget a draft: it was sent, or is not wanted any more."""
    Draft.objects.filter(staff=acting_user, case_id=case_id, form=form).delete()

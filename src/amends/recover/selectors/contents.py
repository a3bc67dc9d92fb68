"""What a case has at all, asked once, so that its page need not ask for each thing that is not there.

Most cases have few of these; a question to the database that finds nothing costs as much as one that finds something.
"""

from collections.abc import Mapping
from typing import Final

from django.db import connection

from amends.people.models import Staff
from amends.recover.models import Case

ALL: Final[Mapping[str, str]] = {
    "approvals": "recover_approval where case_id = %(case)s",
    "complaints": "recover_writtencomplaint where case_id = %(case)s",
    "drafts": "recover_draft where case_id = %(case)s and staff_id = %(staff)s",
    "edits": "recover_edit where case_id = %(case)s",
    "escalations": "recover_escalation where case_id = %(case)s",
    "files": "recover_attachment where case_id = %(case)s",
    "hands": "recover_handover where case_id = %(case)s",
    "holds": "recover_hold where case_id = %(case)s",
    "links": "(select from recover_caselink where case_id = %(case)s"
    " union all select from recover_caselink where other_id = %(case)s) as link",
    "notes": "recover_note where case_id = %(case)s and body <> ''",
    "outcome": "recover_outcome where case_id = %(case)s",
    "remedies": "recover_remedy where case_id = %(case)s",
    "ticks": "recover_tick where case_id = %(case)s",
    "time": "recover_timespent where case_id = %(case)s",
    "timer": "recover_timer where case_id = %(case)s and staff_id = %(staff)s",
}
"""Each thing that a case may have and the rows of it; drafts and the timer are this person's own."""

_ASKED: Final = "select " + ", ".join(f"exists (select from {rows})" for rows in ALL.values())


def contents_of(staff: Staff, case: Case) -> frozenset[str]:
    """The names in `ALL` of which there is something in a case that this person may see."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, {"case": case.pk, "staff": staff.pk})
        return frozenset(name for name, there in zip(ALL, cursor.fetchone(), strict=True) if there)

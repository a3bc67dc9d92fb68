"""What employees reported, for people: the words for whoever sees the failure, the name for few."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amends.monitor.models import Failure, SelfReport
from amends.people.core.rights import RIGHTS, may
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below

LATELY: Final = 500  # failures of a unit that say what often happens there
OFTEN: Final = 6  # kinds offered first


@dataclass(frozen=True, kw_only=True)
class Told:
    """A report as this person may read it."""

    words: str
    at: datetime
    reporter: Staff | None  # None: not theirs to know
    own: bool


def who_sees_reporters() -> list[str]:
    """The roles that read who reported a failure, as the table of rights has it."""
    return [role for role, rights in RIGHTS.items() if "see_reporters" in rights]


def report_of(staff: Staff, failure: Failure) -> Told | None:
    """What an employee said about a failure that this person sees; None if nobody reported it."""
    found = SelfReport.objects.select_related("reporter").filter(failure=failure).first()
    if found is None:
        return None
    own = found.reporter_id == staff.pk
    known = own or (staff.is_active and may(staff.role, "see_reporters"))
    return Told(words=found.words, at=found.at, reporter=found.reporter if known else None, own=own)


def own_report(staff: Staff, failure_id: int) -> SelfReport:
    """A report of one's own, whatever else one may see.

    Raises:
        NotFound: it is not there, or somebody else's.
    """
    rows = SelfReport.objects.select_related("failure__unit", "failure__incident", "failure__blueprint")
    if (found := rows.filter(failure_id=failure_id, reporter=staff).first()) is None:
        raise NotFound(f"There is no report {failure_id} here.")
    return found


def kinds_often_at_home(staff: Staff) -> list[str]:
    """The kinds of failure that are found most where the person works, the most frequent first."""
    require(staff, "report")
    rows = Failure.objects.order_by("-found_at", "-id")
    if staff.unit_id is not None:
        own = rows.filter(unit_id=staff.unit_id)
        rows = own if own.exists() else rows.filter(unit_id__in=units_below(staff))
    return [kind for kind, _ in Counter(rows.values_list("kind", flat=True)[:LATELY]).most_common(OFTEN)]


def subjects_at_home(staff: Staff) -> list[str]:
    """What failed or was at risk lately where the person works: offered as what a report is about."""
    require(staff, "report")
    reached = units_below(staff)
    rows = Failure.objects.order_by("-found_at", "-id")
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    return list(dict.fromkeys(rows.values_list("subject", flat=True)[:30]))

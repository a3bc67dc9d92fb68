"""Tell members of staff something about a case, once; and what they have seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.recover.core.notices import NOTICES
from amends.recover.models import Case, CircleMember, Notice

AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class News:
    """One notice to be given."""

    staff_id: int
    case_id: int
    what: str  # of NOTICES
    key: str  # the same person gets the same key once
    reason: Localised


def notify(
    staff_ids: Iterable[int], case: Case | int, what: str, reason: Localised, *, now: datetime, key: str = ""
) -> None:
    """Tell each of these people; part of the transaction of whatever they are told of.

    Args:
        staff_ids: whom; who is told makes sure that each may see the case.
        case: which one.
        what: of NOTICES.
        reason: in a sentence.
        now: when.
        key: given again, nobody is told again; without one, each call tells anew.
    """
    case_id = case.pk if isinstance(case, Case) else case
    key = key or f"{what}:{case_id}:{now.isoformat()}"
    tell((News(staff_id=one, case_id=case_id, what=what, key=key, reason=reason) for one in staff_ids), now=now)


def tell(news: Iterable[News], *, now: datetime, anew: bool = False) -> None:
    """Many notices in few statements; `anew`: who was told with the same key reads the words and the time of now."""
    news = _for_whom_it_is(list(news))
    rows = [
        Notice(
            staff_id=one.staff_id,
            case_id=one.case_id,
            what=one.what,
            key=one.key,
            en=one.reason.en,
            zh=one.reason.zh,
            at=now,
        )
        for one in news
    ]
    if unknown := {row.what for row in rows} - set(NOTICES):
        raise ValueError(f"no such notice: {', '.join(sorted(unknown))}; there are {', '.join(NOTICES)}")
    if anew:
        Notice.objects.bulk_create(
            rows,
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["staff", "key"],
            update_fields=["case", "en", "zh", "at"],
        )
    else:
        Notice.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def _for_whom_it_is(news: list[News]) -> list[News]:
    """Without what is of a confidential case and for somebody outside its circle, whoever was meant to be called."""
    closed = set(
        Case.every.filter(pk__in={one.case_id for one in news}, confidential=True).values_list("pk", flat=True)
    )
    if not closed:
        return news
    seen = set(CircleMember.answering.filter(case__in=closed).values_list("case_id", "staff_id"))
    return [one for one in news if one.case_id not in closed or (one.case_id, one.staff_id) in seen]


@transaction.atomic
def see_notices(*, acting_user: Staff, now: datetime, notice_id: int | None = None) -> int:
    """The person has seen one notice of theirs, or all; how many were new."""
    rows = Notice.objects.filter(staff=acting_user, seen_at__isnull=True)
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
    return rows.update(seen_at=now)

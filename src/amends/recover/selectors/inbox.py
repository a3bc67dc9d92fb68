"""What the inbox is narrowed to besides its plain filters, the views that a person has, and counts that stay cheap."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from amends.people.core.rights import ROLES, may
from amends.people.models import Staff
from amends.people.selectors import require
from amends.recover.models import Approval, Case, Handover, SavedView

READERS: Final = tuple(role for role in ROLES if may(role, "see_cases"))  # to whom a view of cases means something
SHARERS: Final = tuple(role for role in ROLES if may(role, "work_teams"))
DESKS: Final = ("unassigned", "at_risk", "waiting_approval", "handed")

SOON: Final = timedelta(hours=2)  # what runs out within it is at risk
MOST_VIEWS: Final = 60
COUNTED_TO: Final = 999
COUNTED_FOR: Final = 30  # seconds that a count is remembered
LONGEST_COUNT: Final = 400  # milliseconds; a count that takes longer is not worth the wait


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many, up to a bound; None: it would have taken too long."""

    number: int | None

    @property
    def more(self) -> bool:
        return self.number is not None and self.number > COUNTED_TO

    def __str__(self) -> str:
        if self.number is None:
            return "…"
        return f"{COUNTED_TO}+" if self.more else str(self.number)


def narrowed(
    rows: QuerySet[Case], staff: Staff, *, desk: str, team: int | None, now: datetime | None
) -> QuerySet[Case]:
    """Only these: nobody's, about to run out, waiting for leave, or handed to this person; of one team."""
    if team is not None:
        rows = rows.filter(team_id=team, is_open=True)
    if desk == "unassigned":
        return rows.filter(owner=None, is_open=True)
    if desk == "at_risk":
        return rows.filter(is_open=True, next_due__isnull=False, next_due__lte=_known(now) + SOON)
    if desk == "waiting_approval":
        return rows.filter(is_open=True, pk__in=Approval.objects.filter(state="waiting").values("case_id"))
    if desk == "handed":
        given = Handover.objects.filter(
            case=OuterRef("pk"), to_staff=staff, undone_at=None, how__in=("handed_over", "assigned", "automatic")
        )
        return rows.filter(Exists(given), owner=staff, is_open=True)
    return rows


def views_for(staff: Staff) -> list[SavedView]:
    """A person's own views in their order, then those that others share with them."""
    require(staff, "see_cases")
    # who no longer leads, or has left, no longer puts views before others
    shared = Q(shared=True, role__in=("", staff.role), owner__is_active=True, owner__role__in=SHARERS)
    if staff.unit is not None:
        codes = staff.unit.path.strip("/").split("/")
        above = ["/" + "/".join(codes[: depth + 1]) + "/" for depth in range(len(codes))]
        shared &= Q(unit=None) | Q(unit__path__in=above)
    rows = SavedView.objects.filter(Q(owner=staff) | shared).select_related("owner", "unit").order_by("place", "pk")
    return sorted(rows[:MOST_VIEWS], key=lambda view: view.owner_id != staff.pk)


def counted(rows: QuerySet[Case], *, key: str) -> Counted:
    """How many rows there are, up to a bound: remembered for a short while, given up when it takes too long."""
    known = cache.get(key)
    if known is not None:
        return Counted(number=known if known >= 0 else None)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(LONGEST_COUNT)])
            number: int | None = rows.order_by().values("pk")[: COUNTED_TO + 1].count()
            cursor.execute("set local statement_timeout = 0")
    except OperationalError:
        number = None
    cache.set(key, -1 if number is None else number, COUNTED_FOR)
    return Counted(number=number)


def _known(now: datetime | None) -> datetime:
    if now is None:
        raise ValueError("what is at risk depends on the present")
    return now

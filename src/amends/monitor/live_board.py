"""The live board for a person: what is about to fail, what just did, and how the monitor itself is; by their units.

Everything is read from bounded rows: the board's copy of what is open, the monitor's one row of progress, and the
latest incidents. Nothing is counted anew over signals or failures.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.db.models import Count, Max, Sum

from amends.monitor.foreseen import Outlook, outlooks
from amends.monitor.models import (
    Board,
    BoardCount,
    BoardPromise,
    Failure,
    Incident,
    MonitorProgress,
    RosterEntry,
    SetAside,
    Signal,
)
from amends.monitor.selectors import stream_of
from amends.people.core.rights import may
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import require, unit_for, units_below
from amends.policy.selectors import deployment, version_in_force

SHOWN: Final = 50  # promises, the soonest due
PLACES: Final = 12  # units, those with most at stake
INCIDENTS: Final = 6  # the latest
JUST: Final = timedelta(minutes=15)  # so long a broken promise stands here
SILENT: Final = timedelta(seconds=20)  # after that the monitor is said to be silent
LATELY: Final = timedelta(hours=1)  # over which signals set aside are counted,
MOST_ASIDE: Final = 1_000  # up to so many


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """How the monitor is."""

    heard_at: datetime | None  # None: no monitor has run for this version yet
    watermark: datetime | None
    silent: bool
    per_second: float | None  # signals; None for whoever sees a part of the company: signals belong to no unit
    waiting: int | None  # signals accepted and not judged yet, about
    set_aside: int | None  # signals, lately

    @property
    def many_aside(self) -> bool:
        """Whether there are more than were counted."""
        return self.set_aside == MOST_ASIDE


@dataclass(frozen=True, kw_only=True)
class Open:
    """A promise on the board."""

    standard: str
    seq: int
    subject: str
    unit: Unit | None
    due: datetime
    stage: str  # overdue, at_risk or open
    failure: int | None  # where it is on record already
    customer: Customer | None = None  # whom the signal named
    hit: int | None = None  # how many are on its roster
    outlook: Outlook | None = None  # what is foreseen of it


@dataclass(frozen=True, kw_only=True)
class Stake:
    """How much is at stake at one unit, or for one standard."""

    code: str
    open: int
    at_risk: int
    overdue: int
    unit: Unit | None = None


@dataclass(frozen=True, kw_only=True)
class LiveBoard:
    """All that the page shows."""

    pulse: Pulse
    prepared: bool  # the monitor has said what is open
    total: Stake
    promises: list[Open] = field(default_factory=list)
    units: list[Stake] = field(default_factory=list)
    more_units: int = 0
    standards: list[Stake] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person looks at: some units, maybe one standard."""

    units: tuple[tuple[str, int], ...] | None  # by code and number; None: the whole company, unknown units too
    unit: str = ""
    standard: str = ""
    whole: bool = False  # the person sees the whole company


def asked_for(staff: Staff, *, unit: str = "", standard: str = "") -> Asked:
    """What this person may see of what they ask for.

    Raises:
        NotAllowed: the role sees no incidents.
        NotFound: the unit is not within reach.
    """
    require(staff, "see_incidents")
    whole = staff.unit_id is None
    if whole and not unit:
        return Asked(units=None, standard=standard, whole=True)
    top = unit_for(staff, unit) if unit else staff.unit
    below = Unit.objects.filter(path__startswith=top.path).values_list("code", "pk")
    return Asked(units=tuple(below), unit=unit, standard=standard, whole=whole)


def pulse_of(asked: Asked, *, now: datetime) -> Pulse:
    """How the monitor of the blueprint in force is."""
    here = deployment()
    version = version_in_force(here.blueprint_name)
    found = MonitorProgress.objects.filter(stream=stream_of(here, version)).first()
    if found is None or found.watermark is None:
        heard = None if found is None else found.updated_at
        return Pulse(heard_at=heard, watermark=None, silent=True, per_second=None, waiting=None, set_aside=None)
    aside = SetAside.objects.filter(noted_at__gte=now - LATELY).order_by("-noted_at", "-id")
    newest = Signal.objects.aggregate(newest=Max("id"))["newest"] or 0 if asked.whole else 0
    return Pulse(
        heard_at=found.updated_at,
        watermark=found.watermark,
        silent=now - found.updated_at > SILENT,
        per_second=round(found.per_second, 1) if asked.whole else None,
        waiting=max(0, newest - found.read_to) if asked.whole else None,
        set_aside=len(aside.values_list("id")[:MOST_ASIDE]) if asked.whole else None,
    )


def mark_of(asked: Asked, pulse: Pulse, *, now: datetime) -> str:
    """A short mark of all that the page shows; while it is the same, nothing has to be sent again."""
    board = Board.objects.filter(pk=1).values_list("version", "published_at").first() or (0, None)
    incidents = [(one.pk, one.state, one.failures, one.customers) for one in _incidents(asked)]
    minute = now.replace(second=0, microsecond=0)
    shown = (board, incidents, minute, pulse.silent, pulse.per_second, pulse.waiting, pulse.set_aside, asked)
    return sha256(repr(shown).encode()).hexdigest()[:20]


def board_for(staff: Staff, asked: Asked, pulse: Pulse, *, now: datetime) -> LiveBoard:
    """What is on the board for this person."""
    board = Board.objects.filter(pk=1).first()
    counts = _within(BoardCount.objects.all(), asked)
    units = _sums(counts, "unit")
    places = sorted(units, key=lambda one: (-one.overdue - one.at_risk, -one.open, one.code))
    named = Unit.objects.filter(code__in=[one.code for one in places[:PLACES]]).in_bulk(field_name="code")
    every = counts.aggregate(open=Sum("open"), at_risk=Sum("at_risk"), overdue=Sum("overdue"))
    return LiveBoard(
        pulse=pulse,
        prepared=board is not None and board.published_at is not None,
        total=Stake(code="", **{name: count or 0 for name, count in every.items()}),
        promises=_promises(staff, asked, now=now),
        units=[
            Stake(code=one.code, open=one.open, at_risk=one.at_risk, overdue=one.overdue, unit=named.get(one.code))
            for one in places[:PLACES]
        ],
        more_units=max(0, len(places) - PLACES),
        standards=sorted(_sums(counts, "standard"), key=lambda one: (-one.overdue - one.at_risk, -one.open)),
        incidents=_incidents(asked),
    )


def _within(rows: Any, asked: Asked) -> Any:
    if asked.units is not None:
        rows = rows.filter(unit__in=[code for code, _ in asked.units])
    return rows.filter(standard=asked.standard) if asked.standard else rows


def _sums(counts: Any, by: str) -> list[Stake]:
    rows = counts.values(by).annotate(all_open=Sum("open"), all_at_risk=Sum("at_risk"), all_overdue=Sum("overdue"))
    return [
        Stake(code=row[by], open=row["all_open"], at_risk=row["all_at_risk"], overdue=row["all_overdue"])
        for row in rows
    ]


def _promises(staff: Staff, asked: Asked, *, now: datetime) -> list[Open]:
    rows = list(_within(BoardPromise.objects.filter(due__gte=now - JUST), asked).order_by("due", "id")[:SHOWN])
    subjects = {row.subject for row in rows}
    units = Unit.objects.filter(code__in={row.unit for row in rows}).in_bulk(field_name="code")
    failures = _failures(staff, subjects)
    foreseen = outlooks((row.standard, row.subject, row.opened_at) for row in rows if row.due > now)
    rosters = dict(
        RosterEntry.objects.filter(subject__in=subjects).values_list("subject").annotate(hit=Count("id")).order_by()
    )
    named = {row.customer for row in rows if row.customer} if may(staff.role, "see_customers") else set()
    customers = Customer.objects.filter(reference__in=named).in_bulk(field_name="reference")
    return [
        Open(
            standard=row.standard,
            seq=row.seq,
            subject=row.subject,
            unit=units.get(row.unit),
            due=row.due,
            stage=_stage(row, now),
            failure=failures.get((row.standard, row.subject)),
            customer=customers.get(row.customer),
            hit=rosters.get(row.subject) or (1 if row.customer else None),
            outlook=foreseen.get((row.standard, row.subject, row.opened_at)),
        )
        for row in rows
    ]


def _stage(row: BoardPromise, now: datetime) -> str:
    if row.due <= now:
        return "overdue"
    return "at_risk" if row.warn_at is not None and row.warn_at <= now else "open"


def _failures(staff: Staff, subjects: Collection[str]) -> Mapping[tuple[str, str], int]:
    rows = Failure.objects.filter(subject__in=subjects)
    reached = units_below(staff)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    return {(standard, subject): pk for standard, subject, pk in rows.values_list("standard", "subject", "pk")}


def _incidents(asked: Asked) -> list[Incident]:
    """The latest, whatever became of them; of a unit that is looked at, those of it and below."""
    rows = Incident.objects.select_related("unit")
    if asked.units is not None:
        rows = rows.filter(unit_id__in=[pk for _, pk in asked.units])
    return list(rows.order_by("-started_at", "-id")[:INCIDENTS])

"""How the clocks of cases stand: for a list in one query, and for the page of one case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from amends.kernel.blueprint.parts import OutsideBody
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.ladder import FIRST, Rung, rungs
from amends.recover.models import Case, Clock, Escalation, Hold


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """Where a case stands on the ladder, and who answers there."""

    rungs: tuple[Rung, ...]
    number: int
    answer_by: datetime | None  # what the running clock of the step says
    names: Mapping[int, str]  # step -> whose name customers may read
    outside: OutsideBody | None  # where it goes if we do not agree


@dataclass(frozen=True, kw_only=True)
class ClockMark:
    """A clock of a case that is not kept, or hardly."""

    state: str  # missed or at_risk
    kind: str  # which clock it is


def clock_marks(cases: Iterable[Case]) -> dict[int, ClockMark]:
    """Which of these open cases have a clock that is missed or at risk; the worse of both, the first due of these."""
    ids = [case.pk for case in cases if case.is_open]
    unkept = Clock.objects.filter(Q(state="missed") | Q(state="running", at_risk_at__isnull=False), case_id__in=ids)
    found: dict[int, ClockMark] = {}
    for case_id, clock, kind in unkept.order_by("due_at", "id").values_list("case_id", "state", "kind"):
        state = "missed" if clock == "missed" else "at_risk"
        if case_id not in found or (state, found[case_id].state) == ("missed", "at_risk"):
            found[case_id] = ClockMark(state=state, kind=kind)
    return found


def clocks_of(case: Case) -> list[Clock]:
    """All clocks of a case, those that run by when they are due."""
    return list(case.clocks.select_related("promised_by").order_by("due_at", "id"))


def escalations_of(case: Case) -> list[tuple[Escalation, list[str]]]:
    """Whom the clocks of a case called, with the names of those who were reached, latest first."""
    rows = list(case.escalations.select_related("clock").order_by("-at", "-id"))
    names = dict(Staff.objects.filter(pk__in={one for row in rows for one in row.staff_ids}).values_list("pk", "name"))
    return [(row, [names[one] for one in row.staff_ids if one in names]) for row in rows]


def holds_of(case: Case) -> list[Hold]:
    """The times when we waited for the customer, the latest last; one without an end goes on."""
    return list(case.holds.select_related("asked_by").order_by("asked_at", "id"))


def time_held(holds: Iterable[Hold], *, now: datetime) -> timedelta:
    """How long we waited, all in all."""
    return sum(((hold.ended_at or now) - hold.asked_at for hold in holds), timedelta(0))


def ladder_of(case: Case, clocks: Iterable[Clock] | None = None) -> Ladder | None:
    """The ladder of the case's pack, as it stands; None if the pack publishes none. `clocks`: if they are at hand."""
    ladder = blueprint_of(case.blueprint_id).ladder
    if ladder is None:
        return None
    steps = [one for one in (case.clocks.all() if clocks is None else clocks) if one.kind == "ladder"]
    clock = max(steps, key=lambda one: one.number, default=None)
    number = min(clock.number if clock else FIRST, len(ladder.steps))
    named = {step.role for step in ladder.steps if step.named}
    rows = Staff.objects.filter(role__in=named, is_active=True).order_by("-pk").values_list("role", "name")
    people = dict(rows)  # of several, the one whose account is oldest
    return Ladder(
        rungs=rungs(number, ladder),
        number=number,
        answer_by=clock.due_at if clock and clock.state in {"running", "missed"} else None,
        outside=ladder.outside,
        names={
            place: people[step.role] for place, step in enumerate(ladder.steps, 1) if step.named and step.role in people
        },
    )

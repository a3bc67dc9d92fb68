"""Steps ticked off a checklist, and time spent on a case."""

import math
from datetime import datetime, timedelta
from typing import Final

from amends.people.models import Staff
from amends.people.selectors import NotFound, require
from amends.recover.core.checklist import Missing, NotTicked, missing
from amends.recover.models import Case, Tick, Timer, TimeSpent
from amends.recover.selectors.cases import access_case
from amends.recover.selectors.work import checklist_items
from amends.recover.services.holding import holding

LONGEST: Final = 24 * 60  # minutes of one entry; a timer that ran on over night is cut here


def tick(
    case_id: int,
    *,
    item: str,
    ticked: bool,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,  # noqa: ARG001 -- ticks of several people stand side by side
) -> Tick:
    """Tick a step of the case's checklist, or take the tick back; the trail keeps both."""
    with holding("tick", case_id, acting_user=acting_user) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        if item not in {one.id for one in checklist_items(case)}:
            raise NotFound(f"The checklist of case {case.pk} has no step {item!r}.")
        row = Tick.objects.filter(case=case, item=item).first()
        if row is not None and row.ticked == ticked:
            return row
        row = row or Tick(case=case, item=item)
        row.ticked, row.at, row.by = ticked, now, person
        row.save()
    return row


def lacking(case: Case) -> Missing:
    """What the case's checklist lacks before closing."""
    done = Tick.objects.filter(case=case, ticked=True).values_list("item", flat=True)
    return missing(checklist_items(case), set(done))


def check_ticked(case: Case) -> None:
    """A case that a person closes has what its playbook demands.

    Raises:
        NotTicked: something is missing.
    """
    if items := lacking(case).must:
        raise NotTicked(items)


def record_time(
    case_id: int,
    *,
    minutes: int,
    what: str = "",
    acting_user: Staff,
    now: datetime,
    version: int | None = None,  # noqa: ARG001 -- adds to the case and overwrites nothing
) -> TimeSpent:
    """Record minutes that one spent on a case."""
    if not 0 < minutes <= LONGEST:
        raise ValueError(f"between 1 and {LONGEST} minutes, not {minutes}")
    with holding("record_time", case_id, acting_user=acting_user) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        return TimeSpent.objects.create(case=case, staff=person, minutes=minutes, what=what[:200], at=now)


def start_timer(case_id: int, *, acting_user: Staff, now: datetime, version: int | None = None) -> Timer:  # noqa: ARG001 -- one's own timer
    """Begin to count one's time on a case; a timer that runs already runs on."""
    require(acting_user, "work_cases")
    case = access_case(acting_user, case_id)
    timer, _ = Timer.objects.get_or_create(staff=acting_user, case=case, defaults={"started_at": now})
    return timer


def stop_timer(
    case_id: int,
    *,
    what: str = "",
    acting_user: Staff,
    now: datetime,
    version: int | None = None,  # noqa: ARG001 -- one's own timer
) -> TimeSpent | None:
    """End one's timer and record the minutes, begun ones in full; None if none ran."""
    with holding("stop_timer", case_id, acting_user=acting_user) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        timer = Timer.objects.filter(staff=person, case=case).first()
        if timer is None:
            return None
        minutes = min(LONGEST, max(1, math.ceil((now - timer.started_at) / timedelta(minutes=1))))
        timer.delete()
        return TimeSpent.objects.create(case=case, staff=person, minutes=minutes, what=what[:200], at=now)

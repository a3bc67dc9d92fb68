"""What people do about early interventions: take one on, say that it is done, or let it be; each on record."""

from datetime import datetime

from django.db import transaction

from amends.monitor.core.prediction.lifecycles import INTERVENTION
from amends.monitor.models import IncidentAct, Intervention
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below


def take_intervention(number: int, *, acting_user: Staff, now: datetime) -> Intervention:
    """See to it that the promise is kept."""
    return _move(number, "take", note="", acting_user=acting_user, now=now)


def finish_intervention(number: int, *, note: str, acting_user: Staff, now: datetime) -> Intervention:
    """What could be done is done."""
    return _move(number, "do", note=note, acting_user=acting_user, now=now)


def leave_intervention(number: int, *, note: str, acting_user: Staff, now: datetime) -> Intervention:
    """Nothing is done about it."""
    return _move(number, "leave", note=note, acting_user=acting_user, now=now)


@transaction.atomic
def _move(number: int, move: str, *, note: str, acting_user: Staff, now: datetime) -> Intervention:
    require(acting_user, "work_incidents")
    rows = Intervention.objects.select_for_update(of=("self",), no_key=True)
    reached = units_below(acting_user)
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    if (one := rows.filter(pk=number).first()) is None:
        raise NotFound(f"There is no early intervention {number} here.")
    one.state = INTERVENTION.after(one.state, move)
    one.by, one.note = acting_user, note[:500] or one.note
    if move == "take":
        one.taken_at = now
    else:
        one.ended_at = now
    one.save(update_fields=["state", "by", "note", "taken_at", "ended_at"])
    IncidentAct.objects.create(
        act=f"{move}_intervention", by=acting_user, at=now, note=note[:500], details={"intervention": one.pk}
    )
    return one

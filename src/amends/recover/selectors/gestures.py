"""Gestures that somebody may make in a case right now, and why one cannot be made."""

from dataclasses import dataclass
from datetime import datetime

from amends.kernel.blueprint.leave import Gesture
from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover import ledger
from amends.recover.models import Action, Case

MADE = Localised(en="It was given in this case already.", zh="本案件已赠送过。")
CLOSED = Localised(en="The case is closed.", zh="案件已结。")


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A gesture of the person's role, and why it cannot be made, if so."""

    gesture: Gesture
    why_not: Localised | None

    @property
    def worth(self) -> Money:
        return Money(self.gesture.amount, self.gesture.currency)


def gestures_for(person: Staff, case: Case, *, now: datetime) -> list[Ready]:
    """What this person may give right now, whatever else is spent."""
    pack = blueprint_of(case.blueprint_id)
    return [
        Ready(gesture=gesture, why_not=why_not_now(gesture, case, now=now))
        for gesture in pack.leave.gestures_of(person.role)  # type: ignore[arg-type]  # the roles are the same words
    ]


def why_not_now(gesture: Gesture, case: Case, *, now: datetime) -> Localised | None:
    """Why a gesture cannot be made; None: it can."""
    if not case.is_open:
        return CLOSED
    if Action.objects.filter(case=case, step=f"gesture:{gesture.id}").exists():
        return MADE
    had = ledger.gestures_to(case.customer_id, since=now - gesture.per_customer.period, until=now)
    if had + gesture.amount > gesture.per_customer.amount:
        worth, days = Money(had, gesture.currency), gesture.per_customer.period.days
        return Localised(
            en=f"This customer was given {worth.in_('en')} in gestures within {days} days.",
            zh=f"该顾客{days}天内已获赠{worth.in_('zh')}的小额心意。",
        )
    return None

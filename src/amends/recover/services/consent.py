"""Consent: whoever does not want to be contacted gets what serves their running case, and nothing unasked.

What is theirs all the same: answers, news that were promised, what is given to them. What is not sent: the letters to
all whom an incident hit lightly, and what asks how it went afterwards. Both are on record with the reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.recover.core.action import ACTION
from amends.recover.core.clocks import CLOCK, OPEN
from amends.recover.models import Withheld
from amends.recover.moves import next_state
from amends.recover.services.leaving_out import kept, leave_out
from amends.recover.services.reckoning import reckon

NOT_WRITTEN: Final = Reason(
    rule="consent",
    text=Localised(
        en="The customer does not want to be contacted, and this letter to all who were hit was not asked for.",
        zh="顾客不希望被联系，而这封发给所有受影响顾客的信函并非其主动要求。",
    ),
)
NOT_ASKED: Final = Reason(
    rule="consent",
    text=Localised(
        en="The customer does not want to be contacted, so nobody asks them how it went.",
        zh="顾客不希望被联系，因此不再回访。",
    ),
)
# what a person added to the plan was thought about and stays
UNASKED: Final = """(action.kind = 'follow_up' and not customer.consent_contact and not exists (
    select from recover_edit as edit
    where edit.case_id = action.case_id and edit.action_id = action.id and edit.aspect = 'added'
        and edit.by_id is not null))"""


def keep_withheld(hits: Iterable[tuple[int, int, int]], *, now: datetime) -> None:
    """Put on record whom the letters of a response left out: incident, customer and version of the blueprint each."""
    rows = list(hits)
    why = kept(NOT_WRITTEN, (version for _, _, version in rows))
    Withheld.objects.bulk_create(
        [
            Withheld(incident_id=incident, customer_id=customer, why_id=why[version], at=now)
            for incident, customer, version in rows
        ],
        ignore_conflicts=True,  # hit by two failures of one incident, it is one letter that they do not get
    )


def leave_out_unasked(cursor: Any, actions: Mapping[int, tuple[int, int]], *, now: datetime) -> int:
    """Leave out follow-ups that nobody asked for, as `leave_out` does, and stop the clocks that waited for them."""
    moved = leave_out(cursor, actions, NOT_ASKED, now=now)
    if moved:
        cases = sorted({case_id for case_id, _ in actions.values()})
        _stop_clocks(cursor, cases, now=now)
        reckon(cursor, dict.fromkeys(cases, now))
    return moved


def _stop_clocks(cursor: Any, cases: Sequence[int], *, now: datetime) -> None:
    """Nothing is left that would meet the clock of the follow-up, unless another one is still to be done."""
    cursor.execute(
        f"""
        update recover_clock as clock set ended_at = %s, wake_at = null,
            state = {next_state(CLOCK, "stop", column="clock.state")}
        where clock.case_id = any(%s) and clock.kind = 'follow_up' and clock.state = any(%s) and not exists (
            select from recover_action as action where action.case_id = clock.case_id and action.kind = 'follow_up'
                and action.state = any(%s))
        """,
        [now, cases, list(OPEN), [state for state in ACTION.states if state not in ACTION.final]],
    )

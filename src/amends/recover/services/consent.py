"""Consent: whoever does not want to be contacted gets what serves their running case, and nothing unasked.

What is theirs all the same: answers, news that were promised, what is given to them. What is not sent: the letters to
all whom an incident hit lightly, and what asks how it went afterwards. Both are on record with the reason.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.recover.models import Withheld
from amends.recover.services.leaving_out import ADDED, kept

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
UNASKED: Final = f"(action.kind = 'follow_up' and not customer.consent_contact and not {ADDED})"


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

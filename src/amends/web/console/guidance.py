"""What the panel of acts shows of the talk with the customer: what they feel, how far it has come, and what to say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from amends.channels.models import Message
from amends.kernel.text import language_of
from amends.policy.models import Deployment
from amends.recover.models import Action, Case, Clock
from amends.recover.selectors.guidance import emotions, guidance_of, scripts_of
from amends.web.console.times import language


def for_panel(
    case: Case,
    actions: Sequence[Action],
    clocks: Sequence[Clock],
    letters: Sequence[Message],
    *,
    place: Deployment,
    now: datetime,
) -> dict[str, Any]:
    """For whoever works on an open case. `theirs` is the customer's language where it is not the reader's."""
    theirs = language_of(case.customer.locale)
    return {
        "guided": guidance_of(case, actions=actions, clocks=clocks, letters=letters, place=place, now=now),
        "emotions": dict(reversed(emotions().items())),  # the calmest first
        "scripts": scripts_of(case, actions, clocks=clocks, place=place),
        "theirs": "" if theirs == language() else theirs,
    }

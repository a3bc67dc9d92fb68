"""What services refuse, in words for the person who pressed the button."""

from typing import Final

from django.utils.translation import gettext as _

from amends.kernel.lifecycle import IllegalMove
from amends.people.core.authority import LIMIT_WORDS
from amends.people.selectors import NotAllowed
from amends.recover.core.refusals import BeyondAuthority, NotAhead, SelfApproval, StaleVersion
from amends.web.console.times import language

REFUSALS: Final = (IllegalMove, BeyondAuthority, NotAhead, SelfApproval, StaleVersion, NotAllowed)


def in_words(refusal: Exception) -> str:
    """Why it wasn't done, and what may be done instead."""
    if isinstance(refusal, IllegalMove):
        return _(
            "That can't be done now (it stands at “{state}”). Someone may have been quicker; this is how it is now."
        ).format(state=refusal.state_label.in_(language()))
    if isinstance(refusal, StaleVersion):
        return _("Somebody else has changed this case in the meantime. Look at it again, then decide.")
    if isinstance(refusal, BeyondAuthority):
        limits = "; ".join(LIMIT_WORDS[limit].in_(language()) for limit in refusal.limits)
        return _("This is beyond your authority: {limits}. Someone of a higher level has to decide.").format(
            limits=limits
        )
    if isinstance(refusal, SelfApproval):
        return _("You asked for this or granted part of it yourself, so somebody else has to decide.")
    if isinstance(refusal, NotAhead):
        return _("A time that we promise lies ahead, and no more than 60 days.")
    return _("This is for another role to do.")

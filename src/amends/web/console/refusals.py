"""What services refuse, in words for the person who pressed the button."""

from typing import Final

from django.utils.translation import gettext as _

from amends.kernel.lifecycle import IllegalMove
from amends.people.core.authority import LIMIT_WORDS
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.attachment import NotTaken
from amends.recover.core.canned import VARIABLES, NotFilled
from amends.recover.core.checklist import NotTicked
from amends.recover.core.refusals import BeyondAuthority, Declined, SelfApproval, StaleVersion, Unfit
from amends.recover.services import NothingToMark
from amends.web.console.times import language

REFUSALS: Final = (
    IllegalMove,
    Declined,
    BeyondAuthority,
    SelfApproval,
    StaleVersion,
    NotAllowed,
    NotTaken,
    NotTicked,
    NothingToMark,
    Unfit,
)


def in_words(refusal: Exception) -> str:
    """Why it wasn't done, and what may be done instead."""
    if isinstance(refusal, IllegalMove):
        return _(
            "That can't be done now (it stands at “{state}”). Someone may have been quicker; this is how it is now."
        ).format(state=refusal.state_label.in_(language()))
    if isinstance(refusal, Declined):
        return refusal.said.in_(language())
    if isinstance(refusal, StaleVersion):
        return _("Somebody else has changed this case in the meantime. Look at it again, then decide.")
    if isinstance(refusal, BeyondAuthority):
        limits = "; ".join(LIMIT_WORDS[limit].in_(language()) for limit in refusal.limits)
        return _("This is beyond your authority: {limits}. Someone of a higher level has to decide.").format(
            limits=limits
        )
    if isinstance(refusal, SelfApproval):
        return _("You asked for this or granted part of it yourself, so somebody else has to decide.")
    return _of_the_work(refusal)


def _of_the_work(refusal: Exception) -> str:
    """Demands, files, checklists and prepared words that do not fit."""
    if isinstance(refusal, NothingToMark):
        return _("A settled case takes no new demands. Open it again first.")
    if isinstance(refusal, Unfit):
        return refusal.words.in_(language())
    if isinstance(refusal, NotTaken):
        return refusal.why.in_(language())
    if isinstance(refusal, NotTicked):
        items = "; ".join(item.in_(language()) for item in refusal.items)
        return _("Not closed yet. The checklist still asks for: {items}").format(items=items)
    if isinstance(refusal, NotFilled):
        return _("This case has nothing for {name} ({meaning}).").format(
            name=f"{{{refusal.name}}}", meaning=VARIABLES[refusal.name].in_(language())
        )
    if isinstance(refusal, NotFound):
        return _("This case has no such thing (any more).")
    return _("This is for another role to do.")

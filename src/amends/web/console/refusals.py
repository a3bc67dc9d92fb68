"""What services refuse, in words for the person who pressed the button."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from amends.kernel.lifecycle import IllegalMove
from amends.kernel.text import Localised
from amends.monitor.services.grouping import NotSo
from amends.people.core.authority import LIMIT_WORDS
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.attachment import NotTaken
from amends.recover.core.canned import VARIABLES, NotFilled
from amends.recover.core.checklist import NotTicked
from amends.recover.core.refusals import (
    BeyondAuthority,
    Declined,
    NoGesture,
    NotAhead,
    NotInWriting,
    SelfApproval,
    StaleVersion,
    Unfit,
)
from amends.recover.services import NothingToMark
from amends.web.console.times import language


def in_words(refusal: Exception) -> str:
    """Why it wasn't done, and what may be done instead."""
    for kind, words in _WORDS.items():
        if isinstance(refusal, kind):
            return words(refusal)
    return _("This is for another role to do.")


def _illegal(refusal: Any) -> str:
    return _(
        "That can't be done now (it stands at “{state}”). Someone may have been quicker; this is how it is now."
    ).format(state=refusal.state_label.in_(language()))


def _beyond(refusal: Any) -> str:
    limits = "; ".join(LIMIT_WORDS[limit].in_(language()) for limit in refusal.limits)
    return _("This is beyond your authority: {limits}. Someone of a higher level has to decide.").format(limits=limits)


def _not_ticked(refusal: Any) -> str:
    items = "; ".join(item.in_(language()) for item in refusal.items)
    return _("Not closed yet. The checklist still asks for: {items}").format(items=items)


def _not_filled(refusal: Any) -> str:
    return _("This case has nothing for {name} ({meaning}).").format(
        name=f"{{{refusal.name}}}", meaning=VARIABLES[refusal.name].in_(language())
    )


def _not_now(why: Localised) -> str:
    return _("Not now: {why}").format(why=why.in_(language()))


_WORDS: Final[Mapping[type[Exception], Callable[[Any], str]]] = {
    IllegalMove: _illegal,
    Declined: lambda refusal: refusal.said.in_(language()),
    NotSo: lambda refusal: refusal.why.in_(language()),
    StaleVersion: lambda _refusal: _(
        "Somebody else has changed this case in the meantime. Look at it again, then decide."
    ),
    BeyondAuthority: _beyond,
    SelfApproval: lambda _refusal: _(
        "You asked for this, granted part of it, reported or put on record what it rests on, or act for whoever did, so"
        " somebody else has to decide."
    ),
    NotAhead: lambda _refusal: _("A time that we promise lies ahead, and no more than 60 days."),
    NotTaken: lambda refusal: refusal.why.in_(language()),
    NotTicked: _not_ticked,
    NotFilled: _not_filled,
    NothingToMark: lambda _refusal: _("A settled case takes no new demands. Open it again first."),
    Unfit: lambda refusal: refusal.words.in_(language()),
    NotInWriting: lambda refusal: _not_now(refusal.rule.reason),
    NoGesture: lambda refusal: _not_now(refusal.why),
    NotFound: lambda _refusal: _("This case has no such thing (any more)."),
}
REFUSALS: Final = (*(kind for kind in _WORDS if kind not in {NotFilled, NotFound}), NotAllowed)

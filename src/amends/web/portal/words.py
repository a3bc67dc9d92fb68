"""What a customer reads for our states and actions: plain words, no roles, no severity, nothing of how we decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a case stands, in one line and the sentence after it."""

    title: str | Promise
    lead: str | Promise


STANDING: Final[Mapping[str, Standing]] = {
    "found": Standing(title=_("We are looking into it"), lead=_("You need not do anything.")),
    "planned": Standing(title=_("We are looking into it"), lead=_("You need not do anything.")),
    "in_progress": Standing(title=_("We are putting it right"), lead=_("You need not do anything.")),
    "paused": Standing(
        title=_("We need something from you"), lead=_("As soon as we have your answer, we go on at once.")
    ),
    "awaiting_customer": Standing(
        title=_("Have we put it right?"),
        lead=_("We have done what we could see to do. Whether it is enough, only you can say."),
    ),
    "made_good": Standing(title=_("Made good"), lead=_("Thank you for giving us the chance to put it right.")),
    "objected": Standing(title=_("We are looking at it again"), lead=_("Thank you for telling us.")),
    "closed": Standing(title=_("Your case is closed"), lead=_("There is nothing more that you need to do.")),
    "withdrawn": Standing(title=_("Your case is closed"), lead=_("There is nothing more that you need to do.")),
    "merged": Standing(title=_("Your case is closed"), lead=_("There is nothing more that you need to do.")),
}

NEEDS_WORDS: Final = Standing(
    title=_("We need something from you"),
    lead=_("To go on, we need a few lines from you. Please write to us below what happened."),
)
"""While we ask for the complaint in writing and it is not there."""

DONE: Final[Mapping[str, str | Promise]] = {
    "apology": _("We apologised to you."),
    "explanation": _("We told you why it happened."),
    "reinstatement": _("We put it back in order."),
    "substitute": _("We arranged a substitute for you."),
    "progress_notice": _("We told you how things stand."),
    "call": _("We called you."),
    "follow_up": _("We asked you whether everything is settled."),
}
TO_COME: Final[Mapping[str, str | Promise]] = {
    "apology": _("We will apologise to you."),
    "explanation": _("We will tell you why it happened."),
    "reinstatement": _("We are putting it back in order."),
    "substitute": _("We are arranging a substitute for you."),
    "compensation": _("We are working out what we owe you."),
    "progress_notice": _("We will tell you how things stand."),
    "call": _("We will call you."),
    "follow_up": _("We will ask you whether everything is settled."),
}
"""Support for our own people is in neither: it is not for this page. What was given has a part of its own there."""

LOOKING_INTO_IT: Final = _("We are looking into what more we can do for you and will tell you.")

NEWS_BY: Final = _("You will hear from us by")
PUT_RIGHT_BY: Final = _("We want to have put it right by")
ANSWER_BY: Final = _("You will have our answer by")

RATINGS: Final[Mapping[int, str | Promise]] = {
    1: pgettext_lazy("how well we did", "not at all"),
    2: pgettext_lazy("how well we did", "a little"),
    3: pgettext_lazy("how well we did", "so-so"),
    4: pgettext_lazy("how well we did", "well"),
    5: pgettext_lazy("how well we did", "very well"),
}

VOUCHER_SAID: Final = {
    "redeemed": _("You have used it."),
    "expired": _("It has expired."),
    "withdrawn": _("It was taken back."),
}
"""What became of a voucher that is good no more."""
PAYOUT_SAID: Final = {
    "due": _("It will be paid to you."),
    "ordered": _("It will be paid to you."),
    "sent": _("It is on its way to you."),
    "returned": _("It could not be delivered. We are looking into it."),
    "paid": _("It was paid to you."),
    "cancelled": _("It was taken back."),
}
"""How far a sum has come on its way."""

WAY: Final[Mapping[str, str | Promise]] = {
    "outbox": _("by letter"),
    "email": _("by e-mail"),
    "sms": _("by text message"),
}
"""By which way our words went; channels that are not here go without saying."""

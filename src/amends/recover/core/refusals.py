"""Why an act of recovery cannot be done, in words for whoever tried it."""

from datetime import datetime
from typing import ClassVar

from amends.kernel.blueprint.leave import WrittenComplaint
from amends.kernel.lifecycle import IllegalMove
from amends.kernel.text import Localised
from amends.people.core.authority import BeyondAuthority, SelfApproval


class StaleVersion(RuntimeError):
    """Somebody else changed the case in the meantime."""

    def __init__(self, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__("Somebody else has changed this case in the meantime. Look at it again, then decide.")


class Declined(ValueError):
    """The act as a whole cannot be done, and the sentence says why, in both languages.

    Another case, time or choice may be needed; no one entry is at fault, so the API answers 409 and points at nothing.
    Where one is, it is `Unfit`.
    """

    def __init__(self, said: Localised) -> None:
        self.said = said
        super().__init__(said.en)


class VoucherEnded(Declined):
    """A voucher is worth nothing any more: it was redeemed, ran out, or was taken back."""

    WORDS: ClassVar[dict[str, Localised]] = {
        "redeemed": Localised(en="This voucher was redeemed before.", zh="此代金券已经核销过。"),
        "expired": Localised(en="This voucher has expired.", zh="此代金券已过期。"),
        "withdrawn": Localised(en="This voucher was taken back.", zh="此代金券已被收回。"),
    }

    def __init__(self, state: str, at: datetime | None) -> None:
        self.state, self.at = state, at
        super().__init__(self.WORDS[state])


class NotReversible(Declined):
    """A remedy cannot be taken back, or not like this."""

    WORDS: ClassVar[dict[str, Localised]] = {
        "reason": Localised(en="Say why it is taken back.", zh="请说明收回的原因。"),
        "reversed": Localised(en="This was taken back before.", zh="这笔补偿已经收回过。"),
        "on_its_way": Localised(
            en="This has been paid or is on its way, so it cannot be taken back here.",
            zh="这笔款项已经付出或正在途中，不能在此收回。",
        ),
        "voucher_ended": Localised(
            en="This voucher was redeemed or has expired, so nothing is left to take back.",
            zh="此代金券已核销或已过期，没有可以收回的金额。",
        ),
        "given": Localised(
            en="This was given with the service itself, so it cannot be taken back here.",
            zh="此项已随服务给予顾客，不能在此收回。",
        ),
    }

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(self.WORDS[why])


class Unfit(ValueError):
    """One field holds what it cannot hold, and the sentence says why, in both languages; nothing was changed.

    The same act with another entry there can be done; so the API answers 422 and points at the field. Where the whole
    act is out of place, it is `Declined`.
    """

    def __init__(self, field: str, words: Localised) -> None:
        self.field, self.words = field, words
        super().__init__(words.en)


class NotInWriting(PermissionError):
    """The blueprint wants the customer's complaint in writing first."""

    def __init__(self, rule: WrittenComplaint) -> None:
        self.rule = rule
        super().__init__(rule.reason.en)


class NoGesture(PermissionError):
    """This gesture cannot be made: it was made already, or the customer had their share of them."""

    def __init__(self, why: Localised) -> None:
        self.why = why
        super().__init__(why.en)


class NotAhead(ValueError):
    """A time was promised that has passed, or one so far off that it is no promise."""

    def __init__(self) -> None:
        super().__init__("A promised time lies ahead, and no more than 60 days.")


__all__ = [
    "BeyondAuthority",
    "Declined",
    "IllegalMove",
    "NoGesture",
    "NotAhead",
    "NotInWriting",
    "NotReversible",
    "SelfApproval",
    "StaleVersion",
    "Unfit",
    "VoucherEnded",
]

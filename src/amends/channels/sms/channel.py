"""Tells text messages to a gateway of the company's choice: one signed POST each, with its key for idempotency.

The body is `{"key": "action:12", "to": "+12125550147", "text": "...", "encoding": "GSM-7", "segments": 1}`.
2xx and 409 (it has this key already) mean that the gateway has it; its answer may name a `receipt`.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from django.conf import settings

from amends.channels.letter import Handed, Letter, Send
from amends.channels.outbox.channel import TEXTS, Outbox, files
from amends.channels.signed_post import Answer, may_call, signed_post
from amends.kernel.text_message import MOST_SEGMENTS, is_number, length_of

ALREADY: Final = 409
# 4xx that say nothing about this text: our secret, our address, the moment
ABOUT_US: Final = frozenset({401, 403, 404, 407, 408, 425, 429})


class Sms:
    """One gateway."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self._secret = address, secret

    @property
    def at_once(self) -> int:
        """Few, since each is a call of its own."""
        return 50 if self.address else Outbox.at_once

    @property
    def noted(self) -> int:
        """All of a job: the gateway knows the keys of those that come again."""
        return self.at_once

    def opened(self) -> AbstractContextManager[Send]:
        """Each text is a call of its own."""
        return nullcontext(self.send)

    def send(self, letters: Sequence[Letter]) -> Handed:
        """Tell the gateway one after the other; where nobody answers, the rest waits."""
        if not self.address:
            return files(TEXTS).send(letters)
        if not self._secret or not may_call(self.address):
            return Handed(later="AMENDS_SMS_GATEWAY has to begin with https:// and needs AMENDS_SMS_GATEWAY_SECRET.")
        receipts: dict[int, str] = {}
        refused: dict[int, str] = {}
        later = ""
        for letter in letters:
            reason = _unfit(letter)
            if reason:
                refused[letter.id] = reason
                continue
            try:
                answer = signed_post(self.address, self._secret, key=letter.key, told=_told(letter))
            except (OSError, ValueError) as error:
                return Handed(receipts=receipts, refused=refused, later=f"The gateway could not be reached: {error}.")
            if _taken(answer):
                receipts[letter.id] = str(answer.told().get("receipt") or letter.key)
            elif 400 <= answer.status < 500 and answer.status not in ABOUT_US:
                said = str(answer.told().get("error") or "").strip()
                refused[letter.id] = f"The gateway refused it ({answer.status}){f': {said}' if said else '.'}"
            else:
                later = f"The gateway answered {answer.status}."
        return Handed(receipts=receipts, refused=refused, later=later)


def make() -> Sms:
    """The gateway of this deployment."""
    return Sms(settings.SMS_GATEWAY, settings.SMS_GATEWAY_SECRET)


def _unfit(letter: Letter) -> str:
    if not is_number(letter.address):
        return f"{letter.address!r} is no number in the international form, such as +12125550147."
    segments = length_of(letter.body).segments
    return f"The text takes {segments} segments; at most {MOST_SEGMENTS} are sent." if segments > MOST_SEGMENTS else ""


def _taken(answer: Answer) -> bool:
    return answer.status == ALREADY or 200 <= answer.status < 300


def _told(letter: Letter) -> dict[str, object]:
    length = length_of(letter.body)
    return {
        "key": letter.key,
        "to": letter.address,
        "text": letter.body,
        "encoding": length.encoding,
        "segments": length.segments,
    }

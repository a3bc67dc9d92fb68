"""A message on its way out, as a channel sees it, and what every channel can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol


class Letter(NamedTuple):
    """One message to one customer, everything in it that a channel needs."""

    id: int
    key: str  # unique: the same key is the same message
    customer: str  # reference
    address: str
    locale: str
    subject: str
    body: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What became of letters that a channel was given. Those in neither mapping are to be given to it again."""

    receipts: Mapping[int, str] = field(default_factory=dict)  # by the letter's id: where it went
    refused: Mapping[int, str] = field(default_factory=dict)  # the same: why it can never go out this way
    later: str = ""  # why the others did not go out this time


class Channel(Protocol):
    """One way out. Whoever implements it makes sending the same letters again harmless: by file name, by key."""

    at_once: int  # letters that it is given together at most; what is lost between sending and noting is sent again

    def send(self, letters: Sequence[Letter]) -> Handed:
        """Send them; what it has a receipt for is durable or with the other side when it returns."""
        ...

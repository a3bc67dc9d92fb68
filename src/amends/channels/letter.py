"""A message on its way out, as a channel sees it, and what every channel can do."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
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
    away: bool = False  # nobody is there on the other side: nothing more is to be given to it this time


Send = Callable[[Sequence[Letter]], Handed]  # what has a receipt is durable or with the other side when it returns


class Channel(Protocol):
    """One way out. Whoever implements it makes sending the same letters again harmless: by file name, by key."""

    @property
    def at_once(self) -> int:
        """Letters of one job at most."""
        ...

    @property
    def noted(self) -> int:
        """Letters that it is given together; what is lost between sending and noting these is sent again."""
        ...

    def opened(self) -> AbstractContextManager[Send]:
        """What sends so many letters at a time, one lot after the other, over one connection where it needs one."""
        ...

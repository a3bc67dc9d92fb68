"""A message on its way out, as a channel sees it, and what every channel can do."""

from collections.abc import Sequence
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


class Channel(Protocol):
    """One way out. Whoever implements it makes sending the same letters again harmless: by file name, by key."""

    def send(self, letters: Sequence[Letter]) -> str:
        """Send all of them or raise; the receipt says where they went. They are durable when it returns."""
        ...

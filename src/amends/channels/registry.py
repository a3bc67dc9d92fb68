"""The channels that words can go out over, each a folder of its own, loaded when it is first needed."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from amends.channels.letter import Channel

CHANNELS: Final[Mapping[str, str]] = {
    "outbox": "amends.channels.outbox.channel",
    "email": "amends.channels.email.channel",
    "sms": "amends.channels.sms.channel",
}


class UnknownChannel(LookupError):
    """No channel of that name is known."""


@cache
def channel(name: str) -> Channel:
    """The channel of that name.

    Raises:
        UnknownChannel: there is none.
    """
    if name not in CHANNELS:
        raise UnknownChannel(f"There is no channel {name!r}; there are: {', '.join(CHANNELS)}.")
    made: Channel = import_module(CHANNELS[name]).make()
    return made

"""The ways to pay, each loaded when it is first needed."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from amends.recover.payouts.connector import Connector

CONNECTORS: Final[Mapping[str, str]] = {
    "bank_file": "amends.recover.payouts.bank_file",
    "webhook": "amends.recover.payouts.webhook",
    "email_voucher": "amends.recover.payouts.email_voucher",
}


class UnknownConnector(LookupError):
    """No way to pay of that name is known."""


@cache
def connector(name: str) -> Connector:
    """The way to pay of that name.

    Raises:
        UnknownConnector: there is none.
    """
    if name not in CONNECTORS:
        raise UnknownConnector(f"There is no way to pay {name!r}; there are: {', '.join(CONNECTORS)}.")
    made: Connector = import_module(CONNECTORS[name]).make()
    return made

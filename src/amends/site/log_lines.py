"""A line of the log, without the keys that stand in addresses.

The address of a customer's page opens that page for good, a sign-in link and one to a new password each sign somebody
in; Django logs the address of whatever it turns away. What a line says of an error is looked through, too.
"""

import logging
import re
from typing import Final

KEYS: Final = re.compile(r"((?:/mine|/accounts/link|/accounts/password/reset/key)/+\s*)[^/\s]+")


class WithoutKeys(logging.Formatter):
    """Writes records as usual, with stars where a key was."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole text of a record: message, error and stack."""
        return KEYS.sub(r"\1***", super().format(record))

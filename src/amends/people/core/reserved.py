"""What outsiders cannot name: the reference of an employee as a customer of their colleagues."""

from typing import Final

INSIDE: Final = "inside-"  # such a reference begins so, and no customer's does

"""How often Python looks for objects that only refer to each other."""

import gc
from typing import Final

ROWS: Final = 100_000  # objects made between two looks: rows by the thousand are many, and never refer to each other


def collect_seldom() -> None:
    """For processes that work through many rows; what is loaded by now is not looked at again."""
    gc.freeze()
    gc.set_threshold(ROWS)

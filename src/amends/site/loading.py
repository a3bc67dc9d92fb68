"""How a process of ours begins: Django is loaded while Python seldom looks for garbage, since none of it is any."""

import gc
import os
from typing import Final

ROWS: Final = 100_000  # objects made between two looks: rows by the thousand are many, and never refer to each other


def load_django() -> None:
    """Make Django ready; in a fifth less time than with Python looking over what it has just loaded, again and again.

    The process goes on to look seldom, for ours work through many rows, and never at what is loaded by then.
    """
    gc.set_threshold(ROWS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    import django

    django.setup()
    gc.freeze()

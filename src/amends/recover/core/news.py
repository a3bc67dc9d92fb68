"""Automatic news that promise the next: each of them is an action of its own, named after the one that began it."""

from datetime import datetime, timedelta
from typing import Final

from amends.recover.core.step_names import REPEAT, base

AHEAD: Final = timedelta(hours=1)  # of the time at which the clock would be at risk


def next_step(step: str, *, most: int) -> str | None:
    """The step that keeps what this one promised; None: it was kept automatically so often that people go on."""
    first, _, times = base(step).partition(REPEAT)
    number = int(times or 0) + 1
    return None if number > most else f"{first}{REPEAT}{number}"


def ready_at(promised_at: datetime, warn_at: datetime) -> datetime:
    """When the next news are due to go out: shortly before the clock of the promise would warn somebody."""
    return warn_at - min(AHEAD, max(timedelta(0), warn_at - promised_at) / 4)

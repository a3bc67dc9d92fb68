"""Automatic news that promise the next: each of them is an action of its own, named after the one that began it."""

from datetime import datetime, timedelta
from typing import Final

REPEAT: Final = "+"  # between the step of the playbook and how often its promise was kept
AHEAD: Final = timedelta(hours=1)  # of the time at which the clock would be at risk


def next_step(step: str, *, most: int) -> str | None:
    """The step that keeps what this one promised; None: it was kept automatically so often that people go on."""
    first, _, times = _own(step).partition(REPEAT)
    number = int(times or 0) + 1
    return None if number > most else f"{first}{REPEAT}{number}"


def begun_by(step: str) -> str:
    """The step of the playbook that began it; of any other step, itself."""
    return _own(step).partition(REPEAT)[0] if REPEAT in step else step


def _own(step: str) -> str:
    """Without what a merge or an undo has put behind it."""
    return step.partition("@")[0]


def ready_at(promised_at: datetime, warn_at: datetime) -> datetime:
    """When the next news are due to go out: shortly before the clock of the promise would warn somebody."""
    return warn_at - min(AHEAD, max(timedelta(0), warn_at - promised_at) / 4)

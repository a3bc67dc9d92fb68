"""Incidents: the lifecycle, and which failures have one cause.

Failures of one subject are one incident. Subjects of the same unit whose first failures fall into the same window of
time, belong to the same step of the process and have the same party responsible are one incident too. The key says so
by itself, so whoever joins late finds the same incident. What a person says of it (confirm, merge, split) lies on top:
the incident that a failure was born into stays, since its cases rest on it, and `joined` or `merged_into` says in which
one it counts.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

WINDOW: Final = timedelta(hours=1)  # of the clock; how far apart first failures of one cause may start

LIFECYCLE: Final = Lifecycle(
    name="incident",
    initial="open",
    moves={
        "open": {"respond": "responding", "end": "ended", "merge": "merged"},
        "responding": {"end": "ended", "merge": "merged"},
        "ended": {"recur": "responding", "merge": "merged"},
        "merged": {"part": "responding"},
    },
    state_labels={
        "open": Localised(en="Open", zh="进行中"),
        "responding": Localised(en="Being put right", zh="补救中"),
        "ended": Localised(en="Ended", zh="已结束"),
        "merged": Localised(en="Merged", zh="已合并"),
    },
    move_labels={
        "respond": Localised(en="Start the response", zh="开始应对"),
        "end": Localised(en="End", zh="结束"),
        "recur": Localised(en="Goes on", zh="再次发生"),
        "merge": Localised(en="Merge", zh="合并"),
        "part": Localised(en="Part again", zh="取消合并"),
    },
)


def incident_key(
    *, subject: str, unit: str | None, step: str, responsible: str, first_at: datetime, window: timedelta = WINDOW
) -> str:
    """What the failures of one incident share.

    Args:
        subject: what failed; alone it makes the key where no unit is known.
        unit: code of the unit.
        step: of the process, in which the subject's first failure lies; a wrong charge and a late departure have
            nothing in common but place and time.
        responsible: the party responsible for the subject's first failure, as in the taxonomy.
        first_at: when the subject's first failure was found; aware.
        window: length of the windows that time is cut into, counted from 1970-01-01T00:00Z.
    """
    if unit is None:
        return f"subject/{subject}"
    return f"unit/{unit}/{step}/{responsible}/{window_start(first_at, window).astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def window_start(at: datetime, window: timedelta = WINDOW) -> datetime:
    """When the window of time began into which a moment falls."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // window * window

"""A standard that matches everything: from a limit of findings a minute on it is held, until a person lets it go on.

Findings come in the order of their time from batch to batch, so the count of the last minute is all that is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

GUARD: Final = Lifecycle(
    name="guard",
    initial="watching",
    moves={"watching": {"hold": "held"}, "held": {"resume": "watching"}},
    state_labels={
        "watching": Localised(en="Runs", zh="运行中"),
        "held": Localised(en="Held", zh="已暂停"),
    },
    move_labels={
        "hold": Localised(en="Hold", zh="暂停"),
        "resume": Localised(en="Go on", zh="恢复"),
    },
)


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many findings a standard has made in its latest minute."""

    minute: datetime | None = None
    findings: int = 0


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A batch counted: the new count, and the place of the first finding beyond the limit, if there is one."""

    count: Count
    beyond: int | None
    most: int  # in any one minute


def count_on(before: Count, times: Sequence[datetime], *, limit: int) -> Counted:
    """Count on from an earlier batch.

    Args:
        before: what was counted until then.
        times: when each finding of the batch was made, in order.
        limit: findings a minute.
    """
    minute, findings, beyond, most = before.minute, before.findings, None, 0
    for place, at in enumerate(times):
        mine = at.replace(second=0, microsecond=0)
        if mine != minute:
            minute, findings = mine, 0
        findings += 1
        most = max(most, findings)
        if findings > limit and beyond is None:
            beyond = place
    return Counted(count=Count(minute=minute, findings=findings), beyond=beyond, most=most)

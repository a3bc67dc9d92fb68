"""Clocks: the deadlines that a case's playbook promises, and the lifecycle of each (Law 6).

A clock runs in the business time of its calendar from the moment the failure was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amends.kernel.blueprint.parts import ClockKind, ClockRule, Clocks, DueRule
from amends.kernel.business_time import Calendar
from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

CLOCK_KINDS: Final[tuple[ClockKind, ...]] = ("acknowledge", "inform", "resolve", "follow_up")

CLOCK: Final = Lifecycle(
    name="clock",
    initial="running",
    moves={
        "running": {"meet": "met", "meet_late": "met_late", "miss": "missed", "stop": "stopped"},
        "missed": {"meet_late": "met_late", "stop": "stopped", "restart": "running"},
        "met": {"restart": "running"},
        "met_late": {"restart": "running"},
        "stopped": {"restart": "running"},
    },
    state_labels={
        "running": Localised(en="Running", zh="计时中"),
        "missed": Localised(en="Missed", zh="已超时"),
        "met": Localised(en="Met", zh="按时完成"),
        "met_late": Localised(en="Met late", zh="逾期完成"),
        "stopped": Localised(en="Stopped", zh="已停止"),
    },
    move_labels={
        "meet": Localised(en="Meet", zh="按时完成"),
        "meet_late": Localised(en="Meet late", zh="逾期完成"),
        "miss": Localised(en="Miss", zh="超时"),
        "stop": Localised(en="Stop", zh="停止"),
        "restart": Localised(en="Restart", zh="重新计时"),
    },
)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One clock of a case, its time worked out."""

    kind: ClockKind
    due_at: datetime
    owner: str  # role
    escalate_to: str  # role


def due_time(rule: ClockRule | DueRule, started_at: datetime, calendars: Mapping[str, Calendar]) -> datetime:
    """When `rule.within` of its calendar's business time has passed; "always" needs no entry in `calendars`."""
    if rule.calendar == "always":
        return started_at + rule.within
    return calendars[rule.calendar].add(started_at, rule.within)


def deadlines(clocks: Clocks, started_at: datetime, calendars: Mapping[str, Calendar]) -> tuple[Deadline, ...]:
    """All four clocks of a playbook for a failure found at `started_at`."""
    rules: dict[ClockKind, ClockRule] = {
        "acknowledge": clocks.acknowledge,
        "inform": clocks.inform,
        "resolve": clocks.resolve,
        "follow_up": clocks.follow_up,
    }
    return tuple(
        Deadline(
            kind=kind,
            due_at=due_time(rule, started_at, calendars),
            owner=rule.owner,
            escalate_to=rule.escalate_to,
        )
        for kind, rule in rules.items()
    )

"""Clocks: the deadlines of a case, and the lifecycle of each (Law 6).

Four come with the playbook and run, in the business time of their calendar, from the moment the failure was found. Each
further promise of news is a clock of its own, and so is each step of the ladder. A clock that is paused keeps what is
left of its business time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amends.kernel.blueprint.parts import ClockKind, ClockRule, Clocks, DueRule, LadderStep
from amends.kernel.business_time import ALWAYS, Calendar
from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

CLOCK_KINDS: Final[tuple[ClockKind, ...]] = ("acknowledge", "inform", "resolve", "follow_up")

CLOCK: Final = Lifecycle(
    name="clock",
    initial="running",
    moves={
        "running": {
            "meet": "met",
            "meet_late": "met_late",
            "miss": "missed",
            "pause": "paused",
            "stop": "stopped",
        },
        "paused": {"meet": "met", "resume": "running", "restart": "running", "stop": "stopped"},
        "missed": {"meet_late": "met_late", "stop": "stopped", "restart": "running"},
        "met": {"restart": "running"},
        "met_late": {"restart": "running"},
        "stopped": {"restart": "running"},
    },
    state_labels={
        "running": Localised(en="Running", zh="计时中"),
        "paused": Localised(en="Paused", zh="已暂停"),
        "missed": Localised(en="Missed", zh="已超时"),
        "met": Localised(en="Met", zh="按时完成"),
        "met_late": Localised(en="Met late", zh="逾期完成"),
        "stopped": Localised(en="Stopped", zh="已停止"),
    },
    move_labels={
        "meet": Localised(en="Meet", zh="按时完成"),
        "meet_late": Localised(en="Meet late", zh="逾期完成"),
        "miss": Localised(en="Miss", zh="超时"),
        "pause": Localised(en="Pause", zh="暂停"),
        "resume": Localised(en="Resume", zh="继续计时"),
        "stop": Localised(en="Stop", zh="停止"),
        "restart": Localised(en="Restart", zh="重新计时"),
    },
)


OPEN: Final = ("running", "paused", "missed")  # what it promises is still owed
TICKING: Final = ("running", "missed")  # something may yet come of mere time
CLOCK_WORDS: Final[Mapping[str, Localised]] = {
    "acknowledge": Localised(en="acknowledge the failure", zh="确认失误"),
    "inform": Localised(en="tell the customer how things stand", zh="告知进展"),
    "resolve": Localised(en="put it right", zh="完成补救"),
    "follow_up": Localised(en="follow up", zh="回访"),
    "ladder": Localised(en="answer the objection", zh="答复顾客异议"),
}
PAUSES: Final = frozenset({"resolve", "follow_up", "ladder"})  # while we wait for the customer, unless the pack differs


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One clock of a case, its time worked out."""

    kind: ClockKind
    due_at: datetime
    warn_at: datetime  # from then on it is at risk
    owner: str  # role
    escalate_to: str  # role


def calendar_of(name: str, calendars: Mapping[str, Calendar]) -> Calendar:
    """The calendar of that name; "always" needs no entry."""
    return ALWAYS if name == "always" else calendars[name]


def warn_time(started_at: datetime, due_at: datetime, calendar: Calendar, *, warn: timedelta | None = None) -> datetime:
    """When a clock begins to be at risk: `warn` of business time before it is due, or when a quarter of it is left."""
    whole = calendar.elapsed(started_at, due_at)
    if whole <= timedelta(0):
        return due_at
    before = warn if warn is not None and warn < whole else whole / 4
    return calendar.add(started_at, whole - before)


def pauses(kind: str, rule: ClockRule | None) -> bool:
    """Whether a clock stands still while we wait for the customer."""
    return kind in PAUSES if rule is None or rule.pauses is None else rule.pauses


def left(now: datetime, due_at: datetime, calendar: Calendar) -> timedelta:
    """The business time that a clock still has, to be kept while it is paused."""
    return max(timedelta(0), calendar.elapsed(now, due_at))


def due_again(remaining: timedelta, now: datetime, calendar: Calendar) -> datetime:
    """When a clock that goes on now is due: business time that ran before the pause is not given again."""
    return calendar.add(now, remaining)


def next_news(rule: ClockRule, at: datetime, calendars: Mapping[str, Calendar]) -> datetime | None:
    """By when automatic news sent at `at` promise the next ones; None: they promise none."""
    return None if rule.again is None else calendar_of(rule.calendar, calendars).add(at, rule.again)


def due_time(
    rule: ClockRule | DueRule | LadderStep, started_at: datetime, calendars: Mapping[str, Calendar]
) -> datetime:
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
            due_at=due,
            warn_at=warn_time(started_at, due, calendar_of(rule.calendar, calendars), warn=rule.warn),
            owner=rule.owner,
            escalate_to=rule.escalate_to,
        )
        for kind, rule in rules.items()
        for due in [due_time(rule, started_at, calendars)]
    )

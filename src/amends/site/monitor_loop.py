"""The monitor process: it takes the signals that came, and each second it lets time break promises.

Signals are looked for more often than that; and where standards allow them to be late by less than a second, time
is let move on as soon as the newest is certain. So what fails is on the live board about a second after it was told.
"""

import signal
import sys
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from amends.site.loading import load_django

if TYPE_CHECKING:  # Django is set up only when this process runs
    from amends.site.ring import Watch

LOOK = 0.25  # seconds between two looks for signals
TICK = 1.0  # seconds
SWEEP_EVERY = 5  # ticks between two looks at the clocks and at the approvals
BUDGETS_EVERY = 60  # ticks between two looks for units without this month's budget


def watch(stop: Event) -> None:
    """Turn the ring until stopped, or until another version of the blueprint is in force."""
    from django.db import close_old_connections

    from amends.policy.present import present
    from amends.site.inbox import inbox_watched
    from amends.site.ring import Watch

    with Watch.of_deployment() as monitor, inbox_watched():
        ticks, pause, ticked_at = 0, LOOK, datetime.min.replace(tzinfo=UTC)
        while not stop.wait(pause):
            close_old_connections()
            now = present()
            monitor.turn(now=now)
            pause = _until_tick(monitor, ticked_at, now=now)
            if pause > 0:
                continue
            if not monitor.is_current():
                break
            monitor.tick(now=now)
            ticked_at, pause = now, LOOK
            look_after(ticks, now=now)
            ticks += 1


def look_after(ticks: int, *, now: datetime) -> None:
    """What else time brings, at so many ticks: clocks and approvals that are due, budgets of a new month."""
    from amends.monitor.services import measure_clocks
    from amends.recover.services import keep_blueprint_budgets, sweep_approvals, sweep_clocks

    if ticks % SWEEP_EVERY == 0:
        sweep_clocks(now=now)
        sweep_approvals(now=now)
        measure_clocks(now=now)
    if ticks % BUDGETS_EVERY == 0:
        keep_blueprint_budgets(now=now)


def _until_tick(monitor: "Watch", ticked_at: datetime, *, now: datetime) -> float:
    """Seconds to wait, a look at most, before the next tick may be due; 0: it is."""
    left = ticked_at + timedelta(seconds=TICK) - now
    certain = monitor.certain_in(now=now)
    if certain is not None:
        left = min(left, certain)
    return min(LOOK, max(0.0, left.total_seconds()))


def watch_when_free(stop: Event) -> None:
    """Watch as soon as no other process does; of several replicas one watches and the others stand by."""
    from amends.site.ring import MonitorBusy

    said = False
    while not stop.is_set():
        try:
            return watch(stop)
        except MonitorBusy as busy:
            if not said:
                print(f"The monitor stands by: {busy}", file=sys.stderr)  # noqa: T201 -- the process's own words
                said = True
            stop.wait(2 * TICK)
    return None


def wait_for_set_up(stop: Event) -> bool:
    """Wait until `amends init` or `amends demo` has set this database up; False if stopped before."""
    from django.db import DatabaseError

    from amends.policy.selectors import NotSetUp, deployment, version_in_force

    said = False
    while not stop.is_set():
        try:
            version_in_force(deployment().blueprint_name)
        except (NotSetUp, DatabaseError) as waiting_for:
            if not said:
                print(f"The monitor waits: {waiting_for}", file=sys.stderr)  # noqa: T201 -- the process's own words
                said = True
            stop.wait(2 * TICK)
        else:
            return True
    return False


def main() -> None:
    """`python -m amends.site.monitor_loop`."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    load_django()
    while wait_for_set_up(stop):
        watch_when_free(stop)


if __name__ == "__main__":
    main()

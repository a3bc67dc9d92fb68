"""How services hand work to the jobs: by name and within their own transaction, so that work and reason are committed
together."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from procrastinate.contrib.django import app

CHUNK = 2_000  # actions a job
INCIDENTS = 25  # a job
WATCHED = 100  # incidents a job, whose customers are watched in one statement

RECOVER: Final = "recover"  # queue
FIRST: Final = 10  # priority of what all else waits for

OPEN_CASES = "recover.open_cases"
CARRY_OUT = "recover.carry_out"
TELL_AFFECTED = "recover.tell_affected"
CARRY_OUT_BULK = "recover.carry_out_bulk"
WATCH = "recover.watch"
SEND_BATCH = "recover.send_batch"


def defer_open_cases(incident_ids: Sequence[int], *, now: datetime) -> None:
    """Have the cases opened that these incidents call for, as of now."""
    if incident_ids:
        # one at a time: openings would wait for each other at the incidents that they share
        app.configure_task(OPEN_CASES, queue=RECOVER, lock=OPEN_CASES, priority=FIRST).defer(
            incident_ids=list(incident_ids), now=now.isoformat()
        )


def defer_carry_out(ranges: Iterable[tuple[int, int]]) -> None:
    """Have the ready automatic actions within these ranges of ids carried out: lowest and highest id of each."""
    jobs = [{"first": first, "last": last} for first, last in ranges]
    if jobs:
        app.configure_task(CARRY_OUT, queue=RECOVER).batch_defer(*jobs)


def defer_tell_affected(incident_ids: Iterable[int]) -> None:
    """Have those told whom these incidents hit lightly."""
    wanted = list(incident_ids)
    jobs = [{"incident_ids": wanted[start : start + INCIDENTS]} for start in range(0, len(wanted), INCIDENTS)]
    if jobs:
        app.configure_task(TELL_AFFECTED, queue=RECOVER).batch_defer(*jobs)


def defer_watch(incident_ids: Iterable[int]) -> None:
    """Have the customers whose cases these incidents opened handled with care."""
    wanted = list(incident_ids)
    jobs = [{"incident_ids": wanted[start : start + WATCHED]} for start in range(0, len(wanted), WATCHED)]
    if jobs:
        app.configure_task(WATCH, queue=RECOVER).batch_defer(*jobs)


def defer_bulk(run_id: int) -> None:
    """Have some rows of a run carried out."""
    app.configure_task(CARRY_OUT_BULK, queue=RECOVER).defer(run_id=run_id)


def defer_send_batch(batch_ids: Iterable[int]) -> None:
    """Have these batches of payouts handed over, each in a job of its own."""
    jobs = [{"batch_id": batch_id} for batch_id in batch_ids]
    if jobs:
        app.configure_task(SEND_BATCH, queue=RECOVER).batch_defer(*jobs)

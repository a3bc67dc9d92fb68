"""How services hand work to the jobs: by name and within their own transaction, so that work and reason are committed
together."""

from collections.abc import Iterable

from procrastinate.contrib.django import app

CHUNK = 2_000  # actions, or messages to the lightly hit of an incident, a job
INCIDENTS = 25  # a job; each is told in a transaction of its own

CARRY_OUT = "recover.carry_out"
TELL_AFFECTED = "recover.tell_affected"
CARRY_OUT_BULK = "recover.carry_out_bulk"


def defer_carry_out(ranges: Iterable[tuple[int, int]]) -> None:
    """Have the ready automatic actions within these ranges of ids carried out."""
    jobs = [{"first": first, "last": last} for first, last in ranges]
    if jobs:
        app.configure_task(CARRY_OUT, queue="recover").batch_defer(*jobs)


def defer_tell_affected(incident_ids: Iterable[int]) -> None:
    """Have those told whom these incidents hit lightly."""
    wanted = list(incident_ids)
    jobs = [{"incident_ids": wanted[start : start + INCIDENTS]} for start in range(0, len(wanted), INCIDENTS)]
    if jobs:
        app.configure_task(TELL_AFFECTED, queue="recover").batch_defer(*jobs)


def defer_bulk(run_id: int) -> None:
    """Have some rows of a run carried out."""
    app.configure_task(CARRY_OUT_BULK, queue="recover").defer(run_id=run_id)

"""Jobs of recovery: thin, immediate, in chunks. A job that was killed did nothing or all of its chunk, and is done
again."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amends.policy.models import Deployment
from amends.policy.present import present
from amends.policy.selectors import deployment
from amends.recover.queue import (
    CARRY_OUT,
    CARRY_OUT_BULK,
    TELL_AFFECTED,
    defer_bulk,
    defer_carry_out,
    defer_tell_affected,
)
from amends.recover.services.assigning import assign_waiting
from amends.recover.services.bulk import carry_out_bulk
from amends.recover.services.carrying_out import carry_out
from amends.recover.services.merging import settle_merged
from amends.recover.services.presence import sweep_presence
from amends.recover.services.responding import tell_affected

AGAIN = RetryStrategy(max_attempts=20, exponential_wait=2)


@app.task(name=CARRY_OUT, queue="recover", retry=AGAIN)
def carry_out_chunk(first: int, last: int) -> None:
    """Do the ready automatic actions of a range; what is left, because somebody works on those cases, in another
    job."""
    outcome = carry_out(first, last, now=present(), as_of_ready=deployment().kind == Deployment.Kind.DEMO)
    if outcome.left:
        defer_carry_out([(first, last)])


@app.task(name=TELL_AFFECTED, queue="recover", retry=AGAIN)
def tell_affected_chunk(incident_ids: list[int]) -> None:
    """Tell those whom these incidents hit lightly, a chunk of each; who is left, in another job."""
    as_of_found = deployment().kind == Deployment.Kind.DEMO
    told = {
        incident_id: tell_affected(incident_id, now=present(), as_of_found=as_of_found) for incident_id in incident_ids
    }
    defer_tell_affected(incident_id for incident_id, outcome in told.items() if outcome.left)


@app.task(name=CARRY_OUT_BULK, queue="recover", retry=AGAIN)
def carry_out_bulk_chunk(run_id: int) -> None:
    """Do some rows of an act on many cases; what is left in another job."""
    if carry_out_bulk(run_id, now=present()):
        defer_bulk(run_id)


@app.periodic(cron="* * * * *")
@app.task(name="recover.tidy_desk", queue="recover", queueing_lock="recover.tidy_desk", pass_context=False)
def tidy_desk_each_minute(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """What waits for somebody finds somebody; what joined a merged case goes where that went."""
    now = present()
    settle_merged(now=now)
    assign_waiting(now=now)
    sweep_presence(now=now)


def retry_stalled(*, silent_for: timedelta = timedelta(seconds=30)) -> int:
    """Take up again the jobs of workers that were killed, known by their silence; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select job.id from procrastinate_jobs as job
            left join procrastinate_workers as worker on worker.id = job.worker_id
            where job.status = 'doing' and (worker.id is null or worker.last_heartbeat < now() - %s)
            """,
            [silent_for],
        )
        stalled = [row[0] for row in cursor.fetchall()]
    for job_id in stalled:
        app.job_manager.retry_job_by_id(job_id, retry_at=timezone.now())
    return len(stalled)


@app.periodic(cron="* * * * *")
@app.task(name="recover.retry_stalled", queue="recover", queueing_lock="recover.retry_stalled", pass_context=False)
def retry_stalled_each_minute(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Every worker looks after the others."""
    retry_stalled()

"""Jobs of recovery: thin, immediate, in chunks. A job that was killed did nothing or all of its chunk, and is done
again."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from amends.channels.services import CHANNELS, UNDELIVERED
from amends.policy.models import Deployment
from amends.policy.present import present
from amends.policy.selectors import deployment
from amends.policy.trying_again import AGAIN, ASIDE
from amends.recover.files import sweep_orphans
from amends.recover.queue import (
    CARRY_OUT,
    CARRY_OUT_BULK,
    OPEN_CASES,
    RECOVER,
    SEND_BATCH,
    TELL_AFFECTED,
    WATCH,
    defer_bulk,
    defer_carry_out,
    defer_open_cases,
    defer_tell_affected,
)
from amends.recover.services.assigning import assign_waiting
from amends.recover.services.bulk import carry_out_bulk
from amends.recover.services.carrying_out import carry_out
from amends.recover.services.looking import reckon_peers
from amends.recover.services.merging import settle_merged
from amends.recover.services.opening import open_cases
from amends.recover.services.presence import sweep_presence
from amends.recover.services.reconciling import reconcile
from amends.recover.services.responding import tell_affected
from amends.recover.services.settling import order_payouts, send_batch
from amends.recover.services.succeeding import follow_circles
from amends.recover.services.supporting import sweep_support
from amends.recover.services.undelivered import call_undelivered
from amends.recover.services.vouchers import expire_vouchers
from amends.recover.services.watching import watch_failed


@app.task(name=OPEN_CASES, queue=RECOVER, retry=ASIDE, pass_context=True)
def open_cases_of(context: JobContext, incident_ids: list[int], now: str) -> None:
    """Open or extend the cases of incidents that failures have joined, as of then.

    Where that failed it is tried in halves, so that one incident that cannot be opened ends by itself.
    """
    as_of, half = datetime.fromisoformat(now), len(incident_ids) // 2
    if context.job.attempts and half:
        with transaction.atomic():
            for part in (incident_ids[:half], incident_ids[half:]):
                defer_open_cases(part, now=as_of)
        return
    open_cases(incident_ids, now=as_of)


@app.task(name=CARRY_OUT, queue=RECOVER, retry=AGAIN)
def carry_out_chunk(first: int, last: int) -> None:
    """Do the ready automatic actions of a range; what is left, because somebody works on those cases, in another
    job."""
    outcome = carry_out(first, last, now=present(), as_of_ready=deployment().kind == Deployment.Kind.DEMO)
    if outcome.left:
        defer_carry_out([(first, last)])


@app.task(name=TELL_AFFECTED, queue=RECOVER, retry=AGAIN)
def tell_affected_chunk(incident_ids: list[int]) -> None:
    """Tell those whom these incidents hit lightly, a chunk of each; who is left, in another job."""
    as_of_found = deployment().kind == Deployment.Kind.DEMO
    defer_tell_affected(tell_affected(incident_ids, now=present(), as_of_found=as_of_found).left)


@app.task(name=UNDELIVERED, queue=CHANNELS, retry=AGAIN)
def call_undelivered_of(ids: list[int]) -> None:
    """What we wrote and what never arrived is told by telephone."""
    call_undelivered(ids, now=present())


@app.task(name=WATCH, queue=RECOVER, retry=AGAIN)
def watch_chunk(incident_ids: list[int]) -> None:
    """Have those whom these incidents failed handled with care for as long as the pack says."""
    watch_failed(incident_ids, now=present())


@app.periodic(cron="23 * * * *")
@app.task(name="recover.reckon_peers", queue=RECOVER, queueing_lock="recover.reckon_peers", pass_context=False)
def reckon_peers_each_hour(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """What like customers claim, for whoever looks at a claim."""
    reckon_peers(now=present())


@app.task(name=CARRY_OUT_BULK, queue=RECOVER, retry=AGAIN)
def carry_out_bulk_chunk(run_id: int) -> None:
    """Do some rows of an act on many cases; what is left in another job."""
    if carry_out_bulk(run_id, now=present()):
        defer_bulk(run_id)


@app.task(name=SEND_BATCH, queue=RECOVER, retry=AGAIN)
def send_payout_batch(batch_id: int) -> None:
    """Hand a batch of payouts over, under its own key however often that takes."""
    send_batch(batch_id, now=present())


@app.periodic(cron="*/5 * * * *")
@app.task(name="recover.order_payouts", queue=RECOVER, queueing_lock="recover.order_payouts", pass_context=False)
def order_payouts_often(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """What is owed leaves in batches."""
    while order_payouts(now=present()):
        pass


@app.periodic(cron="41 * * * *")
@app.task(name="recover.expire_vouchers", queue=RECOVER, queueing_lock="recover.expire_vouchers", pass_context=False)
def expire_vouchers_each_hour(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Vouchers that ran out are worth nothing any more, and the books say so."""
    while expire_vouchers(now=present()):
        pass


@app.periodic(cron="11 3 * * *")
@app.task(name="recover.reconcile", queue=RECOVER, queueing_lock="recover.reconcile", pass_context=False)
def reconcile_each_day(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """The books against what happened, once a day."""
    reconcile(now=present())


@app.periodic(cron="* * * * *")
@app.task(name="recover.tidy_desk", queue=RECOVER, queueing_lock="recover.tidy_desk", pass_context=False)
def tidy_desk_each_minute(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """What waits for somebody finds somebody; what joined a merged case goes where that went."""
    now = present()
    settle_merged(now=now)
    assign_waiting(now=now)
    sweep_presence(now=now)
    while follow_circles(now=now):
        pass
    while sweep_support(now=now):
        pass


def retry_stalled(*, silent_for: timedelta = timedelta(seconds=30)) -> int:
    """Take up again the jobs of workers that are gone; how many.

    A worker is known to be gone by its silence, or at once when the database was started after it was last heard of:
    no worker outlives its connection. A periodic job that is queued once more by now is not done twice; the place
    that it left is free for the next.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            select job.id, job.queueing_lock from procrastinate_jobs as job
            left join procrastinate_workers as worker on worker.id = job.worker_id
            where job.status = 'doing' and (
                worker.id is null or worker.last_heartbeat < greatest(now() - %s, pg_postmaster_start_time())
            )
            order by job.id for update of job skip locked
            """,
            [silent_for],
        )
        stalled = cursor.fetchall()
        cursor.execute("select queueing_lock from procrastinate_jobs where status = 'todo' and queueing_lock <> ''")
        queued = {lock for (lock,) in cursor.fetchall()}
        for job_id, lock in stalled:
            if lock in queued:
                cursor.execute("select procrastinate_finish_job_v1(%s, 'aborted', true)", [job_id])
                continue
            app.job_manager.retry_job_by_id(job_id, retry_at=timezone.now())
            if lock is not None:
                queued.add(lock)
    return len(stalled)


@app.periodic(cron="* * * * *")
@app.task(name="recover.retry_stalled", queue=RECOVER, queueing_lock="recover.retry_stalled", pass_context=False)
def retry_stalled_each_minute(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Every worker looks after the others."""
    retry_stalled()


@app.periodic(cron="17 * * * *")
@app.task(name="recover.sweep_orphans", queue=RECOVER, queueing_lock="recover.sweep_orphans", pass_context=False)
def sweep_orphans_each_hour(timestamp: int) -> None:
    """Delete the files of attachments that no case has."""
    sweep_orphans(older_than=timestamp - 3600)

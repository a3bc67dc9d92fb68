"""Jobs of the monitor: thin, in chunks. A job that was killed left whole chunks, and goes on behind them."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amends.monitor.queue import MONITOR, TAKE_UPLOAD, defer_upload
from amends.monitor.services.uploads import sweep_uploads, take_upload
from amends.policy.present import present

AGAIN = RetryStrategy(max_attempts=20, exponential_wait=2)


@app.task(name=TAKE_UPLOAD, queue=MONITOR, retry=AGAIN)
def take_upload_chunks(file_id: int) -> None:
    """Take in some rows of an upload; what is left in another job."""
    left = take_upload(file_id, now_of=present)
    if left is not None:
        defer_upload(file_id, wait=left)


@app.periodic(cron="41 * * * *")
@app.task(name="monitor.sweep_uploads", queue=MONITOR, queueing_lock="monitor.sweep_uploads", pass_context=False)
def sweep_uploads_each_hour(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Throw away what was uploaded and never taken in."""
    sweep_uploads(now=present())

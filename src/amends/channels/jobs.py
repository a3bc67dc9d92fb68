"""Jobs of the channels wing. A job that fails is tried again: the channel being down loses nothing."""

from typing import Final

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from amends.channels.services import CHANNELS, DELIVER, NotYet, deliver, give_up
from amends.policy.present import present

MOST: Final = 20  # times that it is tried again, over twelve days


@app.task(name=DELIVER, queue=CHANNELS, retry=RetryStrategy(max_attempts=MOST, exponential_wait=2), pass_context=True)
def deliver_messages(context: JobContext, ids: list[int]) -> None:
    """Send these messages, as far as they are still queued; what was tried often enough has failed."""
    try:
        deliver(ids, now=present())
    except NotYet:
        if context.job.attempts < MOST:
            raise
        give_up(ids)

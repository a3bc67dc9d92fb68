"""Jobs of the channels wing. A job that fails is tried again: the channel being down loses nothing."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from amends.channels.services import CHANNELS, DELIVER, NotYet, deliver, give_up
from amends.policy.present import present
from amends.policy.trying_again import AGAIN, MOST


@app.task(name=DELIVER, queue=CHANNELS, retry=AGAIN, pass_context=True)
def deliver_messages(context: JobContext, ids: list[int]) -> None:
    """Send these messages, as far as they are still queued; what was tried often enough has failed."""
    try:
        deliver(ids, now=present())
    except NotYet:
        if context.job.attempts < MOST:
            raise
        give_up(ids)

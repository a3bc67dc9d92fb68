"""Jobs of the channels wing. A job that fails is tried again: the channel being down loses nothing."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amends.channels.services import CHANNELS, DELIVER, deliver
from amends.policy.present import present


@app.task(name=DELIVER, queue=CHANNELS, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def deliver_messages(ids: list[int]) -> None:
    """Send these messages, as far as they are still queued."""
    deliver(ids, now=present())

"""When a job that failed is tried again, and what becomes of those that wait behind it."""

from typing import Final

from procrastinate import RetryStrategy
from procrastinate.jobs import Job
from procrastinate.retry import RetryDecision

MOST: Final = 20  # times that it is tried again, over twelve days: 2, 4, 8 … seconds later
AGAIN: Final = RetryStrategy(max_attempts=MOST, exponential_wait=2)


class SteppingAside(RetryStrategy):
    """Tried again as any other, and holds up nobody until then.

    Of the jobs with one lock the oldest goes first, also when it has failed and waits to be tried again. Here it goes
    on under a lock of its own, so such a job must do no harm beside another of its kind: the lock spares them waiting
    for each other, no more.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """As its kind says, under a lock of its own."""
        decision = super().get_retry_decision(exception=exception, job=job)
        if decision is not None:
            decision.lock = f"{job.task_name}.{job.id}"
        return decision


ASIDE: Final = SteppingAside(max_attempts=MOST, exponential_wait=2)

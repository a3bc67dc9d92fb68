"""The worker process: does the jobs that services enqueued, and those that a killed worker left behind."""

import argparse
import logging
import time

from amends.site.loading import load_django

CONCURRENCY = 1  # jobs are chunks of database work; more workers are more processes
DATABASE_AWAY = 5.0  # seconds; then the worker ends, to be started again by whoever looks after it

log = logging.getLogger(__name__)


def work(*, until_idle: bool = False) -> None:
    """Do jobs until stopped, or until none is left."""
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    from amends.recover.jobs import retry_stalled

    retry_stalled()
    # Only fetching jobs needs a connection of its own. What a job's services enqueue goes through `app` and so through
    # Django's connection, into their transaction: else another worker may take it up before what it is about is there.
    fetching = app.with_connector(PsycopgConnector(kwargs=connector_params(), timeout=DATABASE_AWAY))
    fetching.run_worker(
        wait=not until_idle,
        concurrency=CONCURRENCY,
        delete_jobs="successful",  # what was done is in the rows; a long table of old jobs would slow the queue
        install_signal_handlers=True,
    )


def wait_until_set_up() -> None:
    """Until `amends init` or `amends demo` was run: before, each periodic job would fail, minute by minute."""
    from amends.policy.selectors import NotSetUp, deployment

    said = False
    while True:
        try:
            deployment()
        except NotSetUp as error:
            if not said:
                log.warning("%s Until then the worker waits.", error)
            said = True
            time.sleep(1)
        else:
            return


def main() -> None:
    """`python -m amends.site.worker`."""
    parser = argparse.ArgumentParser(prog="amends worker", description=__doc__)
    parser.add_argument("--until-idle", action="store_true", help="stop when no job is left")
    given = parser.parse_args()
    load_django()
    if not given.until_idle:
        wait_until_set_up()
    work(until_idle=given.until_idle)


if __name__ == "__main__":
    from amends.site import worker  # noqa: PLW0406 -- by its name: Procrastinate warns of an app made in `__main__`

    worker.main()

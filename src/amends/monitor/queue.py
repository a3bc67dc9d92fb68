"""How services of the monitor hand work to the jobs: by name, in their own transaction, behind what cases wait for."""

from typing import Final

from procrastinate.contrib.django import app

MONITOR: Final = "monitor"  # queue
BEHIND: Final = -10  # priority

TAKE_UPLOAD: Final = "monitor.take_upload"
BACKTEST: Final = "monitor.backtest"
TRAIN: Final = "monitor.train"


def defer_upload(file_id: int, *, wait: int = 0) -> None:
    """Have some rows of an upload taken in, in so many seconds; one job of an upload at a time."""
    app.configure_task(
        TAKE_UPLOAD,
        queue=MONITOR,
        lock=f"{TAKE_UPLOAD}.{file_id}",
        priority=BEHIND,
        schedule_in={"seconds": wait} if wait else None,
    ).defer(file_id=file_id)


def defer_backtest(number: int) -> None:
    """Have a back-test go on for a while; one job of a back-test at a time."""
    app.configure_task(BACKTEST, queue=MONITOR, lock=f"{BACKTEST}.{number}", priority=BEHIND).defer(number=number)


def defer_training(number: int) -> None:
    """Have a model learnt; one training at a time."""
    app.configure_task(TRAIN, queue=MONITOR, lock=TRAIN, priority=BEHIND).defer(number=number)

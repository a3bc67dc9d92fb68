"""How services hand work to the monitor's jobs: by name and within their own transaction."""

from typing import Final

from procrastinate.contrib.django import app

MONITOR: Final = "monitor"  # queue
BACKTEST: Final = "monitor.backtest"
LAST: Final = -10  # priority of what nobody's case waits for


def defer_backtest(number: int) -> None:
    """Have a back-test go on for a while."""
    app.configure_task(BACKTEST, queue=MONITOR, lock=f"{BACKTEST}-{number}", priority=LAST).defer(number=number)

"""Jobs of the monitor: thin, in chunks. A job that was killed left whole chunks, and goes on behind them.

Every process of the product loads this file. What works on history needs Arrow, DuckDB and Ibis, a second of loading,
so each job fetches it when it runs.
"""

import logging
from pathlib import Path
from typing import Final

from django.conf import settings
from procrastinate.contrib.django import app

from amends.monitor.core.refusals import NotDone
from amends.monitor.models import Foreseen, Training
from amends.monitor.queue import BACKTEST, BEHIND, MONITOR, TAKE_UPLOAD, TRAIN, defer_backtest, defer_upload
from amends.monitor.selectors import judged_to
from amends.policy.present import present
from amends.policy.selectors import NotSetUp, blueprint_of, deployment, version_in_force
from amends.policy.trying_again import AGAIN, ASIDE

LAND: Final = "monitor.land_history"
TIDY: Final = "monitor.tidy_history"
FORESEE: Final = "monitor.foresee"
RETRAIN: Final = "monitor.retrain"

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name=LAND, queue=MONITOR, queueing_lock=LAND, lock=LAND, priority=BEHIND, pass_context=False)
def land_history_each_minute(timestamp: int | None = None) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """What was accepted becomes history."""
    from amends.monitor.recorded import root_of
    from amends.monitor.services.recording import Busy, land_all

    try:
        here = deployment()
        land_all(root=root_of(here), now=present(here))
    except (Busy, NotSetUp):
        return
    except OSError as error:
        log.warning("Signals cannot be written to the history: %s. They are kept, and written once they can be.", error)


@app.periodic(cron="37 * * * *")
@app.task(name=TIDY, queue=MONITOR, queueing_lock=TIDY, lock=LAND, priority=BEHIND, pass_context=False)
def tidy_history_each_hour(timestamp: int | None = None) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Small files into large ones; what is old goes, as the blueprint says."""
    from amends.monitor.recorded import root_of
    from amends.monitor.services.backtests import sweep_backtests
    from amends.monitor.services.recording import Busy, tidy_history

    try:
        here = deployment()
        version = version_in_force(here.blueprint_name)
        now = present(here)
        tidy_history(
            root=root_of(here), policy=blueprint_of(version.pk).history, judged_to=judged_to(here, version), now=now
        )
        sweep_backtests(work=Path(settings.BACKTESTS_PATH), now=now)
    except (Busy, NotSetUp):
        return
    except OSError as error:
        log.warning("The history cannot be put in order: %s.", error)


@app.task(name=BACKTEST, queue=MONITOR, retry=AGAIN)
def carry_on_backtest(number: int) -> None:
    """Go on with a back-test for a while; what is left in another job."""
    from amends.monitor.recorded import root_of
    from amends.monitor.services.trying import carry_on

    here = deployment()
    if carry_on(number, root=root_of(here), work=Path(settings.BACKTESTS_PATH), now=present(here)):
        defer_backtest(number)


@app.periodic(cron="23 2 * * *")
@app.task(name=RETRAIN, queue=MONITOR, queueing_lock=RETRAIN, lock=TRAIN, priority=BEHIND, pass_context=False)
def retrain_each_night(timestamp: int | None = None) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Look whether the model in force still fits, and have another learnt."""
    try:
        here = deployment()
        if blueprint_of(version_in_force(here.blueprint_name).pk).prediction is None:
            return
    except NotSetUp:
        return
    from amends.monitor.recorded import root_of
    from amends.monitor.services.training import ask_training, check_drift

    now = present(here)
    check_drift(root=root_of(here), now=now)
    try:
        ask_training(acting_user=None, now=now)
    except NotDone as reason:
        log.info("No training tonight: %s", reason)


@app.task(name=TRAIN, queue=MONITOR, retry=ASIDE)
def carry_out_training(number: int) -> None:
    """Learn a model from the history."""
    from amends.monitor.recorded import root_of
    from amends.monitor.services.training import carry_out_training as learn

    here = deployment()
    learn(number, root=root_of(here), now=present(here))


@app.periodic(cron="* * * * *")
@app.task(name=FORESEE, queue=MONITOR, queueing_lock=FORESEE, lock=FORESEE, priority=BEHIND, pass_context=False)
def foresee_each_minute(timestamp: int | None = None) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Tell the chances of what is due soon; at once done where there is no model."""
    try:
        here = deployment()
        if not Training.objects.filter(in_force=True).exists() and not Foreseen.objects.exists():
            return
    except NotSetUp:
        return
    from amends.monitor.services.foreseeing import foresee

    foresee(now=present(here))


@app.task(name=TAKE_UPLOAD, queue=MONITOR, retry=AGAIN)
def take_upload_chunks(file_id: int) -> None:
    """Take in some rows of an upload; what is left in another job."""
    from amends.monitor.services.uploads import take_upload

    left = take_upload(file_id, now_of=present)
    if left is not None:
        defer_upload(file_id, wait=left)


@app.periodic(cron="41 * * * *")
@app.task(name="monitor.sweep_uploads", queue=MONITOR, queueing_lock="monitor.sweep_uploads", pass_context=False)
def sweep_uploads_each_hour(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Throw away what was uploaded and never taken in."""
    from amends.monitor.services.uploads import sweep_uploads

    sweep_uploads(now=present())

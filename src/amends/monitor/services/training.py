"""Trainings: a model is learnt from the history in the background, judged, kept as a version and maybe put in force.

Only what was heard is read, so a training that was killed begins anew and ends with the same model.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db import IntegrityError, transaction

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.prediction import Prediction
from amends.kernel.text import Localised
from amends.monitor.core.prediction.columns import LONGEST
from amends.monitor.core.prediction.drift import Drift, Spread
from amends.monitor.core.prediction.lifecycles import TRAINING
from amends.monitor.core.prediction.model import Model
from amends.monitor.core.prediction.spots import spots
from amends.monitor.core.prediction.trees import NoForest
from amends.monitor.core.refusals import NotDone
from amends.monitor.core.standard import Standards
from amends.monitor.drafting import in_force, require_standards
from amends.monitor.engines.promise_record import PromiseRecord
from amends.monitor.models import Training
from amends.monitor.queue import defer_training
from amends.monitor.recorded import days_recorded, history_progress
from amends.monitor.services.recording import signals_of
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import blueprint_of, deployment

log = logging.getLogger(__name__)

MOST_SIGNALS: Final = 3_000_000  # read for one training; of more history the latest
KEPT: Final = 10  # models; of older versions the figures stay
DRIFT_OVER: Final = timedelta(days=7)  # days that say whether a model still fits
FEWEST_DAYS: Final = 14  # of history, to learn at all

SWITCHED_OFF: Final = Localised(en="The blueprint in force predicts nothing.", zh="现行行业蓝图未启用预测。")
RUNS_ALREADY: Final = Localised(en="A training is under way.", zh="训练正在进行。")
TOO_LITTLE: Final = Localised(
    en="There is too little history to learn from: it takes two weeks, and fifty broken promises among five hundred.",
    zh="历史记录不足，无法训练：至少需要两周的记录，以及五百项承诺（其中五十项未兑现）。",
)
NO_BETTER: Final = Localised(
    en="It foresees no better than the base rate, so it is not used.", zh="预测效果未优于基准比例，因此不予启用。"
)
BROKE_OFF: Final = Localised(en="Something broke; the server's log has the details.", zh="运行出错，详情见服务器日志。")


class _Stopped(Exception):
    """Somebody stopped the training."""


def ask_training(*, acting_user: Staff | None, now: datetime) -> Training:
    """Have a model learnt from the history up to now; it begins once this is committed.

    Args:
        acting_user: who asks; None: the night.
        now: promises due before now are learnt from.

    Raises:
        NotDone: the blueprint predicts nothing, or a training is under way.
    """
    if acting_user is not None:
        require_standards(acting_user)
    base = in_force()
    policy = base.pack.prediction
    if policy is None:
        raise NotDone(SWITCHED_OFF)
    try:
        with transaction.atomic():
            run = Training.objects.create(
                state=TRAINING.initial,
                asked_at=now,
                by=acting_user,
                since=now - policy.learn_from,
                until=now,
                blueprint=base.version,
            )
            defer_training(run.pk)
    except IntegrityError:
        raise NotDone(RUNS_ALREADY) from None
    return run


def stop_training(number: int, *, acting_user: Staff, now: datetime) -> Training:
    """Learn no further; the model in force stays."""
    require_standards(acting_user)
    with transaction.atomic():
        run = Training.objects.select_for_update(of=("self",)).filter(pk=number).first()
        if run is None:
            raise NotFound(f"There is no training {number} here.")
        run.state = TRAINING.after(run.state, "cancel")
        run.ended_at, run.by = now, acting_user
        run.save(update_fields=["state", "ended_at", "by"])
    return run


def carry_out_training(number: int, *, root: Path, now: datetime) -> bool:
    """Learn; whether a model is in force because of it. A training that is not running is left alone.

    Args:
        root: the folder of the history.
    """
    run = Training.objects.filter(pk=number, state="running").first()
    if run is None:
        return False
    from amends.monitor.engines.training import TooLittle  # scikit-learn is loaded when it is needed

    try:
        return _learn(run, root=root, now=now)
    except _Stopped:
        return False
    except TooLittle:
        said = TOO_LITTLE
    except OSError:
        log.exception("Training %d could not read the history.", number)
        said = BROKE_OFF
    _end(run, "fail", now=now, said_en=said.en, said_zh=said.zh)
    return False


def _learn(run: Training, *, root: Path, now: datetime) -> bool:
    from amends.monitor.engines.training import Split, TooLittle, train

    here, pack = deployment(), blueprint_of(run.blueprint_id)
    policy, zone = _policy(pack), ZoneInfo(here.timezone)
    plan = _plan(run.since - LONGEST, run.until)
    if len(plan) < FEWEST_DAYS:
        raise TooLittle(f"{len(plan)} days of history")
    with PromiseRecord(foretold(pack), policy.resources) as taken:
        for done, signals in enumerate(_days(plan, root=root, now=now), start=1):
            taken.take(signals)
            _tell(run, 50 * done // len(plan))
        record, _ = taken.record()
    since = max(millis(run.since), int(record.due.min()) if len(record) else 0)
    trained = train(
        record,
        Split.of(since, millis(run.until)),
        zone=zone,
        horizon=policy.horizon,
        progress=lambda percent: _tell(run, 50 + percent // 2),
    )
    boosted, base = trained.metrics["boosting"], trained.metrics["base_rate"]
    good = boosted["brier"] < base["brier"]
    with transaction.atomic():
        if good:
            Training.objects.filter(in_force=True).update(in_force=False)
        ended = _end(
            run,
            "finish",
            now=now,
            in_force=good,
            percent=100,
            promises=trained.promises,
            judged=trained.judged,
            model=trained.model.to_json() if good else None,
            spread=trained.spread.to_json(),
            metrics=trained.metrics,
            spots=[asdict(one) for one in spots(record, since=since, until=millis(run.until), zone=zone)],
            said_en="" if good else NO_BETTER.en,
            said_zh="" if good else NO_BETTER.zh,
        )
        if not ended:
            transaction.set_rollback(True)
            return False
        _forget_old()
    return good


def check_drift(*, root: Path, now: datetime) -> Drift | None:
    """Hold the model in force against the last days; where they are unlike its own, base rates speak from now on.

    None: there is no model in force, or the blueprint predicts nothing.
    """
    run = Training.objects.filter(in_force=True).first()
    if run is None or run.spread is None:
        return None
    from amends.monitor.engines.training import drifting

    here, pack = deployment(), in_force().pack
    if pack.prediction is None:
        return None
    try:
        model = Model.from_json(run.model or {})
    except NoForest:
        log.exception("Model %d cannot be read.", run.pk)
        return None
    with PromiseRecord(foretold(pack), model.resources) as taken:
        for signals in _days(_plan(now - DRIFT_OVER - LONGEST, now), root=root, now=now):
            taken.take(signals)
        record, _ = taken.record()
    found = drifting(
        record,
        model,
        Spread.from_json(run.spread),
        since=millis(now - DRIFT_OVER),
        until=millis(now),
        zone=ZoneInfo(here.timezone),
        horizon=pack.prediction.horizon,
    )
    since = (run.drifted_at or now) if found.drifted else None
    Training.objects.filter(pk=run.pk).update(drift=asdict(found), drifted_at=since, checked_at=now)
    return found


def millis(instant: datetime) -> int:
    """Since 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _policy(pack: Blueprint) -> Prediction:
    if pack.prediction is None:
        raise NotDone(SWITCHED_OFF)
    return pack.prediction


def foretold(pack: Blueprint) -> Standards:
    """The standards that chances are told of: what is between colleagues stands in no list, so in none of these."""
    every = Standards.model_validate(pack.standards_file())
    open_ones = tuple(one for one in every.standards if one.id not in pack.watched_inside)
    return every.model_copy(update={"standards": open_ones})


def _plan(since: datetime, until: datetime) -> list[Any]:
    """The days to read, the latest that are not too many together."""
    days, number = [], 0
    for day, signals in reversed(days_recorded(since, until)):
        number += signals
        if number > MOST_SIGNALS and days:
            break
        days.append(day)
    return days[::-1]


def _days(plan: list[Any], *, root: Path, now: datetime) -> Iterator[pa.Table]:
    arrived_to = history_progress().position
    for day in plan:
        yield signals_of(day, day, root=root, now=now, arrived_to=arrived_to)


def _tell(run: Training, percent: int) -> None:
    """How far it is, for those who wait; and whether it is to go on."""
    if not Training.objects.filter(pk=run.pk, state="running").update(percent=min(percent, 99)):
        raise _Stopped


def _end(run: Training, move: str, *, now: datetime, **fields: Any) -> bool:
    after = TRAINING.after("running", move)
    running = Training.objects.filter(pk=run.pk, state="running")
    return bool(running.update(state=after, ended_at=now, **fields))


def _forget_old() -> None:
    kept = Training.objects.filter(model__isnull=False).order_by("-asked_at", "-id").values_list("pk", flat=True)[:KEPT]
    Training.objects.filter(model__isnull=False, in_force=False).exclude(pk__in=list(kept)).update(model=None)

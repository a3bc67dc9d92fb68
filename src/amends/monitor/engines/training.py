"""A model from a record of promises: trained on one stretch of time, calibrated on the next, judged on the one after.

What it is judged on lies wholly after what it learnt from, as its use will. Beside it, judged alike: the base rate of
each standard, and logistic regression on the same columns.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from amends.monitor.core.prediction.columns import Floats, Matrix, column_names, columns_at
from amends.monitor.core.prediction.drift import Drift, Spread, drift_of, spread_of
from amends.monitor.core.prediction.judging import (
    auc,
    brier,
    calibration_error,
    reliability,
    threshold_for,
    warnings,
)
from amends.monitor.core.prediction.model import Model
from amends.monitor.core.prediction.record import DAY, Record, Whole
from amends.monitor.core.prediction.sampling import Samples, every_lead, known_fates, once_each
from amends.monitor.engines.boosting import TREES, boosted, logistic, platt

PRECISION: Final = 0.8  # of warnings
MOST: Final = 200_000  # promises trained on
MOST_JUDGED: Final = 30_000  # promises calibrated and judged on, at ten moments each
FEWEST: Final = 500  # promises, and
FEWEST_BROKEN: Final = 50  # of them broken; below, there is no model
WAYS: Final = ("boosting", "logistic", "base_rate")

Progress = Callable[[int], None]  # per cent done; raises to break off


class TooLittle(ValueError):
    """The record has too few promises, or too few broken, to learn from."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which stretch is for what, in milliseconds: due from `since` on is trained on, and so forth, up to `until`."""

    since: int
    calibrate: int
    judge: int
    until: int

    @classmethod
    def of(cls, since: int, until: int) -> "Split":
        """Seven tenths to learn from, one to calibrate on, two to be judged on."""
        length = until - since
        return cls(since=since, calibrate=since + length * 7 // 10, judge=since + length * 8 // 10, until=until)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A model and what is known of it."""

    model: Model
    spread: Spread
    metrics: dict[str, Any]  # by way: auc, brier, reliability and so on; plain JSON
    promises: int  # learnt from
    judged: int  # judged on


def train(
    record: Record,
    split: Split,
    *,
    zone: ZoneInfo,
    horizon: timedelta,
    seed: int = 0,
    most: int = MOST,
    most_judged: int = MOST_JUDGED,
    trees: int = TREES,
    progress: Progress = lambda _: None,
) -> Trained:
    """Learn, calibrate and be judged.

    Args:
        record: all promises; what lies before `split.since` is history alone.
        split: which stretch is for what.
        zone: whose hours count.
        horizon: how long before due promises are looked at, at most.
        seed: of the choice of promises and moments; the same gives the same model.
        most: promises to learn from at most, chosen by chance.
        most_judged: promises to calibrate and judge on at most.
        trees: how many.
        progress: told how far it is; what it raises breaks it off.

    Raises:
        TooLittle: there is not enough to learn from, or nothing to be judged on.
    """
    random = np.random.default_rng(seed)
    learnt = once_each(
        record, _some(record, split.since, split.calibrate, most, random), horizon=horizon, random=random
    )
    held = every_lead(record, _some(record, split.calibrate, split.judge, most_judged, random), horizon=horizon)
    judged = every_lead(record, _some(record, split.judge, split.until, most_judged, random), horizon=horizon)
    if len(learnt) < FEWEST or learnt.broken.sum() < FEWEST_BROKEN or not len(held) or not len(judged):
        raise TooLittle(f"{len(learnt)} promises to learn from, {int(learnt.broken.sum())} of them broken")
    standards = tuple(
        name for code, name in enumerate(record.standards) if (record.standard[learnt.rows] == code).any()
    )
    progress(5)
    matrix = _columns(record, learnt, zone, standards)
    progress(20)
    forest = boosted(matrix, learnt.broken, trees=trees, seed=seed)
    progress(60)
    baseline = logistic(matrix, learnt.broken)
    progress(70)
    held_rows, judged_rows = _columns(record, held, zone, standards), _columns(record, judged, zone, standards)
    progress(80)
    slope, offset = platt(forest.margins(held_rows), held.broken)
    model = Model(
        columns=column_names(standards, record.resources),
        standards=standards,
        resources=record.resources,
        forest=forest,
        slope=slope,
        offset=offset,
        rates={name: _share(record, learnt, name) for name in standards},
        rate=float(learnt.broken.mean()),
    )
    progress(85)
    logistic_slope, logistic_offset = platt(baseline.margins(held_rows), held.broken)

    def by_logistic(rows: Matrix) -> Floats:
        return np.asarray(1 / (1 + np.exp(-(logistic_slope * baseline.margins(rows) + logistic_offset))))

    chances = model.chances(judged_rows)
    ways = {
        "boosting": (model.chances(held_rows), chances),
        "logistic": (by_logistic(held_rows), by_logistic(judged_rows)),
        "base_rate": (_rates(model, record, held), _rates(model, record, judged)),
    }
    metrics = {way: _judged(record, held, judged, *told) for way, told in ways.items()}
    progress(100)
    return Trained(
        model=model,
        spread=spread_of(chances),
        metrics=metrics,
        promises=len(learnt),
        judged=len(np.unique(judged.rows)),
    )


def drifting(
    record: Record, model: Model, spread: Spread, *, since: int, until: int, zone: ZoneInfo, horizon: timedelta
) -> Drift:
    """How a model fares on the promises due in a stretch of time."""
    rows = _some(record, since, until, MOST_JUDGED, np.random.default_rng(0))
    known = np.array([name in model.rates for name in record.standards], dtype=bool)
    asked = every_lead(record, rows[known[record.standard[rows]]] if len(rows) else rows, horizon=horizon)
    if not len(asked):
        nothing = np.zeros(0, dtype=np.int64)
        return drift_of(spread, np.zeros(0), np.zeros(0, dtype=bool), nothing, nothing)
    chances = model.chances(_columns(record, asked, zone, model.standards))
    return drift_of(spread, chances, asked.broken, asked.rows, record.due[asked.rows] // DAY)


def _some(record: Record, since: int, until: int, most: int, random: np.random.Generator) -> Whole:
    rows = known_fates(record, since=since, until=until)
    return rows if len(rows) <= most else np.sort(random.choice(rows, most, replace=False))


def _columns(record: Record, samples: Samples, zone: ZoneInfo, standards: tuple[str, ...]) -> Matrix:
    return columns_at(record, samples.rows, samples.moments, zone=zone, standards=standards)


def _share(record: Record, samples: Samples, standard: str) -> float:
    ours = record.standard[samples.rows] == record.standards.index(standard)
    return float(samples.broken[ours].mean())


def _rates(model: Model, record: Record, samples: Samples) -> Floats:
    rates = np.array([model.base_rate(name) for name in record.standards])
    return np.asarray(rates[record.standard[samples.rows]])


def _judged(record: Record, held: Samples, judged: Samples, told_held: Floats, told: Floats) -> dict[str, Any]:
    """The figures of one way; its threshold comes from the stretch before, so that it is judged as it would be used."""
    steps = reliability(told, judged.broken, judged.rows)
    threshold = threshold_for(told_held, held.rows, held.broken, precision=PRECISION)
    before = record.due[judged.rows] - judged.moments
    with_hindsight = threshold_for(told, judged.rows, judged.broken, precision=PRECISION)

    def warned(at: float | None) -> dict[str, Any] | None:
        if at is None:
            return None
        found = warnings(told, judged.rows, before, judged.broken, threshold=at)
        return {**asdict(found), "precision": found.precision, "recall": found.recall}

    return {
        "auc": auc(told, judged.broken),
        "brier": brier(told, judged.broken),
        "error": calibration_error(steps),
        "told": float(told.mean()),
        "broken": float(judged.broken.mean()),
        "reliability": [asdict(step) for step in steps],
        "warned": warned(threshold),
        "hindsight": warned(with_hindsight),  # had the threshold been known that gives just that precision
    }

"""A model that is trained says what scikit-learn said, is kept as plain numbers, and knows its season's end."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from amends.monitor.core.prediction.model import Model
from amends.monitor.core.prediction.record import DAY
from amends.monitor.core.prediction.trees import NoForest
from amends.monitor.engines import boosting
from amends.monitor.engines.training import Split, TooLittle, drifting, train
from tests.monitor.core.prediction.records import START, a_year_of

UTC = ZoneInfo("UTC")
HORIZON = timedelta(hours=6)
SPLIT = Split.of(START, START + 100 * DAY)


@pytest.fixture(scope="module")
def trained():
    return train(a_year_of(100), SPLIT, zone=UTC, horizon=HORIZON, trees=30)


def test_our_trees_say_what_scikit_learns_say():
    random = np.random.default_rng(0)
    rows = random.normal(size=(3_000, 4)).astype(np.float32)
    rows[random.random(rows.shape) < 0.1] = np.nan
    broken = random.random(3_000) < 1 / (1 + np.exp(-np.nan_to_num(rows[:, 0]) + np.isnan(rows[:, 1])))
    found = HistGradientBoostingClassifier(max_iter=20, early_stopping=False, random_state=0).fit(rows, broken)
    forest = boosting._forest(found)
    assert np.allclose(forest.margins(rows), found.decision_function(rows))
    shares = forest.shares(rows[:200])
    assert np.allclose(shares.sum(axis=1) + forest.resting, forest.margins(rows[:200]))


def test_boosting_is_better_than_the_base_rate(trained):
    boosted, base = trained.metrics["boosting"], trained.metrics["base_rate"]
    assert boosted["auc"] > 0.7 > base["auc"]
    assert boosted["brier"] < base["brier"]
    assert abs(boosted["told"] - boosted["broken"]) < 0.05


def test_the_same_record_gives_the_same_model(trained):
    again = train(a_year_of(100), SPLIT, zone=UTC, horizon=HORIZON, trees=30)
    assert json.dumps(again.model.to_json()) == json.dumps(trained.model.to_json())


def test_a_model_that_was_kept_says_the_same(trained):
    kept = Model.from_json(json.loads(json.dumps(trained.model.to_json())))
    rows = np.random.default_rng(3).normal(size=(50, len(kept.columns))).astype(np.float32)
    assert np.array_equal(kept.chances(rows), trained.model.chances(rows))


@pytest.mark.parametrize(
    "harm",
    [
        lambda kept: kept.pop("forest"),
        lambda kept: kept.update(form=99),
        lambda kept: kept["forest"].update(roots=[10**9]),
        lambda kept: kept["forest"]["column"].__setitem__(0, 10**6),
        lambda kept: kept["forest"]["left"].__setitem__(0, 0),  # in a circle
        lambda kept: kept["forest"]["value"].pop(),
        lambda kept: kept["forest"]["value"].__setitem__(0, float("nan")),
        lambda kept: kept["forest"].update(left="__import__('os')"),
        lambda kept: kept.update(rates=None),
    ],
)
def test_what_is_no_model_is_refused(trained, harm):
    kept = json.loads(json.dumps(trained.model.to_json()))
    harm(kept)
    with pytest.raises(NoForest):
        Model.from_json(kept)


def test_a_standard_never_seen_gets_the_base_rate_of_all(trained):
    model = trained.model
    assert model.grounds("never-seen", drifted=False) == "unknown_kind"
    assert model.base_rate("never-seen") == model.rate
    assert model.grounds("arrive", drifted=False) == "model"
    assert model.grounds("arrive", drifted=True) == "drifted"


def test_a_model_of_one_season_knows_that_another_is_none_of_its_own(trained):
    asked = {"since": START, "until": START + 10 * DAY, "zone": UTC, "horizon": HORIZON}
    same = drifting(a_year_of(10, seed=5), trained.model, trained.spread, **asked)
    winter = drifting(a_year_of(10, seed=5, morning=0.6, evening=0.9), trained.model, trained.spread, **asked)
    assert not same.drifted
    assert winter.drifted


def test_from_too_little_no_model_is_made():
    with pytest.raises(TooLittle):
        train(a_year_of(3), Split.of(START, START + 3 * DAY), zone=UTC, horizon=HORIZON)


def test_training_can_be_broken_off():
    class Stopped(Exception):
        pass

    def stop(percent):
        raise Stopped

    with pytest.raises(Stopped):
        train(a_year_of(100), SPLIT, zone=UTC, horizon=HORIZON, trees=5, progress=stop)

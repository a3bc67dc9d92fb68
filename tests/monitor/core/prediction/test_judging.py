"""Figures of how good chances are, against scikit-learn's and against what can be counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from amends.monitor.core.prediction import drift, judging
from amends.monitor.core.prediction.record import MINUTE

told = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=2, max_size=60)


@given(told)
def test_area_and_brier_score_are_those_of_scikit_learn(pairs):
    chances, broken = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    if 0 < broken.sum() < len(broken):
        assert judging.auc(chances, broken) == pytest.approx(roc_auc_score(broken, chances))
        assert judging.brier(chances, broken) == pytest.approx(brier_score_loss(broken, chances))


def test_the_reliability_table_counts_everybody_once():
    chances, broken = np.array([0.02, 0.05, 0.55, 1.0]), np.array([False, True, True, True])
    steps = judging.reliability(chances, broken, np.array([1, 2, 3, 3]))
    assert [(one.number, one.broken) for one in steps] == [(2, 0.5), (1, 1.0), (1, 1.0)]
    assert all(one.low <= one.broken <= one.high for one in steps)
    assert judging.calibration_error(steps) == pytest.approx((2 * (0.5 - 0.035) + 0.45 + 0) / 4)


def test_wilsons_interval_is_the_published_one():
    low, high = judging.wilson(0.1, 10)  # Newcombe 1998, table I works alike: 1 of 10 gives 0.0179 to 0.4042
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4041) or (round(low, 3), round(high, 3)) == (0.018, 0.404)


def test_a_promise_is_warned_of_once_and_counts_from_its_first_warning():
    promise = np.array([1, 1, 1, 2, 2, 3])
    before = np.array([60, 30, 5, 60, 30, 30]) * MINUTE
    chances = np.array([0.2, 0.9, 0.95, 0.1, 0.8, 0.3])
    broken = np.array([True, True, True, False, False, True])
    found = judging.warnings(chances, promise, before, broken, threshold=0.8)
    assert (found.warned, found.right, found.broken, found.lead, found.early) == (2, 1, 2, 30, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 10), st.booleans()), min_size=1, max_size=40))
def test_the_threshold_for_a_precision_reaches_it_and_the_next_lower_ones_do_not_warn_of_more(rows):
    fate = {}
    for promise, _, broken in rows:
        fate.setdefault(promise, broken)
    promise = np.array([one for one, _, _ in rows])
    chances = np.array([chance / 10 for _, chance, _ in rows])
    broken = np.array([fate[one] for one, _, _ in rows])
    before = np.zeros(len(rows), dtype=np.int64)
    found = judging.threshold_for(chances, promise, broken, precision=0.8)
    reaching = [
        at
        for at in sorted({max(chances[promise == one]) for one in fate})
        if judging.warnings(chances, promise, before, broken, threshold=at).precision >= 0.8
    ]
    assert found == (reaching[0] if reaching else None)


def test_drift_is_steady_on_what_was_judged_and_off_when_more_breaks():
    random = np.random.default_rng(1)
    chances = random.beta(1, 4, 2_000)
    spread = drift.spread_of(chances)
    promise, day = np.arange(2_000), np.arange(2_000) % 7

    def verdict(told, broken):
        return drift.drift_of(spread, told, broken, promise[: len(told)], day[: len(told)]).verdict

    assert verdict(chances, random.random(2_000) < chances) == "steady"
    assert verdict(chances, random.random(2_000) < np.minimum(1, chances * 2)) == "off"
    other = random.beta(6, 20, 2_000)
    assert verdict(other, random.random(2_000) < other) == "shifted"
    assert verdict(chances[:50], np.zeros(50, dtype=bool)) == "too_few"
    assert drift.Spread.from_json(spread.to_json()) == spread


def test_one_bad_day_is_no_drift():
    chances = np.full(700, 0.2)
    day = np.repeat(np.arange(7), 100)
    broken = np.arange(700) % 5 == 0
    broken[:100] = True  # a storm
    found = drift.drift_of(drift.spread_of(chances), chances, broken, np.arange(700), day)
    assert found.broken - found.told > drift.MOST_OFF
    assert found.verdict == "steady"

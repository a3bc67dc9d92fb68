import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.simulated_customer import (
    DEFAULT,
    LIGHT,
    MODERATE,
    SEVERE,
    Handled,
    answers,
    expected_satisfaction,
    recovery,
    redress,
)

NOTHING_DONE = {
    "severity": MODERATE,
    "minutes_late": 120,
    "compensation_share": 0.0,
    "used_service": True,
    "apologised": False,
    "explained": False,
    "informed_in_time": False,
    "tier": 0,
    "prior_failures": 0,
}
TALKED = {"apologised": True, "explained": True}
ALL_DONE = {**TALKED, "informed_in_time": True, "compensation_share": 1.5}


def cases(size: int = 1, **changed: object) -> Handled:
    return Handled(**{name: np.full(size, value) for name, value in {**NOTHING_DONE, **changed}.items()})


def after(**changed: object) -> float:
    return float(expected_satisfaction(cases(**changed))[1][0])


def keys(size: int) -> list[str]:
    return [f"case-{number}" for number in range(size)]


def stay(size: int = 20_000, **changed: object) -> float:
    return float(answers(cases(size, **changed), 1, keys(size)).intends_to_stay.mean())


case = st.fixed_dictionaries(
    {
        "severity": st.sampled_from([LIGHT, MODERATE, SEVERE]),
        "minutes_late": st.integers(0, 2_000),
        "compensation_share": st.floats(0, 4),
        "used_service": st.booleans(),
        "apologised": st.booleans(),
        "explained": st.booleans(),
        "informed_in_time": st.booleans(),
        "tier": st.integers(0, 3),
        "prior_failures": st.integers(0, 9),
    }
)


def gathered(rows: list[dict[str, object]]) -> Handled:
    return Handled(**{name: np.array([row[name] for row in rows]) for name in NOTHING_DONE})


@given(st.lists(case, min_size=1, max_size=8), st.integers(0, 2**32), st.randoms())
def test_a_case_gets_the_same_answer_in_any_company_and_order(rows, seed, random) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    plain = answers(gathered(rows), seed, keys(len(rows)))
    mixed = answers(gathered([rows[i] for i in order]), seed, [keys(len(rows))[i] for i in order])
    for field in dataclasses.fields(plain):
        assert getattr(plain, field.name)[order].tolist() == getattr(mixed, field.name).tolist()


@given(st.lists(case, min_size=1, max_size=20))
def test_ratings_are_whole_from_one_to_five_whatever_happened(rows) -> None:
    answer = answers(gathered(rows), 1, keys(len(rows)))
    for rating in (answer.satisfaction_before, answer.satisfaction_after):
        assert rating.dtype == np.int8
        assert rating.min() >= 1
        assert rating.max() <= 5


@given(case, st.sampled_from(["apologised", "explained", "informed_in_time"]))
def test_doing_one_thing_more_never_makes_it_worse(row, deed) -> None:
    without, done = gathered([{**row, deed: False}]), gathered([{**row, deed: True}])
    assert expected_satisfaction(done)[1][0] >= expected_satisfaction(without)[1][0]
    assert recovery(done)[0] > recovery(without)[0]


def test_who_used_the_service_values_the_first_money_most() -> None:
    steps = np.diff(redress(np.linspace(0, 1.5, 16), np.ones(16, dtype=bool)))
    assert (np.diff(steps) < 0).all()


def test_who_went_without_answers_by_an_s_curve_that_is_steepest_from_60_to_120_percent_of_the_loss() -> None:
    share = np.linspace(0, 1.5, 151)
    effect = redress(share, np.zeros(151, dtype=bool))
    steepest = share[np.argmax(np.diff(effect))]
    assert 0.6 <= steepest <= 1.2
    assert np.interp([0.6, 1.2], share, effect) == pytest.approx([0.08, 0.93], abs=0.02)


@pytest.mark.parametrize("used", [True, False])
def test_money_works_from_none_at_nothing_to_most_at_150_percent_and_then_harms(used: bool) -> None:
    none, most, more = redress(np.array([0.0, 1.5, 2.5]), np.full(3, used))
    assert (none, most) == (pytest.approx(0.0), pytest.approx(1.0))
    assert more == pytest.approx(0.8)


def test_money_counts_more_than_words_and_words_more_than_timely_news() -> None:
    assert after(compensation_share=1.5) > after(**TALKED) > after(informed_in_time=True) > after()


def test_a_recovery_that_does_nothing_leaves_the_customer_less_content_than_the_failure_did() -> None:
    before, later = expected_satisfaction(cases())
    assert later[0] < before[0]


@pytest.mark.parametrize("severity", [LIGHT, MODERATE, SEVERE])
def test_a_perfect_recovery_pleases_beyond_content_after_a_first_failure_but_not_after_a_second(severity: int) -> None:
    assert after(severity=severity, **ALL_DONE) > DEFAULT.content
    assert after(severity=severity, prior_failures=1, **ALL_DONE) < DEFAULT.content


def test_the_paradox_does_not_make_anybody_stay() -> None:
    delighted = dataclasses.replace(DEFAULT, noise=0.0, paradox=0.8)
    merely_content = dataclasses.replace(delighted, paradox=0.0)
    done, names = cases(1_000, **ALL_DONE), keys(1_000)
    more, less = (answers(done, 1, names, temperament) for temperament in (delighted, merely_content))
    assert more.satisfaction_after.mean() > less.satisfaction_after.mean()
    assert more.intends_to_stay.tolist() == less.intends_to_stay.tolist()


def test_loyalty_after_a_problem_lies_in_the_published_ranges() -> None:
    assert 0.19 <= stay() <= 0.46  # complained in vain
    assert 0.70 <= stay(**ALL_DONE) <= 0.95  # satisfied, and quickly
    assert stay(**TALKED) < stay(**ALL_DONE)


def test_tiers_soften_and_earlier_failures_harden_the_wish_to_leave() -> None:
    assert stay(tier=3) > stay() > stay(prior_failures=2)


def test_graver_and_longer_failures_hurt_more() -> None:
    before = [float(expected_satisfaction(cases(severity=grade))[0][0]) for grade in (LIGHT, MODERATE, SEVERE)]
    assert before == sorted(before, reverse=True)
    assert after(minutes_late=30) > after(minutes_late=300)


def test_better_recoveries_are_accepted_more_often_and_some_customers_never_reply() -> None:
    size = 20_000
    poor, good = (answers(cases(size, **done), 1, keys(size)) for done in ({}, ALL_DONE))
    assert good.accepted.mean() > 0.9
    assert poor.accepted.mean() < 0.3
    assert 0.3 < good.answered.mean() < 0.8
    rated = good.satisfaction_after
    assert good.answered[rated == 5].mean() > good.answered[rated == 4].mean()


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one element a case"):
        dataclasses.replace(cases(3), tier=np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match="2 case keys for 3 cases"):
        answers(cases(3), 1, keys(2))

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.economics import Loyalty
from amends.learn.core.loyalty import Answer, baseline, class_key, classes, row_for, way_of, weight_of

TARP = Loyalty.model_validate(
    {
        "source": "TARP",
        "confidence": "medium",
        "rows": [
            {
                "loss_from": "100",
                "did_not_complain": "0.09",
                "complained_unsatisfied": "0.19",
                "satisfied": "0.54",
                "satisfied_quickly": "0.82",
            },
            {
                "loss_from": "1",
                "did_not_complain": "0.37",
                "complained_unsatisfied": "0.46",
                "satisfied": "0.70",
                "satisfied_quickly": "0.95",
            },
        ],
    }
)
answers = st.builds(
    Answer,
    accepted=st.none() | st.booleans(),
    satisfaction=st.none() | st.integers(1, 5),
    stays=st.none() | st.booleans(),
    told_others=st.none() | st.booleans(),
    quickly=st.booleans(),
)


@pytest.mark.parametrize(("loss", "row"), [("0", "1"), ("1", "1"), ("99.99", "1"), ("100", "100"), ("5000", "100")])
def test_a_loss_falls_into_the_row_that_counts_up_to_the_next_one(loss: str, row: str) -> None:
    assert row_for(TARP, Decimal(loss)).loss_from == Decimal(row)


def test_who_would_have_stayed_anyway_is_the_best_share_of_the_table() -> None:
    assert baseline(TARP) == Decimal("0.95")


@pytest.mark.parametrize(
    ("answer", "way"),
    [
        (Answer(), "did_not_complain"),
        (Answer(quickly=True), "did_not_complain"),
        (Answer(accepted=False), "complained_unsatisfied"),
        (Answer(accepted=True), "satisfied"),
        (Answer(accepted=True, quickly=True), "satisfied_quickly"),
        (Answer(accepted=True, satisfaction=3), "complained_unsatisfied"),
        (Answer(accepted=False, satisfaction=4), "satisfied"),
    ],
)
def test_a_rating_says_more_than_an_acceptance_and_silence_says_nothing(answer: Answer, way: str) -> None:
    assert way_of(answer) == way


def test_small_loss_handled_at_once_costs_nobody_and_silence_after_a_great_loss_nearly_all() -> None:
    small, great = row_for(TARP, Decimal(1)), row_for(TARP, Decimal(100))
    assert weight_of(TARP, small, Answer(accepted=True, quickly=True)).leaves == 0
    assert weight_of(TARP, great, Answer()).leaves == 1 - Decimal("0.09") / Decimal("0.95")
    assert weight_of(TARP, great, Answer(accepted=False)).leaves == 1 - Decimal("0.2")


@given(answers, st.decimals(0, 1000, places=2))
def test_what_the_customer_said_stands_before_the_table(answer: Answer, loss: Decimal) -> None:
    weight = weight_of(TARP, row_for(TARP, loss), answer)
    if answer.stays is not None:
        assert weight.leaves == (0 if answer.stays else 1)
    if answer.told_others is not None:
        assert weight.dissatisfied == (1 if answer.told_others else 0)


@given(answers, st.decimals(0, 1000, places=2))
def test_a_weight_is_a_share(answer: Answer, loss: Decimal) -> None:
    weight = weight_of(TARP, row_for(TARP, loss), answer)
    assert 0 <= weight.leaves <= 1
    assert 0 <= weight.dissatisfied <= 1


@given(answers, st.sampled_from([1, 2]))
def test_every_case_finds_its_class_and_the_class_has_its_weight(answer: Answer, number: int) -> None:
    row = sorted(TARP.rows, key=lambda row: row.loss_from)[number - 1]
    assert dict(classes(TARP))[class_key(number, answer)] == weight_of(TARP, row, answer)


def test_each_class_comes_once() -> None:
    keys = [key for key, _ in classes(TARP)]
    assert len(keys) == len(set(keys)) == 2 * 3 * 6 * 3 * 3 * 2

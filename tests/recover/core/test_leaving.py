"""What it costs to leave a case: the curve of delay, gravity, value, and clocks that are not kept."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.economics import DelayPoint
from amends.recover.core.leaving import cost_of_leaving, in_words, next_crossing, urgency

ECONOMICS = load_shipped("airline").economics
OPENED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

ages = st.integers(0, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
values = st.decimals(0, 100_000, places=2)


@st.composite
def economies(draw):
    """Packs with other curves: up to four steps and a last one, dearer or not, and another horizon."""
    ends = sorted(draw(st.sets(st.integers(1, 20 * 24 * 60), max_size=4)))
    shares = st.decimals(0, 1, places=2) | st.none()
    points = tuple(
        DelayPoint(within=end, factor=draw(st.integers(1, 200)), retained=draw(shares))
        for end in (*(timedelta(minutes=end) for end in ends), None)
    )
    horizon = draw(st.integers(1, 5 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
    curve = ECONOMICS.delay_cost.model_copy(update={"points": points, "horizon": horizon})
    return ECONOMICS.model_copy(update={"delay_cost": curve})


def cost(age=0 * HOUR, severity=2, value=Decimal(500), unkept=0, *, owed=True, economics=ECONOMICS):
    return cost_of_leaving(age=age, severity=severity, value=value, unkept=unkept, owed=owed, economics=economics)


def test_the_formula_adds_up_by_hand():
    # worth 500 x 0.20 x 3 = 300; from 90 to 60 % kept; two minutes at 32 an hour cost 1.0667, 99 times dearer
    assert cost() == Decimal("195.60")
    assert cost(age=5 * HOUR) == Decimal("141.00")  # from 75 to 60 %, and from 10 to 100 times
    assert cost(age=30 * HOUR) == Decimal("6.00")  # 2 % a further day
    assert cost(age=30 * HOUR, unkept=2) == Decimal("36.00")


def test_between_colleagues_no_customer_leaves():
    assert cost(value=None) == cost(value=None, unkept=2, severity=3) == Decimal("105.60")  # the dearer settling alone


def test_what_is_done_or_waits_for_the_customer_costs_nothing_to_leave():
    assert cost(owed=False) == 0
    assert urgency(Decimal(0)) == 0


@given(ages, st.integers(1, 2), values, st.integers(0, 5))
def test_a_graver_failure_a_better_customer_and_a_broken_promise_never_cost_less(age, severity, value, unkept):
    here = cost(age, severity, value + 1, unkept)
    assert here >= 0
    assert cost(age, severity + 1, value + 1, unkept) >= here
    assert cost(age, severity, value * 2 + 1, unkept) >= here
    assert cost(age, severity, value + 1, unkept + 1) >= here


@given(ages, economies() | st.just(ECONOMICS))
def test_between_two_crossings_nothing_changes(age, economics):
    """So the figure that is kept is right until the sweep reckons it anew, whatever the curve of the pack."""
    until = next_crossing(OPENED, OPENED + age, economics)
    last = until - OPENED if until else age + timedelta(days=300)
    seen = {cost(age + (last - age) * part / 7, economics=economics) for part in range(7)}
    assert len(seen) == 1


def test_a_case_crosses_the_curve_twice():
    first = next_crossing(OPENED, OPENED, ECONOMICS)
    second = next_crossing(OPENED, first + HOUR, ECONOMICS)
    assert (first, second) == (OPENED + 4 * HOUR, OPENED + 24 * HOUR)
    assert next_crossing(OPENED, second + HOUR, ECONOMICS) is None


@given(st.lists(st.decimals(0, 10_000, places=2), min_size=2))
def test_what_is_dearer_to_leave_comes_first(costs):
    assert all(urgency(a) <= urgency(b) for a, b in pairwise(sorted(costs)))


@pytest.mark.parametrize(
    ("sum_", "age", "en", "zh"),
    [
        (
            "40.40",
            20 * HOUR,
            "Waits 20 h: leaving it a day longer costs about $40.",
            "已等待20小时，再放置一天约损失40美元。",
        ),
        (
            "0.30",
            3 * 24 * HOUR,
            "Waits 3 d: leaving it a day longer costs about $1.",
            "已等待3天，再放置一天约损失1美元。",
        ),
    ],
)
def test_the_reason_is_said_in_words(sum_, age, en, zh):
    said = in_words(Decimal(sum_), age=age, horizon=timedelta(days=1), currency="USD")
    assert (said.en, said.zh) == (en, zh)


def test_nothing_is_said_where_nothing_is_lost():
    assert in_words(Decimal(0), age=HOUR, horizon=timedelta(days=1), currency="USD") is None

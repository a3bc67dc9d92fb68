"""Plans and tariffs of the airline's pack, and the law that equal facts give equal offers (Law 8)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.recover.core.plan import facts_lacking, facts_shared, facts_that_decide, facts_told, plan_for, what_happened
from amends.recover.core.tariff import reckon, reckon_on

PACK = load_shipped("airline")
DAY = date(2026, 3, 2)
LATE = {
    "kind": "slow",
    "loss": "outcome",
    "severity": "severe",
    "responsible": "process",
    "controllable": True,
    "stable": True,
    "minutes_late": 200,
    "distance_km": 2_000,
    "fare": 240,
    "tier": "gold",
    "vulnerable": False,
    "prior_failures": 0,
    "cancelled": False,
    "never": False,
}


def amount(facts):
    steps = {step.id: step for step in plan_for(facts, PACK, on=DAY).steps}
    return steps["compensation"].owed.amount(facts)


def test_three_hours_late_on_two_thousand_kilometres_give_four_hundred():
    assert amount(LATE) == Decimal("400.00")


def test_the_reasons_say_why_in_both_languages():
    step = next(step for step in plan_for(LATE, PACK, on=DAY).steps if step.id == "compensation")
    assert "2,000 km" in step.why.text.en
    assert "2,000公里" in step.why.text.zh
    assert step.why.inputs["tariff"].startswith("tariffs.delay-compensation.")


def test_no_tariff_in_force_means_no_action():
    before = plan_for(LATE, PACK, on=date(2000, 1, 1))
    assert "compensation" not in {step.id for step in before.steps}
    assert reckon_on(PACK, "delay-compensation", date(2000, 1, 1), LATE) is None


@pytest.mark.parametrize(
    ("day", "en", "zh"),
    [
        (
            date(2024, 10, 27),
            "the tariff from 1 January 2012 to 27 October 2024.",
            "（2012年1月1日至2024年10月27日有效）。",
        ),
        (date(2024, 10, 28), "the tariff from 28 October 2024.", "（2024年10月28日起有效）。"),
    ],
)
def test_where_a_tariff_changed_the_one_of_the_failures_day_counts_and_the_reason_says_so(day, en, zh):
    owed = reckon_on(PACK, "fare-refund", day, {**LATE, "kind": "unavailable", "never": True})
    assert owed is not None
    assert owed.why.text.en.endswith(en)
    assert owed.why.text.zh.endswith(zh)
    unchanged = reckon_on(PACK, "delay-compensation", DAY, LATE)
    assert "in force" not in unchanged.why.text.en


def test_a_share_of_a_fare_is_rounded_half_up_to_the_cent():
    tariff = next(tariff for tariff in PACK.tariffs if any(row.percent_of == "fare" for row in tariff.rows))
    row = next(row for row in tariff.rows if row.percent_of == "fare")
    alone = tariff.model_copy(update={"rows": (row.model_copy(update={"when": None, "percent": Decimal(50)}),)})
    owed = reckon(alone, {**LATE, "fare": Decimal("100.01")})
    assert owed is not None
    plain = owed.amount({"fare": Decimal("100.01")})
    assert plain in {Decimal("50.01"), owed.at_least, owed.at_most}
    assert reckon(alone, {**LATE, "fare": None}) is None


YEN = {**LATE, "kind": "baggage_lost", "loss_amount": 60_000, "currency": "JPY"}


def test_a_sum_in_a_currency_that_the_tariff_does_not_know_is_for_a_person_to_say():
    steps = {step.id: step for step in plan_for(YEN, PACK, on=DAY).steps}
    found = [step for step in steps.values() if step.owed is not None and step.owed.tariff == "baggage"]
    assert [(step.performer, step.owed.for_people, step.owed.amount(YEN)) for step in found] == [
        ("front_line", True, None)
    ]
    assert found[0].why.text.en.endswith("in JPY, those of the tariff in USD: a person says how much it is, in USD.")
    assert found[0].why.text.zh.endswith("本案金额以日元计，补偿标准以美元计，具体补偿金额（美元）由人工确定。")
    assert found[0].why.inputs["currency"] == "JPY"
    own = {step.id: step for step in plan_for({**YEN, "currency": "USD"}, PACK, on=DAY).steps}
    assert own[found[0].id].owed.amount(YEN) > 0


def test_what_rests_on_no_sum_is_the_same_in_every_currency():
    assert amount({**LATE, "currency": "JPY"}) == Decimal("400.00")


def test_a_currency_that_there_is_not_is_none():
    assert plan_for({**YEN, "currency": "gold"}, PACK, on=DAY) == plan_for({**YEN, "currency": ""}, PACK, on=DAY)


def test_for_want_of_which_fact_a_plan_leaves_something_out_is_known():
    cancelled = {**LATE, "kind": "unavailable", "cancelled": True, "fare": None}
    playbook = plan_for(cancelled, PACK, on=DAY).playbook
    assert facts_lacking(playbook, cancelled, PACK, on=DAY)["fare"].en == "Refund of the fare"
    assert "fare" not in facts_lacking(playbook, {**cancelled, "fare": Decimal(420)}, PACK, on=DAY)
    assert "fare" not in facts_lacking(plan_for(LATE, PACK, on=DAY).playbook, {**LATE, "fare": None}, PACK, on=DAY)


def test_what_happened_is_told_in_one_sentence():
    told = what_happened("UA 1", LATE, PACK)
    assert told.text.en == "UA 1 left 200 minutes late."
    assert told.text.zh == "UA 1起飞晚点200分钟。"


def test_the_facts_that_decide_are_given_ones():
    derived = {name for name, fact in PACK.taxonomy.facts.items() if fact.derived is not None}
    for names in (facts_that_decide(PACK), facts_told(PACK), facts_shared(PACK)):
        assert not names & derived
    assert {"minutes_late", "layover_minutes", "tier", "currency"} <= facts_that_decide(PACK)


facts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["slow", "late_arrival", "unavailable", "diversion", "missed_connection"]),
        "severity": st.sampled_from(["light", "moderate", "severe"]),
        "responsible": st.sampled_from(["process", "external"]),
        "controllable": st.booleans(),
        "minutes_late": st.integers(0, 700),
        "distance_km": st.integers(100, 6_000),
        "layover_minutes": st.none() | st.integers(20, 300),
        "fare": st.none() | st.integers(50, 900),
        "tier": st.sampled_from(["none", "silver", "gold", "platinum"]),
        "vulnerable": st.booleans(),
        "cancelled": st.booleans(),
        "never": st.booleans(),
        "prior_failures": st.integers(0, 4),
    }
)


@settings(max_examples=150)
@given(facts, st.dictionaries(st.sampled_from(["name", "seat", "weather_wind_mph"]), st.integers()))
def test_a_plan_rests_on_the_facts_that_decide_and_on_nothing_else(known, more):
    known = {**LATE, **known}
    deciding = facts_that_decide(PACK) | facts_shared(PACK)
    assert plan_for({**more, **known}, PACK, on=DAY) == plan_for(
        {name: value for name, value in {**more, **known}.items() if name in deciding}, PACK, on=DAY
    )


@settings(max_examples=150)
@given(facts)
def test_every_plan_gives_reasons_in_both_languages_and_no_negative_sum(known):
    known = {**LATE, **known}
    for step in plan_for(known, PACK, on=DAY).steps:
        assert step.why.text.en
        assert step.why.text.zh
        if step.owed is not None:
            assert step.owed.amount(known) >= 0


def test_a_kind_without_a_playbook_is_an_error():
    with pytest.raises(LookupError):
        plan_for({**LATE, "kind": "unheard_of"}, PACK, on=DAY)

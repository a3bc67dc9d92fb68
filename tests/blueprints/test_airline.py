"""The airline's pack: what it says about cases that a person can check."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.rules import first_match
from amends.kernel.severity import SEVERITIES
from amends.monitor.core.assessment import severity_of
from amends.monitor.sources.flights.customers import VULNERABLE
from amends.monitor.sources.flights.passengers import CABINS, TIERS
from tests.blueprints import deciding

AIRLINE = load_shipped("airline")
DEMO_DAY, TODAY = date(2013, 1, 1), date(2026, 6, 1)
any_facts = deciding.any_facts(AIRLINE)


def decide(kind: str, day: date = DEMO_DAY, **facts: object) -> deciding.Decided:
    """A failure taken through the airline's pack."""
    return deciding.Decided(AIRLINE, kind, day, **facts)


@given(st.sampled_from(["slow", "late_arrival", "unavailable", "diversion", "missed_connection"]), any_facts)
def test_no_compensation_is_paid_for_what_could_not_be_controlled(kind: str, facts: dict[str, object]) -> None:
    decided = decide(kind, **facts)
    paid = {"delay-compensation", "cancellation-compensation", "delay-gesture"}
    if decided.responsible == "external":
        assert not any(decided.given.get(tariff) for tariff in paid)


@given(any_facts, st.integers(0, 900), st.integers(0, 900))
def test_a_longer_delay_is_never_less_severe(facts: dict[str, object], a: int, b: int) -> None:
    shorter, longer = sorted((a, b))
    grades = [SEVERITIES[decide("slow", **{**facts, "minutes_late": late}).severity] for late in (shorter, longer)]
    assert grades == sorted(grades)


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"minutes_late": 20}, "light"),
        ({"minutes_late": 59.9}, "light"),
        ({"minutes_late": 60}, "moderate"),
        ({"minutes_late": 179}, "moderate"),
        ({"minutes_late": 180}, "severe"),
        ({"minutes_late": 30, "vulnerable": True}, "moderate"),
        ({"minutes_late": 120, "vulnerable": True}, "severe"),
        ({"minutes_late": 50, "layover_minutes": 45}, "severe"),
        ({"minutes_late": 40, "layover_minutes": 45}, "light"),
        ({"never": True}, "severe"),
        ({}, "light"),
    ],
)
def test_the_severity_of_a_delay(facts: dict[str, object], severity: str) -> None:
    assert decide("slow", **facts).severity == severity


@given(any_facts)
def test_a_late_arrival_is_judged_and_made_good_like_a_late_departure(facts: dict[str, object]) -> None:
    left, arrived = decide("slow", **facts), decide("late_arrival", **facts)
    assert (arrived.severity, arrived.responsible) == (left.severity, left.responsible)
    assert (arrived.playbook.id, arrived.done, arrived.given) == (left.playbook.id, left.done, left.given)


@pytest.mark.parametrize(("standard", "step"), [("depart-on-time", "departure"), ("arrive-on-time", "arrival")])
def test_each_promise_of_punctuality_is_broken_in_its_own_step(standard: str, step: str) -> None:
    (failure,) = [one.failure for one in AIRLINE.standards if one.id == standard]
    assert AIRLINE.taxonomy.kinds[failure].step == step


@pytest.mark.parametrize(
    ("weather", "responsible"),
    [
        ({}, "process"),
        ({"weather_visibility_miles": 1.0, "weather_wind_mph": 30.9, "weather_gust_mph": 45.9}, "process"),
        ({"weather_precipitation_inches": 0.3}, "process"),
        ({"weather_visibility_miles": 0.5}, "external"),
        ({"weather_gust_mph": 46.0}, "external"),
        ({"weather_wind_mph": 31.0}, "external"),
        ({"weather_precipitation_inches": 0.31}, "external"),
    ],
)
def test_only_weather_beyond_the_thresholds_excuses_a_delay(weather: dict[str, object], responsible: str) -> None:
    assert decide("slow", minutes_late=200, **weather).responsible == responsible


def test_the_evidence_is_in_the_reason() -> None:
    texts = decide("slow", minutes_late=200, weather_gust_mph=57.5).texts
    assert any("57.5 miles an hour" in text.en and "57.5英里" in text.zh for text in texts)


def test_a_delay_in_bad_weather_brings_care_and_no_compensation() -> None:
    decided = decide("slow", minutes_late=300, distance_km=2000, fare=200, weather_gust_mph=60)
    assert decided.playbook.id == "outside-cause"
    assert decided.given == {"meal-voucher": 30}


def test_a_long_delay_of_ours_brings_apology_explanation_meal_and_compensation() -> None:
    decided = decide("slow", minutes_late=200, distance_km=2000, tier="gold")
    assert decided.done == {"apology", "meal", "explanation", "compensation", "progress", "ask-after"}
    assert decided.given == {"meal-voucher": 15, "delay-compensation": 400}


def test_whoever_misses_a_connection_is_rebooked() -> None:
    assert "rebook" in decide("slow", minutes_late=50, layover_minutes=45, distance_km=900).done


@pytest.mark.parametrize("kind", ["slow", "late_arrival", "unavailable"])
@pytest.mark.parametrize(
    "person", [{}, {"vulnerable": True}, {"layover_minutes": 60}, {"vulnerable": True, "layover_minutes": 60}]
)
@pytest.mark.parametrize("weather", [{}, {"weather_gust_mph": 60}])
def test_whoever_did_not_fly_is_either_rebooked_or_refunded(
    kind: str, person: dict[str, object], weather: dict[str, object]
) -> None:
    decided = decide(kind, cancelled=True, never=True, fare=300, distance_km=1000, **person, **weather)
    assert len(decided.done & {"rebook", "refund"}) == 1
    assert ("refund" in decided.done) == (decided.given.get("fare-refund") == 300)


def test_who_landed_elsewhere_for_good_is_told_so_rebooked_and_not_said_never_to_have_flown() -> None:
    facts = {"never": True, "diverted": True, "distance_km": 1720, "fare": 300}
    for kind in ("late_arrival", "diversion"):
        decided = decide(kind, **facts)
        assert "rebook" in decided.done
        assert "refund" not in decided.done
        assert not any("did not" in text.en for text in decided.texts)
    severity, why = severity_of(AIRLINE.taxonomy.kinds["late_arrival"], AIRLINE.completed(facts))
    assert (severity, "landed elsewhere" in why.text.en) == ("severe", True)


def test_those_who_need_special_care_are_called() -> None:
    decided = decide("unavailable", vulnerable=True, distance_km=500)
    assert {"call-now", "call-after"} <= decided.done
    assert "ask-after" not in decided.done


def test_short_delays_are_answered_for_all_at_once() -> None:
    decided = decide("slow", minutes_late=20)
    assert (decided.playbook.id, decided.playbook.strategy, decided.done) == ("journey-light", "systematic", {"notice"})


def test_hurt_dignity_is_answered_by_a_supervisor_and_the_employee_is_supported() -> None:
    decided = decide("rude_staff", vulnerable=True)
    performers = {action.kind: action.performer for action in decided.actions}
    assert performers["call"] == performers["employee_support"] == "supervisor"


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        ({"minutes_late": 179, "distance_km": 1000}, 0),
        ({"minutes_late": 180, "distance_km": 1500}, 250),
        ({"minutes_late": 180, "distance_km": 1501}, 400),
        ({"minutes_late": 180, "distance_km": 3500}, 400),
        ({"minutes_late": 239, "distance_km": 3501}, 300),
        ({"minutes_late": 240, "distance_km": 3501}, 600),
        ({"minutes_late": 240, "distance_km": 5000, "intra_eu": True}, 400),
        ({"minutes_late": 240, "distance_km": 1000, "responsible": "external", "controllable": False}, 0),
    ],
)
def test_the_european_table(facts: dict[str, object], amount: int) -> None:
    row = first_match(AIRLINE.tariff_in_force("eu261", TODAY).rows, {"kind": "slow", **facts})
    assert row is not None
    assert row.rule.amount == amount


@pytest.mark.parametrize(
    ("day", "facts", "amount"),
    [
        (DEMO_DAY, {"minutes_late": 90, "fare": 200, "domestic": True}, 400),
        (DEMO_DAY, {"minutes_late": 90, "fare": 900, "domestic": True}, 650),
        (DEMO_DAY, {"minutes_late": 300, "fare": 900, "domestic": True}, 1300),
        (TODAY, {"minutes_late": 300, "fare": 900, "domestic": True}, 2150),
        (TODAY, {"minutes_late": 180, "fare": 900, "domestic": False}, 1075),
        (TODAY, {"minutes_late": 59, "fare": 900, "domestic": True}, 0),
    ],
)
def test_denied_boarding_follows_the_law_of_the_day(day: date, facts: dict[str, object], amount: int) -> None:
    assert decide("denied_boarding", day, **facts).given["denied-boarding"] == amount


def test_usual_sums_are_within_automatic_authority_and_unusual_ones_wait_for_the_right_level() -> None:
    def enough(total: Decimal) -> str:
        return next(
            level.id for level in AIRLINE.authority if level.role != "quality_owner" and total <= level.per_case
        )

    totals = [
        sum(decide("slow", minutes_late=300, distance_km=4000).given.values()),
        sum(decide("unavailable", distance_km=4000, fare=300).given.values()),
        sum(decide("unavailable", distance_km=4000, fare=800).given.values()),
        sum(decide("baggage_lost", loss_amount=3000).given.values()),
    ]
    assert [enough(Decimal(total)) for total in totals] == ["automatic", "supervisor", "manager", "executive"]


@pytest.mark.parametrize(
    ("kind", "letter"),
    [("baggage_delayed", "baggage-search"), ("baggage_lost", "baggage-search"), ("baggage_damaged", "baggage-damaged")],
)
def test_nobody_is_told_that_a_damaged_bag_is_being_looked_for(kind: str, letter: str) -> None:
    actions = decide(kind, loss_amount=900).actions
    assert [action.template for action in actions if action.kind == "apology"] == [letter]


@pytest.mark.parametrize(
    ("fact", "made"),
    [("tier", [name for name, _, _ in TIERS]), ("cabin", CABINS.tolist()), ("vulnerable_reason", list(VULNERABLE))],
)
def test_whatever_the_demos_passengers_are_has_words(fact: str, made: list[str]) -> None:
    assert set(made) <= set(AIRLINE.taxonomy.facts[fact].values or ())


def test_what_the_customer_lost_is_said_as_money_in_both_languages() -> None:
    kind = AIRLINE.taxonomy.kinds["baggage_damaged"]
    _, why = severity_of(kind, AIRLINE.completed({"kind": "baggage_damaged", "loss_amount": 1612.5}))
    assert "$1,612.50" in why.text.en
    assert "1,612.50美元" in why.text.zh
    assert "$$" not in why.text.en
    assert why.inputs == {"loss_amount": 1612.5}

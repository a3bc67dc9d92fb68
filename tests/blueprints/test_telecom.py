"""The telecom operator's pack: what it says about cases that a person can check."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.severity import SEVERITIES
from amends.recover.core.tariff import reckon_on
from tests.blueprints import deciding

TELECOM = load_shipped("telecom")
LAST_YEAR, NEW_YEAR, TODAY = date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 1)
any_facts = deciding.any_facts(TELECOM)


def decide(kind: str, day: date = TODAY, **facts: object) -> deciding.Decided:
    """A failure taken through the operator's pack."""
    return deciding.Decided(TELECOM, kind, day, **facts)


def who_may(total: Decimal | int) -> str:
    """The lowest level that may give so much in one case."""
    able = [level for level in TELECOM.authority if level.role not in {"quality_owner", "front_line"}]
    return next(level.id for level in able if Decimal(total) <= level.per_case)


def performers(decided: deciding.Decided) -> dict[str, str]:
    return {action.id: action.performer for action in decided.actions}


@pytest.mark.parametrize(
    ("kind", "facts", "severity"),
    [
        ("slow_network", {}, "light"),
        ("slow_network", {"days_slow": 0.5}, "light"),
        ("slow_network", {"speed_percent": 50}, "light"),
        ("slow_network", {"speed_percent": 49}, "moderate"),
        ("slow_network", {"days_slow": 1}, "moderate"),
        ("slow_network", {"days_slow": 6.9}, "moderate"),
        ("slow_network", {"days_slow": 7}, "severe"),
        ("slow_network", {"days_slow": 3, "speed_percent": 20}, "moderate"),
        ("slow_network", {"days_slow": 3, "speed_percent": 18}, "severe"),
        ("slow_network", {"days_slow": 3, "vulnerable": True}, "severe"),
        ("slow_network", {"prior_failures": 2}, "moderate"),
        ("outage", {"hours_down": 3.9}, "light"),
        ("outage", {"hours_down": 4}, "moderate"),
        ("outage", {"hours_down": 24}, "severe"),
        ("outage", {"hours_down": 4, "vulnerable": True}, "severe"),
        ("outage", {"minutes_late": 0}, "moderate"),
        ("outage", {"minutes_late": 0, "vulnerable": True}, "severe"),
        ("outage", {"never": True}, "severe"),
        *(
            (kind, facts, severity)
            for kind in ("bill_unclear", "wrong_charge")
            for facts, severity in (
                ({}, "light"),
                ({"loss_amount": 19.9}, "light"),
                ({"loss_amount": 20}, "moderate"),
                ({"loss_amount": 8, "charge_kind": "unordered_service"}, "moderate"),
                ({"times_asked": 2}, "moderate"),
                ({"loss_amount": 300}, "severe"),
                ({"billed": 149, "quoted": 129}, "moderate"),
            )
        ),
    ],
)
def test_how_severe_it_is(kind: str, facts: dict[str, object], severity: str) -> None:
    assert decide(kind, **facts).severity == severity


@given(any_facts, st.integers(0, 40), st.integers(0, 40))
def test_more_days_of_a_slow_network_are_never_less_severe_and_never_give_less_back(
    facts: dict[str, object], a: int, b: int
) -> None:
    known = {**facts, "monthly_fee": 199}
    few, many = (decide("slow_network", **{**known, "days_slow": days}) for days in sorted((a, b)))
    assert SEVERITIES[few.severity] <= SEVERITIES[many.severity]
    assert few.given.get("slow-days", 0) <= many.given.get("slow-days", 0)


@pytest.mark.parametrize(
    ("kind", "facts", "responsible"),
    [
        ("outage", {}, "technology"),
        ("outage", {"outside_cause": "cable_cut_by_others"}, "external"),
        ("slow_network", {"supplier": "tower_company"}, "supplier"),
        ("appointment_missed", {"outside_cause": "storm_or_flood"}, "external"),
        ("appointment_missed", {"supplier": "installation_contractor"}, "supplier"),
        ("device_broken", {}, "product"),
        ("device_broken", {"customer_damage": True}, "customer"),
        ("roaming_shock", {"warned": True}, "customer"),
        ("roaming_shock", {"warned": False}, "process"),
        ("misleading_sale", {"supplier": "agency_shop"}, "supplier"),
    ],
)
def test_who_is_responsible(kind: str, facts: dict[str, object], responsible: str) -> None:
    assert decide(kind, **facts).responsible == responsible


UNORDERED = {"loss_amount": 45, "charge_kind": "unordered_service"}
BROKEN_AGAIN = {"device_price": 2000, "times_broken": 2, "days_since_purchase": 60}


@pytest.mark.parametrize(
    ("kind", "tariff", "day", "facts", "amount"),
    [
        ("wrong_charge", "wrong-charge", LAST_YEAR, UNORDERED, 45),
        ("wrong_charge", "wrong-charge", NEW_YEAR, UNORDERED, 90),
        ("wrong_charge", "wrong-charge", TODAY, {"loss_amount": 45, "charge_kind": "after_cancelling"}, 90),
        ("wrong_charge", "wrong-charge", TODAY, {"loss_amount": 45, "charge_kind": "charged_twice"}, 45),
        ("slow_network", "slow-days", LAST_YEAR, {"monthly_fee": 100, "days_slow": 1}, 4),
        ("slow_network", "slow-days", LAST_YEAR, {"monthly_fee": 100, "days_slow": 3}, 12),
        ("slow_network", "slow-days", LAST_YEAR, {"monthly_fee": 100, "days_slow": 25}, 100),
        ("slow_network", "slow-days", NEW_YEAR, {"monthly_fee": 100, "days_slow": 1}, 8),
        ("slow_network", "slow-days", TODAY, {"monthly_fee": 100, "days_slow": 3.5}, 24),
        ("slow_network", "slow-days", TODAY, {"monthly_fee": 100, "days_slow": 12}, 96),
        ("slow_network", "slow-days", TODAY, {"monthly_fee": 100, "days_slow": 90}, 100),
        ("outage", "outage-days", TODAY, {"monthly_fee": 100, "hours_down": 4}, 8),
        ("outage", "outage-days", TODAY, {"monthly_fee": 100, "hours_down": 24}, 8),
        ("outage", "outage-days", TODAY, {"monthly_fee": 100, "hours_down": 24.5}, 16),
        ("outage", "outage-days", TODAY, {"monthly_fee": 100, "hours_down": 289}, 100),
        ("device_broken_again", "device-refund", LAST_YEAR, BROKEN_AGAIN, 1800),
        ("device_broken_again", "device-refund", NEW_YEAR, BROKEN_AGAIN, 2000),
        ("appointment_missed", "missed-appointment", LAST_YEAR, {"minutes_late": 90}, 30),
        ("appointment_missed", "missed-appointment", LAST_YEAR, {"minutes_late": 30}, 0),
        ("appointment_missed", "missed-appointment", NEW_YEAR, {"minutes_late": 90}, 50),
        ("appointment_missed", "missed-appointment", TODAY, {"minutes_late": 30}, 10),
        ("appointment_missed", "missed-appointment", TODAY, {"never": True, "times_missed": 2}, 100),
        ("appointment_missed", "missed-appointment", TODAY, {"never": True, "outside_cause": "storm_or_flood"}, 0),
    ],
)
def test_the_tariff_of_the_day_of_the_failure_counts(
    kind: str, tariff: str, day: date, facts: dict[str, object], amount: int
) -> None:
    assert decide(kind, day, **facts).given[tariff] == amount


def test_an_unclear_bill_is_explained_and_what_was_never_ordered_is_removed_and_given_back_double() -> None:
    decided = decide("bill_unclear", loss_amount=45, charge_kind="unordered_service", times_asked=2)
    assert decided.done == {"apology", "line-by-line", "remove-service", "take-back", "call-through-bill", "ask-after"}
    assert decided.given == {"wrong-charge": 90}
    assert who_may(90) == "automatic"
    only_asked = decide("bill_unclear")
    assert only_asked.done == {"apology", "line-by-line", "ask-after"}
    assert only_asked.given == {}


def test_slow_broadband_brings_an_engineer_and_a_slow_cell_is_tuned_for_all() -> None:
    broadband = decide(
        "slow_network", measured_mbps=90, promised_mbps=500, days_slow=3, access="fibre", monthly_fee=199
    )
    assert broadband.playbook.id == "network-slow"
    assert broadband.done == {"apology", "engineer-visit", "explanation", "fee-back", "progress", "ask-after"}
    assert broadband.given == {"slow-days": Decimal("47.76")}
    mobile = decide("slow_network", days_slow=1, access="mobile", cell="NJ-0421-3")
    assert "tune-cell" in mobile.done
    assert "engineer-visit" not in mobile.done
    assert TELECOM.incidents.resources["cell"].fact == "cell"


def test_a_cable_cut_by_others_brings_the_fee_back_and_no_goodwill() -> None:
    theirs = decide("outage", hours_down=30, outside_cause="cable_cut_by_others", monthly_fee=150, access="fibre")
    assert theirs.playbook.id == "outage-outside"
    assert theirs.given == {"outage-days": 24}
    assert {"repair", "lend-data"} <= theirs.done
    ours = decide("outage", hours_down=30, monthly_fee=150)
    assert ours.given == {"outage-days": 24, "goodwill": 100}


@pytest.mark.parametrize(
    ("wants", "repair", "price_back"),
    [
        (None, "money-back", 2999),
        ("refund", "money-back", 2999),
        ("better_model", "better-model", None),
        ("same_model", "same-again", None),
    ],
)
def test_a_machine_broken_again_is_the_customers_choice_and_a_supervisor_calls(
    wants: str | None, repair: str, price_back: int | None
) -> None:
    decided = decide("device_broken_again", device_price=2999, times_broken=2, days_since_purchase=40, wants=wants)
    assert decided.severity == "severe"
    assert decided.done & {"money-back", "better-model", "same-again"} == {repair}
    assert performers(decided)["supervisor-call"] == performers(decided)["call-after"] == "supervisor"
    assert decided.given.get("device-refund") == price_back
    assert decided.given["device-trouble"] == 200


def test_a_device_is_exchanged_the_first_time_and_taken_back_within_seven_days() -> None:
    assert "exchange" in decide("device_broken", device_price=2999, days_since_purchase=12, wants="refund").done
    returned = decide("device_broken", device_price=2999, days_since_purchase=7, wants="refund")
    assert "exchange" not in returned.done
    assert returned.given == {"seven-day-return": 2999}


@pytest.mark.parametrize("kind", ["device_broken", "device_broken_again"])
def test_damage_by_the_customer_is_repaired_at_cost_and_nobody_says_it_was_us(kind: str) -> None:
    decided = decide(kind, device_price=2999, days_since_purchase=3, wants="refund", customer_damage=True)
    assert "repair-at-cost" in decided.done
    assert not decided.done & {"apology", "exchange", "money-back", "better-model", "same-again"}
    assert decided.given == {}


@pytest.mark.parametrize(
    ("kind", "facts", "total", "level"),
    [
        ("wrong_charge", {"loss_amount": 150, "charge_kind": "unordered_service"}, 300, "automatic"),
        ("wrong_charge", {"loss_amount": 151, "charge_kind": "unordered_service"}, 302, "supervisor"),
        ("roaming_shock", {"running_charges": 620}, 496, "supervisor"),
        ("roaming_shock", {"running_charges": 8000}, 6400, "manager"),
        ("device_broken_again", {"device_price": 2999, "times_broken": 2}, 3199, "supervisor"),
        ("device_broken_again", {"device_price": 5999, "times_broken": 2}, 6199, "manager"),
        ("device_broken_again", {"device_price": 12999, "times_broken": 2}, 13199, "executive"),
        ("sim_swap_fraud", {"loss_amount": 30000}, 30000, "executive"),
    ],
)
def test_which_level_covers_which_sum(kind: str, facts: dict[str, object], total: int, level: str) -> None:
    decided = decide(kind, **facts)
    assert sum(decided.given.values()) == total
    assert who_may(total) == level


def test_deceit_at_the_sale_gives_threefold_on_top_and_at_least_five_hundred() -> None:
    assert decide("misleading_sale", loss_amount=100).given == {"contract-correction": 100}
    assert performers(decide("misleading_sale", fraud_confirmed=True))["threefold"] == "manager"
    for lost, sum_on_top in ((100, 500), (600, 1800)):
        facts = {"fraud_confirmed": True, "loss_amount": lost}
        owed = reckon_on(TELECOM, "sale-by-deceit", TODAY, TELECOM.completed(facts))
        assert owed is not None
        assert owed.amount(facts) == sum_on_top


def test_whoever_lost_the_number_is_called_at_any_hour_and_the_number_is_secured_first() -> None:
    decided = decide("sim_swap_fraud", loss_amount=800)
    due = {action.id: action.due for action in decided.actions}
    assert due["secure-number"].within < due["call"].within
    assert due["call"].calendar == due["secure-number"].calendar == "always"
    assert performers(decided)["call"] == "supervisor"


def test_the_ladder_leads_up_within_fifteen_days_and_then_to_the_ministrys_appeal_centre() -> None:
    assert TELECOM.ladder is not None
    steps = TELECOM.ladder.steps
    assert [step.role for step in steps] == ["front_line", "supervisor", "manager", "quality_owner", "executive"]
    assert sum(step.within.total_seconds() for step in steps) < 15 * 24 * 3600
    assert TELECOM.ladder.outside is not None
    assert "12300" in TELECOM.ladder.outside.how.zh


def test_laws_that_were_recalled_are_not_passed_off_as_sure() -> None:
    laws = [tariff for tariff in TELECOM.tariffs if tariff.source_kind == "law"]
    assert laws
    assert all(law.confidence != "high" for law in laws)
    assert all(tariff.confidence != "high" for tariff in TELECOM.tariffs if "recalled" in tariff.source)

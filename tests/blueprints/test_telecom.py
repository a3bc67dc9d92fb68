"""The telecom operator's pack: what it says about cases that a person can check."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.standard_parts import STANDARD_FORMS
from amends.kernel.rules import first_match
from amends.kernel.severity import SEVERITIES
from amends.monitor.core.assessment import severity_of
from amends.recover.core.tariff import reckon_on
from tests.blueprints import deciding

TELECOM = load_shipped("telecom")
LAST_YEAR, TODAY = date(2025, 12, 31), date(2026, 6, 1)
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
    ("facts", "severity"),
    [
        ({}, "light"),
        ({"days_slow": 0.5}, "light"),
        ({"speed_percent": 50}, "light"),
        ({"speed_percent": 49}, "moderate"),
        ({"days_slow": 1}, "moderate"),
        ({"days_slow": 6.9}, "moderate"),
        ({"days_slow": 7}, "severe"),
        ({"days_slow": 3, "speed_percent": 20}, "moderate"),
        ({"days_slow": 3, "speed_percent": 18}, "severe"),
        ({"days_slow": 3, "vulnerable": True}, "severe"),
        ({"prior_failures": 2}, "moderate"),
    ],
)
def test_the_severity_of_a_slow_network(facts: dict[str, object], severity: str) -> None:
    assert decide("slow_network", **facts).severity == severity


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"hours_down": 3.9}, "light"),
        ({"hours_down": 4}, "moderate"),
        ({"hours_down": 24}, "severe"),
        ({"hours_down": 4, "vulnerable": True}, "severe"),
        ({"minutes_late": 0}, "moderate"),
        ({"minutes_late": 0, "vulnerable": True}, "severe"),
        ({"never": True}, "severe"),
    ],
)
def test_the_severity_of_an_outage(facts: dict[str, object], severity: str) -> None:
    assert decide("outage", **facts).severity == severity


@pytest.mark.parametrize("kind", ["bill_unclear", "wrong_charge"])
@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({}, "light"),
        ({"loss_amount": 19.9}, "light"),
        ({"loss_amount": 20}, "moderate"),
        ({"loss_amount": 8, "charge_kind": "unordered_service"}, "moderate"),
        ({"times_asked": 2}, "moderate"),
        ({"loss_amount": 300}, "severe"),
        ({"billed": 149, "quoted": 129}, "moderate"),
    ],
)
def test_the_severity_of_a_bill(kind: str, facts: dict[str, object], severity: str) -> None:
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


def test_an_unclear_bill_is_explained_and_what_was_never_ordered_is_removed_and_given_back_double() -> None:
    decided = decide("bill_unclear", loss_amount=45, charge_kind="unordered_service", times_asked=2)
    assert decided.done == {"apology", "line-by-line", "remove-service", "take-back", "call-through-bill", "ask-after"}
    assert decided.given == {"wrong-charge": 90}
    assert who_may(90) == "automatic"


def test_a_bill_that_is_only_not_understood_is_explained_and_nothing_is_paid() -> None:
    decided = decide("bill_unclear")
    assert decided.done == {"apology", "line-by-line", "ask-after"}
    assert decided.given == {}


@pytest.mark.parametrize(
    ("day", "charge_kind", "amount"),
    [
        (LAST_YEAR, "unordered_service", 45),
        (TODAY, "unordered_service", 90),
        (TODAY, "after_cancelling", 90),
        (TODAY, "charged_twice", 45),
        (date(2026, 1, 1), "unordered_service", 90),
    ],
)
def test_wrong_charges_are_given_back_by_the_promise_of_the_day_of_the_failure(
    day: date, charge_kind: str, amount: int
) -> None:
    assert decide("wrong_charge", day, loss_amount=45, charge_kind=charge_kind).given == {"wrong-charge": amount}


@pytest.mark.parametrize(
    ("day", "days", "amount"),
    [
        (LAST_YEAR, 1, "4"),
        (LAST_YEAR, 3, "12"),
        (LAST_YEAR, 25, "100"),
        (TODAY, 1, "8"),
        (TODAY, 3, "24"),
        (TODAY, 3.5, "24"),
        (TODAY, 12, "96"),
        (TODAY, 13, "100"),
        (TODAY, 90, "100"),
    ],
)
def test_the_fee_comes_back_by_the_day_of_slow_network(day: date, days: float, amount: str) -> None:
    assert decide("slow_network", day, monthly_fee=100, days_slow=days).given["slow-days"] == Decimal(amount)


@pytest.mark.parametrize(("hours", "amount"), [(4, 8), (24, 8), (24.5, 16), (48, 16), (49, 24), (289, 100)])
def test_the_fee_comes_back_by_the_day_begun_of_an_outage(hours: float, amount: int) -> None:
    assert decide("outage", monthly_fee=100, hours_down=hours).given["outage-days"] == amount


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


def test_the_price_back_follows_the_terms_of_the_day() -> None:
    facts = {"device_price": 2000, "times_broken": 2, "days_since_purchase": 60}
    assert decide("device_broken_again", LAST_YEAR, **facts).given["device-refund"] == 1800
    assert decide("device_broken_again", TODAY, **facts).given["device-refund"] == 2000


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


@pytest.mark.parametrize(
    ("day", "facts", "amount"),
    [
        (LAST_YEAR, {"minutes_late": 90}, 30),
        (LAST_YEAR, {"minutes_late": 30}, 0),
        (TODAY, {"minutes_late": 90}, 50),
        (TODAY, {"minutes_late": 30}, 10),
        (TODAY, {"never": True, "times_missed": 2}, 100),
        (TODAY, {"never": True, "outside_cause": "storm_or_flood"}, 0),
    ],
)
def test_what_a_missed_appointment_is_worth(day: date, facts: dict[str, object], amount: int) -> None:
    assert decide("appointment_missed", day, **facts).given["missed-appointment"] == amount


def test_whoever_lost_the_number_is_called_at_any_hour_and_the_number_is_secured_first() -> None:
    decided = decide("sim_swap_fraud", loss_amount=800)
    due = {action.id: action.due for action in decided.actions}
    assert due["secure-number"].within < due["call"].within
    assert due["call"].calendar == due["secure-number"].calendar == "always"
    assert performers(decided)["call"] == "supervisor"


def test_our_own_people_are_supported_where_they_had_it_hard() -> None:
    supported = [
        decide("rude_staff"),
        decide("appointment_missed", times_missed=2),
        decide("misleading_sale"),
        decide("sim_swap_fraud"),
    ]
    assert all("employee_support" in {action.kind for action in one.actions} for one in supported)


def test_the_ladder_leads_up_within_fifteen_days_and_then_to_the_ministrys_appeal_centre() -> None:
    assert TELECOM.ladder is not None
    steps = TELECOM.ladder.steps
    assert [step.role for step in steps] == ["front_line", "supervisor", "manager", "quality_owner", "executive"]
    assert sum(step.within.total_seconds() for step in steps) < 15 * 24 * 3600
    assert TELECOM.ladder.outside is not None
    assert "12300" in TELECOM.ladder.outside.how.zh


def test_promises_of_many_forms_are_watched() -> None:
    forms = {form for one in TELECOM.standards for form in STANDARD_FORMS if getattr(one, form) is not None}
    assert {"opens", "forbids", "limits", "repeats", "rate", "voices", "hears"} <= forms
    broken = {one.id: one.failure for one in TELECOM.standards}
    assert broken["billed-as-agreed"] == broken["nothing-unordered"] == "wrong_charge"
    assert broken["speed-as-promised"] == broken["area-as-fast-as-usual"] == "slow_network"
    assert broken["no-second-fault"] == "device_broken_again"


def test_nobody_waits_for_an_office_on_a_holiday() -> None:
    office = TELECOM.calendars["office"]
    assert {date(2026, 2, 17), date(2026, 10, 7)} <= set(office.holidays)
    assert date(2026, 10, 8) not in office.holidays
    assert str(office.tz) == "Asia/Shanghai"


def test_laws_that_were_recalled_are_not_passed_off_as_sure() -> None:
    laws = [tariff for tariff in TELECOM.tariffs if tariff.source_kind == "law"]
    assert laws
    assert all(law.confidence != "high" for law in laws)
    assert all(tariff.confidence != "high" for tariff in TELECOM.tariffs if "recalled" in tariff.source)


def test_what_the_customer_lost_is_said_as_money_in_both_languages() -> None:
    kind = TELECOM.taxonomy.kinds["wrong_charge"]
    known = TELECOM.completed({"kind": "wrong_charge", "loss_amount": 128.5, "charge_kind": "unordered_service"})
    _, why = severity_of(kind, {**known, "charge_kind": None})
    assert "CN¥128.50" in why.text.en
    assert "128.50元" in why.text.zh
    happened = first_match(kind.what_happened, known)
    assert happened is not None
    assert "128.50元" in happened.rule.text.filled({**known, "subject": "138****0001"}).zh

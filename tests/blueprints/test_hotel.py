"""The hotel's pack: what it says about cases that a person can check."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.rules import first_match
from amends.kernel.severity import SEVERITIES
from amends.kernel.text import Localised
from amends.monitor.core.assessment import severity_of
from amends.recover.core.tariff import reckon_on
from amends.recover.core.words import Told, amount_of, rendered
from tests.blueprints import deciding

HOTEL = load_shipped("hotel")
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)  # the house rules changed between them
any_facts = deciding.any_facts(HOTEL)


def decide(kind: str, day: date = JULY, **facts: object) -> deciding.Decided:
    """A failure taken through the hotel's pack."""
    return deciding.Decided(HOTEL, kind, day, **facts)


def performers(decided: deciding.Decided) -> dict[str, str]:
    """Who does what."""
    return {action.id: action.performer for action in decided.actions}


@pytest.mark.parametrize(
    ("kind", "facts", "severity"),
    [
        ("room_not_as_booked", {"room_fault": "no_window"}, "moderate"),
        ("room_not_as_booked", {"room_fault": "no_window", "vulnerable": True}, "severe"),
        ("room_not_as_booked", {"room_fault": "no_window", "other_room": "none", "nights": 2}, "moderate"),
        ("room_not_as_booked", {"room_fault": "no_window", "other_room": "none", "nights": 3}, "severe"),
        ("room_not_as_booked", {"room_fault": "view", "other_room": "same"}, "light"),
        ("no_room", {"other_house": "as_good", "walked_km": 1.2}, "moderate"),
        ("no_room", {"other_house": "as_good", "walked_km": 1.2, "tier": "gold"}, "severe"),
        ("no_room", {"other_house": "lower", "walked_km": 1.2}, "severe"),
        ("no_room", {"other_house": "none"}, "severe"),
        ("room_not_ready", {"minutes_late": 29}, "light"),
        ("room_not_ready", {"minutes_late": 30}, "moderate"),
        ("room_not_ready", {"minutes_late": 60, "vulnerable": True}, "severe"),
        ("room_not_ready", {"minutes_late": 180}, "severe"),
        ("dirty_room", {"dirt": "little"}, "light"),
        ("dirty_room", {"dirt": "bedding"}, "moderate"),
        ("dirty_room", {"dirt": "insects"}, "severe"),
        ("night_noise", {"hours_of_noise": 2}, "moderate"),
        ("night_noise", {"hours_of_noise": 3}, "severe"),
        ("facility_out", {"facility": "lock"}, "severe"),
        ("facility_out", {"facility": "hot_water", "hours_out": 5}, "moderate"),
        ("facility_out", {"facility": "hot_water", "hours_out": 6}, "severe"),
        ("facility_out", {"facility": "television", "hours_out": 1}, "light"),
        ("elevator_out", {"floor_number": 3}, "light"),
        ("elevator_out", {"floor_number": 3, "trapped": True}, "severe"),
        ("request_late", {"minutes_late": 39}, "light"),
        ("request_late", {"minutes_late": 40}, "moderate"),
        ("request_late", {"never": True}, "severe"),
        ("special_need_unmet", {"need": "baby_cot"}, "moderate"),
        ("special_need_unmet", {"need": "accessible_room"}, "severe"),
        ("safety_hazard", {"hazard": "slippery_floor"}, "moderate"),
        ("safety_hazard", {"hazard": "slippery_floor", "injured": True}, "severe"),
        ("privacy_breach", {"intruder": "staff"}, "moderate"),
        ("privacy_breach", {"intruder": "staff", "guest_inside": True}, "severe"),
    ],
)
def test_the_severity_of_what_guests_meet(kind: str, facts: dict[str, object], severity: str) -> None:
    assert decide(kind, **facts).severity == severity


@given(any_facts, st.integers(0, 600), st.integers(0, 600))
def test_a_longer_wait_for_the_room_is_never_less_severe(facts: dict[str, object], a: int, b: int) -> None:
    shorter, longer = sorted((a, b))
    grades = [
        SEVERITIES[decide("room_not_ready", **{**facts, "minutes_late": late}).severity] for late in (shorter, longer)
    ]
    assert grades == sorted(grades)


@pytest.mark.parametrize(
    ("kind", "facts", "responsible"),
    [
        ("room_not_as_booked", {}, "process"),
        ("room_not_as_booked", {"supplier": "booking_platform"}, "supplier"),
        ("night_noise", {"noise_source": "house"}, "process"),
        ("night_noise", {"noise_source": "works_outside"}, "external"),
        ("facility_out", {"facility": "hot_water"}, "technology"),
        ("facility_out", {"facility": "hot_water", "supply": "gas"}, "external"),
        ("elevator_out", {"supplier": "maintenance"}, "supplier"),
        ("utility_outage", {}, "external"),
        ("dirty_room", {"supplier": "laundry"}, "supplier"),
    ],
)
def test_who_is_responsible(kind: str, facts: dict[str, object], responsible: str) -> None:
    assert decide(kind, **facts).responsible == responsible


NO_WINDOW = {"room_fault": "no_window", "room_rate": 480, "price_difference": 120, "nights": 1}


def test_a_better_room_upstairs_is_given_before_any_money() -> None:
    decided = decide("room_not_as_booked", **NO_WINDOW, other_room="better")
    assert decided.playbook.id == "room-put-right"
    assert decided.done == {"apology-at-the-door", "upgrade", "explanation", "ask-after"}
    assert performers(decided) == {
        "apology-at-the-door": "supervisor",
        "upgrade": "front_line",
        "explanation": "automatic",
        "ask-after": "automatic",
    }
    assert decided.given == {}


def test_without_another_room_the_difference_is_paid_back_and_a_credit_given() -> None:
    decided = decide("room_not_as_booked", **NO_WINDOW, other_room="none")
    assert decided.done == {"apology-at-the-door", "difference", "credit", "explanation", "ask-after"}
    assert decided.given == {"room-difference": 120, "room-goodwill": 100}
    assert any("便宜120.00元" in text.zh for text in decided.texts)


def test_while_nobody_knows_whether_a_room_is_free_one_is_looked_for_and_nothing_is_paid_yet() -> None:
    decided = decide("room_not_as_booked", **NO_WINDOW)
    assert "change-room" in decided.done
    assert decided.given == {}


@pytest.mark.parametrize(
    ("day", "kind", "facts", "tariff", "amount"),
    [
        (JUNE, "room_not_as_booked", {"other_room": "none", "price_difference": 50}, "room-difference", "50"),
        (JULY, "room_not_as_booked", {"other_room": "none", "price_difference": 50}, "room-difference", "80"),
        (JUNE, "room_not_as_booked", {"other_room": "none", "room_rate": 600}, "room-difference", "90"),
        (JULY, "room_not_as_booked", {"other_room": "none", "room_rate": 600}, "room-difference", "120"),
        (JUNE, "no_room", {"room_rate": 520}, "walk-compensation", "260"),
        (JULY, "no_room", {"room_rate": 520}, "walk-compensation", "520"),
        (JULY, "no_room", {"room_rate": 220}, "walk-compensation", "300"),
        (JULY, "no_room", {}, "walk-compensation", "300"),
        (JUNE, "breakfast_missing", {"breakfast_price": 136}, "breakfast", "136"),
        (JULY, "breakfast_missing", {"breakfast_price": 136}, "breakfast", "204"),
        (JULY, "dirty_room", {"dirt": "bedding", "room_rate": 500}, "night-refund", "150"),
        (JULY, "dirty_room", {"dirt": "insects", "room_rate": 500}, "night-refund", "500"),
        (JULY, "night_noise", {"hours_of_noise": 2, "room_rate": 500}, "night-refund", "100"),
        (JULY, "facility_out", {"facility": "hot_water", "hours_out": 7, "room_rate": 600}, "night-refund", "300"),
        (JULY, "room_not_ready", {"minutes_late": 130}, "late-room", "100"),
        (JULY, "deposit_held", {"deposit_amount": 1000, "days_waiting": 8}, "held-money", "50"),
    ],
)
def test_the_tariff_in_force_at_the_failure_counts(
    day: date, kind: str, facts: dict[str, object], tariff: str, amount: str
) -> None:
    decided = decide(kind, day, **facts)
    assert tariff in decided.given
    decision = {"kind": kind, "severity": decided.severity, "responsible": decided.responsible}
    known = HOTEL.completed({**facts, **decision})
    owed = reckon_on(HOTEL, tariff, day, known)
    assert owed is not None
    assert owed.amount(known) == Decimal(amount)


def test_whoever_is_sent_on_gets_a_bed_from_the_duty_manager_the_first_night_and_the_way_there() -> None:
    decided = decide("no_room", other_house="as_good", walked_km=1.2, room_rate=520, loss_amount=36)
    assert decided.given == {"walk-compensation": 520, "walk-costs": 36}
    done_by = performers(decided)
    assert {done_by[name] for name in ("apology-in-person", "other-house", "compensation", "costs")} == {"supervisor"}
    assert "support-employee" in done_by


@given(st.sampled_from(["utility_outage", "night_noise", "facility_out", "elevator_out", "room_not_ready"]), any_facts)
def test_what_could_not_be_controlled_brings_care_and_no_money_back(kind: str, facts: dict[str, object]) -> None:
    if kind == "night_noise":
        facts = facts | {"noise_source": "works_outside"}
    elif kind != "utility_outage":
        facts = facts | {"supply": "water"}
    decided = decide(kind, **facts)
    assert decided.responsible == "external"
    assert set(decided.given) <= {"care"}


def test_other_guests_noise_is_ours_to_stop_and_to_make_good() -> None:
    decided = decide("night_noise", noise_source="other_guests", hours_of_noise=4, room_rate=500)
    assert decided.playbook.id == "quiet-night"
    assert {"stop-noise", "quiet-room", "apology"} <= decided.done
    assert decided.given == {"night-refund": 250}


def test_whoever_was_hurt_is_looked_after_first_and_the_general_manager_calls() -> None:
    done_by = performers(decide("safety_hazard", hazard="slippery_floor", injured=True))
    assert next(iter(done_by)) == "look-after"
    assert done_by["manager-calls"] == done_by["first-payment"] == "manager"


def test_hurt_dignity_is_heard_before_anything_is_given_and_the_employee_is_supported() -> None:
    decided = decide("rude_staff")
    kinds = [action.kind for action in decided.actions]
    assert kinds.index("call") < kinds.index("compensation")
    assert performers(decided)["support-employee"] == "supervisor"


def test_usual_sums_are_within_the_desks_authority_and_unusual_ones_wait_for_the_right_level() -> None:
    def enough(total: Decimal) -> str:
        return next(level.id for level in HOTEL.authority if level.role != "quality_owner" and total <= level.per_case)

    totals = [
        sum(decide("room_not_as_booked", **NO_WINDOW, other_room="none").given.values()),
        sum(decide("dirty_room", dirt="insects", room_rate=480).given.values()),
        sum(decide("no_room", room_rate=1280, loss_amount=200).given.values()),
        sum(decide("belongings_lost", loss_amount=6800).given.values()),
        sum(decide("safety_hazard", injured=True, loss_amount=18000).given.values()),
    ]
    assert [enough(Decimal(total)) for total in totals] == [
        "automatic",
        "front-desk",
        "duty-manager",
        "general-manager",
        "executive",
    ]


def test_a_guest_may_go_up_from_the_desk_to_the_executive_and_then_to_12315() -> None:
    ladder = HOTEL.ladder
    assert ladder is not None
    assert [step.title.zh for step in ladder.steps] == [
        "前台",
        "值班经理",
        "酒店总经理",
        "集团宾客关系部",
        "集团分管宾客事务的高管",
    ]
    assert ladder.outside is not None
    assert "12315" in ladder.outside.name.zh


def test_three_business_days_pass_over_the_national_holiday() -> None:
    office = HOTEL.calendar_named("office")
    assert not any(office.is_business_day(date(2026, 10, day)) for day in range(1, 8))
    assert office.is_business_day(date(2026, 10, 8))
    assert office.is_business_day(date(2026, 10, 10))  # a Saturday that is worked in exchange


@pytest.mark.parametrize(("price", "amount"), [(100, 500), (400, 1200)])
def test_where_a_guest_was_deceived_the_law_trebles_the_price(price: int, amount: int) -> None:
    tariff = HOTEL.tariff_in_force("fraud-by-law", JULY)
    assert "official check" in tariff.source
    row = first_match(tariff.rows, {"room_rate": price})
    assert row is not None
    rule = row.rule
    assert rule.percent is not None
    assert rule.at_least is not None
    assert max(price * rule.percent / 100, rule.at_least) == amount


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_every_letter_can_be_filled_and_names_sums_in_yuan(locale: str) -> None:
    told = Told(
        name="王小明",
        company=Localised(en="Test House", zh="测试酒店"),
        subject="HT-18",
        what_happened=Localised(en="The room was not ready.", zh="房间没有备好。"),
        cause=Localised(en="The cause was ours.", zh="原因在我们。"),
        amount=amount_of(Decimal(260), "CNY"),
        remedy="refund",
        by_when=datetime(2026, 7, 1, 7, 30, tzinfo=UTC),
        case="7",
        link="https://example.com/mine/x",
    )
    for template in HOTEL.templates.values():
        subject, body = rendered(template, told, locale=locale, zone=ZoneInfo("Asia/Shanghai"))
        assert "{" not in subject + body
        if {"amount", "given"} & set(template.variables):
            assert ("260.00元" if locale == "zh-CN" else "CN¥260.00") in subject + body


def test_what_the_guest_lost_is_said_in_yuan_in_both_languages() -> None:
    kind = HOTEL.taxonomy.kinds["billing_error"]
    _, why = severity_of(kind, HOTEL.completed({"kind": "billing_error", "loss_amount": 1180.5}))
    assert "CN¥1,180.50" in why.text.en
    assert "1,180.50元" in why.text.zh

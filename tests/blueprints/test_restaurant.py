"""The restaurant's pack: what it says about cases that a person can check."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from amends.kernel.blueprint import load_shipped
from tests.blueprints import deciding

RESTAURANT = load_shipped("restaurant")
SPRING, AUTUMN = date(2026, 5, 20), date(2026, 10, 18)  # before and after the revision of 1 July 2026


def decide(kind: str, day: date = AUTUMN, **facts: object) -> deciding.Decided:
    """A failure taken through the restaurant's pack."""
    return deciding.Decided(RESTAURANT, kind, day, **facts)


def enough(total: Decimal | int) -> str:
    """The lowest level whose authority covers this sum in a case and who gives money at all."""
    levels = [level for level in RESTAURANT.authority if "compensation" in level.may]
    return next(level.id for level in levels if total <= level.per_case)


def performers(decided: deciding.Decided) -> dict[str, str]:
    return {action.id: action.performer for action in decided.actions}


STEAK = {"doneness_ordered": "medium_well", "doneness_served": "rare", "dish_price": 168, "bill_total": 688}


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        (STEAK, "moderate"),
        ({**STEAK, "kept_dish": True}, "light"),
        ({**STEAK, "redo_failed": True}, "severe"),
        ({**STEAK, "redo_failed": True, "kept_dish": True}, "severe"),
        ({**STEAK, "unsafe_raw": True}, "severe"),
        ({**STEAK, "vulnerable": True}, "severe"),
        ({}, "moderate"),
    ],
)
def test_the_severity_of_a_steak_not_done_as_ordered(facts: dict[str, object], severity: str) -> None:
    assert decide("wrong_doneness", **facts).severity == severity


def test_a_steak_served_rare_is_redone_at_once_with_an_apology_of_the_floor_manager_and_off_the_bill() -> None:
    decided = decide("wrong_doneness", **STEAK)
    assert decided.playbook.id == "dish-redone"
    assert decided.done == {"redo-dish", "apology-at-table", "dish-off", "explanation", "kitchen-record", "ask-after"}
    assert performers(decided)["redo-dish"] == "front_line"
    assert performers(decided)["apology-at-table"] == "supervisor"
    assert decided.given == {"dish-off-bill": 168}
    redo = next(action for action in decided.actions if action.id == "redo-dish")
    assert (redo.kind, redo.due.within) == ("reinstatement", timedelta(minutes=15))


def test_a_steak_wrong_a_second_time_brings_the_restaurant_manager_and_half_of_the_bill() -> None:
    decided = decide("wrong_doneness", **STEAK, redo_failed=True)
    assert decided.playbook.id == "dish-wrong-again"
    assert performers(decided)["apology-by-manager"] == "manager"
    assert performers(decided)["redo-again"] == "supervisor"
    assert decided.given == {"dish-off-bill": 168, "spoilt-meal": 344}
    assert decide("wrong_doneness", redo_failed=True, bill_total=2000).given == {"spoilt-meal": 400}
    assert decide("wrong_doneness", redo_failed=True).given == {"spoilt-meal": 100}


def test_what_was_ordered_and_what_came_is_said_in_words_of_the_trade() -> None:
    (said,) = [text for text in decide("wrong_doneness", **STEAK).texts if "端上来" in text.zh]
    assert said.zh == "您点的是七分熟，端上来的却是三分熟。"
    assert said.en == "You ordered your dish medium-well and it came rare."


@pytest.mark.parametrize(
    ("kind", "facts", "tariff", "before", "after"),
    [
        ("wrong_doneness", {"kept_dish": True, "dish_price": 168}, "dish-off-bill", 0, 84),
        ("wrong_doneness", {"dish_price": 168}, "dish-off-bill", 168, 168),
        ("long_wait_table", {"waiting_minutes": 60}, "wait-gesture", 30, 50),
        ("long_wait_food", {"minutes_late": 40}, "wait-gesture", 60, 100),
    ],
)
def test_the_policy_in_force_on_the_day_of_the_failure_counts(
    kind: str, facts: dict[str, object], tariff: str, before: int, after: int
) -> None:
    assert decide(kind, SPRING, **facts).given[tariff] == before
    assert decide(kind, AUTUMN, **facts).given[tariff] == after
    assert decide(kind, date(2026, 6, 30), **facts).given[tariff] == before
    assert decide(kind, date(2026, 7, 1), **facts).given[tariff] == after


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({}, "light"),
        ({"party_size": 4, "notice_days": 1, "deposit": 0}, "light"),
        ({"occasion": "family"}, "light"),
        ({"deposit": 200}, "moderate"),
        ({"occasion": "birthday", "notice_days": 5}, "moderate"),
        ({"occasion": "anniversary"}, "moderate"),
        ({"occasion": "birthday", "notice_days": 1}, "severe"),
        ({"party_size": 8}, "moderate"),
        ({"vulnerable": True}, "moderate"),
    ],
)
def test_who_has_a_case_of_their_own_when_an_opening_is_put_off(facts: dict[str, object], severity: str) -> None:
    assert decide("opening_postponed", days_postponed=7, **facts).severity == severity


def test_those_without_deposit_or_feast_are_answered_all_at_once() -> None:
    decided = decide("opening_postponed", days_postponed=7, new_date="2026-10-25")
    assert (decided.playbook.strategy, decided.done) == ("systematic", {"tell-all"})
    assert any("推迟7天，改到2026-10-25" in text.zh for text in decided.texts)


def test_a_deposit_goes_back_at_once_with_a_new_day_and_a_welcome_dish() -> None:
    decided = decide("opening_postponed", days_postponed=7, deposit=300)
    assert decided.playbook.id == "opening-put-off"
    assert decided.done == {"tell", "deposit-back", "explanation", "new-date", "welcome-dish", "ask-after"}
    assert decided.given == {"deposit-refund": 300, "welcome-dish": 48}
    birthday = decide("opening_postponed", days_postponed=7, occasion="birthday", notice_days=7)
    assert "deposit-back" not in birthday.done
    assert performers(birthday)["call-about-the-day"] == "supervisor"
    assert birthday.given == {"welcome-dish": 128}


@pytest.mark.parametrize(
    ("kind", "facts", "responsible"),
    [
        ("opening_postponed", {}, "process"),
        ("opening_postponed", {"inspection_pending": True}, "external"),
        ("opening_postponed", {"supplier": "fitting_out"}, "supplier"),
        ("kitchen_closed", {}, "technology"),
        ("kitchen_closed", {"power_cut": True}, "external"),
        ("delivery_late", {"minutes_late": 30}, "process"),
        ("delivery_late", {"minutes_late": 30, "storm": True}, "external"),
        ("delivery_late", {"minutes_late": 30, "supplier": "delivery_platform"}, "supplier"),
        ("delivery_late", {"minutes_late": 30, "wrong_address": True}, "customer"),
        ("allergen_served", {"allergen_told": True}, "communication"),
        ("allergen_served", {"allergen_told": False}, "process"),
        ("wrong_doneness", STEAK, "person"),
    ],
)
def test_who_is_responsible_follows_from_the_facts(kind: str, facts: dict[str, object], responsible: str) -> None:
    assert decide(kind, **facts).responsible == responsible


def test_a_power_cut_brings_care_and_hardly_any_money() -> None:
    ours, outside = decide("kitchen_closed"), decide("kitchen_closed", power_cut=True)
    assert (ours.playbook.id, outside.playbook.id) == ("kitchen-stopped", "outside-cause")
    assert "another-way" in ours.done & outside.done
    assert (ours.given, outside.given) == ({"come-again": 80}, {"come-again": 30})
    storm = decide("delivery_late", minutes_late=70, storm=True)
    assert ("send-again" in storm.done, storm.given) == (True, {})


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        ({"dish_price": 58}, 1000),
        ({"dish_price": 168}, 1680),
        ({"loss_amount": 900}, 2700),
        ({"loss_amount": 100}, 1000),
        ({}, 1000),
    ],
)
def test_unsafe_food_has_its_sum_by_law_and_only_once_it_is_found_unsafe(facts: dict[str, int], amount: int) -> None:
    assert decide("foreign_object", object="insect", unsafe_food=True, **facts).given["food-safety"] == amount
    assert "food-safety" not in decide("foreign_object", object="insect", **facts).given
    (tariff,) = [one for one in RESTAURANT.tariffs if one.id == "food-safety" and one.in_force(AUTUMN)]
    assert (tariff.source_kind, tariff.confidence) == ("law", "medium")


def test_health_comes_before_money() -> None:
    decided = decide("allergen_served", allergen_told=True, symptoms=True, dish_price=88, loss_amount=420)
    assert decided.playbook.id == "health-first"
    assert [action.id for action in decided.actions][:3] == ["stop-serving", "health-letter", "call-about-health"]
    assert performers(decided)["call-about-health"] == "manager"
    assert decided.given == {"dish-off-bill": 88, "harm-made-good": 420}


def test_hurt_dignity_is_listened_to_and_staff_who_had_it_hard_are_supported() -> None:
    rude, spilled = decide("rude_staff"), decide("spilled")
    assert next(action.id for action in rude.actions) == "listen"
    assert rude.given == {}
    assert decide("rude_staff", prior_failures=1).given == {"goodwill": 100}
    assert "support-employee" in rude.done & spilled.done
    assert spilled.given == {"cleaning": 80}
    assert decide("spilled", loss_amount=260).given == {"cleaning": 260}


def test_what_did_not_come_is_sent_again_or_paid_back() -> None:
    assert {"send-again"} == decide("delivery_incomplete", items_missing=1).done & {"send-again", "refund"}
    missing = decide("delivery_incomplete", items_missing=1, loss_amount=36)
    assert (missing.done & {"send-again", "refund"}, missing.given) == ({"refund"}, {"delivery-refund": 36})
    never = decide("delivery_late", never=True, bill_total=96)
    assert never.given == {"delivery-refund": 96, "delivery-voucher": 30}


def test_usual_sums_are_given_at_once_and_unusual_ones_wait_for_the_right_level() -> None:
    totals = [
        sum(decide("wrong_doneness", **STEAK).given.values()),
        sum(decide("opening_postponed", deposit=300).given.values()),
        sum(decide("wrong_doneness", **STEAK, redo_failed=True).given.values()),
        sum(decide("foreign_object", object="wire", unsafe_food=True, dish_price=58).given.values()),
        sum(decide("opening_postponed", deposit=6000).given.values()),
    ]
    assert totals == [168, 348, 512, 1058, 6048]
    assert [enough(total) for total in totals] == [
        "automatic",
        "automatic",
        "floor-manager",
        "restaurant-manager",
        "executive",
    ]


def test_the_ladder_leads_from_the_table_to_the_region_and_then_outside() -> None:
    ladder = RESTAURANT.ladder
    assert ladder is not None
    assert [step.title.zh for step in ladder.steps] == [
        "为您服务的员工",
        "楼面经理",
        "店长",
        "食品安全与顾客关系部",
        "区域总经理",
    ]
    assert ladder.outside is not None
    assert "12315" in ladder.outside.name.zh


def test_over_spring_festival_guests_are_served_and_the_office_is_closed() -> None:
    noon = datetime(2026, 2, 17, 4, tzinfo=UTC)  # the first day of the year of the horse, noon in Shanghai
    assert RESTAURANT.calendars["service_hours"].is_open(noon)
    assert not RESTAURANT.calendars["office"].is_open(noon)


def test_nobody_has_to_write_a_complaint_to_have_their_own_money_back() -> None:
    asked = {kind for one in RESTAURANT.leave.written_complaints for kind in one.kinds}
    assert asked == {"spilled", "allergen_served", "foreign_object"}

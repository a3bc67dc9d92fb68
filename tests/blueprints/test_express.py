"""The express pack: what it says about parcels that a person can check by hand."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.severity import SEVERITIES
from tests.blueprints import deciding

EXPRESS = load_shipped("express")
TODAY, LAST_YEAR = date(2026, 6, 1), date(2025, 6, 1)
any_facts = deciding.any_facts(EXPRESS)


def decide(kind: str, day: date = TODAY, **facts: object) -> deciding.Decided:
    """A failure taken through the express pack."""
    return deciding.Decided(EXPRESS, kind, day, **facts)


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"minutes_late": 0}, "light"),
        ({"minutes_late": 40}, "light"),
        ({"minutes_late": 119}, "light"),
        ({"minutes_late": 120}, "moderate"),
        ({"minutes_late": 1439}, "moderate"),
        ({"minutes_late": 1440}, "severe"),
        ({"never": True}, "severe"),
        ({"minutes_late": 5, "contents": "medicine"}, "severe"),
        ({"minutes_late": 5, "contents": "perishable"}, "severe"),
        ({"minutes_late": 5, "contents": "deadline_document"}, "severe"),
        ({"minutes_late": 5, "contents": "fragile"}, "light"),
        ({"minutes_late": 30, "vulnerable": True}, "moderate"),
        ({"minutes_late": 240, "vulnerable": True}, "severe"),
        ({"still_waiting": True}, "moderate"),
    ],
)
def test_the_severity_of_a_late_parcel(facts: dict[str, object], severity: str) -> None:
    assert decide("late_delivery", **facts).severity == severity


@given(any_facts, st.integers(0, 3000), st.integers(0, 3000))
def test_a_longer_delay_is_never_less_severe(facts: dict[str, object], a: int, b: int) -> None:
    grades = [
        SEVERITIES[decide("late_delivery", **{**facts, "minutes_late": late}).severity] for late in sorted((a, b))
    ]
    assert grades == sorted(grades)


@pytest.mark.parametrize(
    ("kind", "facts", "responsible"),
    [
        ("late_delivery", {}, "process"),
        ("late_delivery", {"weather_alert": "yellow"}, "process"),
        ("late_delivery", {"weather_alert": "red"}, "external"),
        ("late_delivery", {"road_closed": True}, "external"),
        ("late_delivery", {"supplier": "haulier"}, "supplier"),
        ("late_delivery", {"address_wrong": True}, "customer"),
        ("left_without_consent", {}, "person"),
        ("left_without_consent", {"supplier": "station"}, "supplier"),
        ("customs_hold", {}, "external"),
        ("customs_hold", {"customs_reason": "documents"}, "customer"),
        ("customs_hold", {"customs_reason": "our_mistake"}, "process"),
        ("disaster_hold", {}, "external"),
        ("rude_courier", {}, "person"),
    ],
)
def test_who_is_responsible_on_which_facts(kind: str, facts: dict[str, object], responsible: str) -> None:
    assert decide(kind, **facts).responsible == responsible


@given(st.sampled_from(sorted(EXPRESS.taxonomy.kinds)), any_facts)
def test_nothing_is_paid_for_what_could_not_be_controlled(kind: str, facts: dict[str, object]) -> None:
    decided = decide(kind, **facts)
    if decided.responsible == "external":
        assert not any(decided.given.values())


def test_a_parcel_hours_late_and_delivered_brings_apology_and_the_postage_back_but_no_second_delivery() -> None:
    decided = decide("late_delivery", product="next_morning", minutes_late=160, never=False, postage=23)
    assert decided.playbook.id == "hours-late"
    assert decided.done == {"apology", "waive-fee", "progress", "ask-after"}
    assert decided.given == {"fee-waiver": 23}


def test_a_parcel_that_never_came_gets_a_new_window_a_call_the_postage_and_a_sign_of_goodwill() -> None:
    decided = decide("late_delivery", product="next_morning", minutes_late=1440, never=True, postage=23)
    assert decided.playbook.id == "a-day-late"
    assert {"apology", "call-now", "new-window", "bring", "waive-fee", "goodwill"} <= decided.done
    assert decided.given == {"fee-waiver": 23, "goodwill": 50}


@pytest.mark.parametrize(
    ("day", "facts", "amount"),
    [
        (date(2026, 3, 31), {"product": "next_morning", "minutes_late": 40}, Decimal("11.5")),
        (date(2026, 4, 1), {"product": "next_morning", "minutes_late": 40}, 23),
        (date(2026, 3, 31), {"product": "next_morning", "minutes_late": 120}, 23),
        (date(2026, 4, 1), {"product": "standard", "minutes_late": 300}, None),
        (date(2026, 4, 1), {"product": "standard", "minutes_late": 1440}, 23),
        (date(2026, 4, 1), {"product": "next_morning", "minutes_late": 40, "weather_alert": "red"}, 0),
    ],
)
def test_the_terms_in_force_on_the_day_of_the_delay_count(
    day: date, facts: dict[str, object], amount: Decimal | None
) -> None:
    assert decide("late_delivery", day, postage=23, **facts).given.get("fee-waiver") == amount


@pytest.mark.parametrize(
    ("kind", "day", "facts", "amount"),
    [
        ("lost", TODAY, {"insured": True, "declared_value": 2000}, 2000),
        ("lost", TODAY, {"insured": True, "declared_value": 2000, "loss_amount": 2600}, 2000),
        ("lost", TODAY, {"insured": True, "declared_value": 2000, "loss_amount": 800}, 800),
        ("lost", TODAY, {"insured": False, "loss_amount": 1800}, 1000),
        ("lost", LAST_YEAR, {"insured": False, "loss_amount": 1800}, 500),
        ("lost", TODAY, {}, 100),
        ("damaged", TODAY, {"loss_amount": 260}, 260),
        ("damaged", TODAY, {"loss_amount": 20}, 20),
        ("misdelivered", TODAY, {"recovered": False, "loss_amount": 400}, 400),
        ("misdelivered", TODAY, {"recovered": True, "loss_amount": 400}, None),
    ],
)
def test_what_is_paid_for_the_content(kind: str, day: date, facts: dict[str, object], amount: int | None) -> None:
    assert decide(kind, day, **facts).given.get("content-compensation") == amount


@pytest.mark.parametrize(
    ("kind", "facts", "playbook", "repair"),
    [
        ("damaged", {"loss_amount": 260}, "damaged", "replace"),
        ("misdelivered", {}, "misdelivered", "fetch-back"),
        ("left_without_consent", {}, "to-the-door", "bring-to-door"),
        ("pickup_missed", {"courier_came": False}, "pickup-again", "pick-up"),
        ("wrong_charge", {"loss_amount": 45}, "correct", "give-back"),
        ("tracking_silent", {"hours_silent": 48}, "silence", "find"),
        ("address_change_missed", {}, "address-change", "send-on"),
        ("customs_hold", {"days_held": 3}, "customs", "hand-in"),
        ("disaster_hold", {}, "disaster", "bring-when-open"),
        ("disaster_hold", {}, "disaster", "support-team"),
        ("late_delivery", {"weather_alert": "red", "minutes_late": 300}, "outside-cause", "support-team"),
        ("late_delivery", {"address_wrong": True, "minutes_late": 300}, "wrong-address", "help"),
    ],
)
def test_the_plan_matches_what_failed(kind: str, facts: dict[str, object], playbook: str, repair: str) -> None:
    decided = decide(kind, **facts)
    assert decided.playbook.id == playbook
    assert repair in decided.done


@pytest.mark.parametrize(
    ("resend", "done"),
    [(None, {"replace", "compensation"}), (True, {"replace"}), (False, {"compensation"})],
)
def test_what_was_damaged_is_replaced_or_paid_for_and_not_both_once_that_is_known(
    resend: bool | None, done: set[str]
) -> None:
    assert decide("damaged", loss_amount=260, resend_possible=resend).done & {"replace", "compensation"} == done


@pytest.mark.parametrize(
    ("kind", "facts", "playbook", "given_"),
    [
        (
            "late_delivery",
            {"product": "next_morning", "minutes_late": 12, "postage": 23},
            "minutes-late",
            {"fee-waiver": 23},
        ),
        ("late_delivery", {"product": "standard", "minutes_late": 300, "postage": 12}, "hours-late", {"goodwill": 20}),
        ("wrong_charge", {"loss_amount": 45.5}, "correct", {"correction": Decimal("45.5")}),
        ("wrong_charge", {"loss_amount": 3}, "service-light", {"correction": 3}),
        ("left_without_consent", {"prior_failures": 1}, "to-the-door", {"goodwill": 30}),
    ],
)
def test_small_sums(kind: str, facts: dict[str, object], playbook: str, given_: dict[str, Decimal]) -> None:
    decided = decide(kind, **facts)
    assert (decided.playbook.id, decided.given) == (playbook, given_)


def test_hurt_dignity_is_heard_by_a_supervisor_before_any_voucher_and_the_courier_is_heard_too() -> None:
    decided = decide("rude_courier")
    performers = {action.kind: action.performer for action in decided.actions}
    assert performers["call"] == performers["employee_support"] == "supervisor"
    (voucher,) = [action for action in decided.actions if action.kind == "compensation"]
    assert (voucher.phase, voucher.tariff) == ("follow_up", "goodwill")


def test_usual_sums_are_within_automatic_authority_and_unusual_ones_wait_for_the_right_level() -> None:
    def enough(total: Decimal) -> str:
        return next(
            level.id for level in EXPRESS.authority if level.role != "quality_owner" and total <= level.per_case
        )

    totals = [
        sum(decide("late_delivery", product="next_morning", never=True, postage=23).given.values()),
        sum(decide("lost", loss_amount=600, postage=15).given.values()),
        sum(decide("lost", insured=True, declared_value=3000, postage=60).given.values()),
        sum(decide("lost", insured=True, declared_value=20000, postage=200).given.values()),
    ]
    assert [enough(Decimal(total)) for total in totals] == ["automatic", "supervisor", "manager", "executive"]


def test_the_ladder_ends_at_the_postal_administration() -> None:
    assert EXPRESS.ladder is not None
    assert [step.role for step in EXPRESS.ladder.steps] == [
        *("front_line", "supervisor", "manager", "quality_owner", "executive")
    ]
    assert EXPRESS.ladder.outside is not None
    assert "12305" in EXPRESS.ladder.outside.how.zh


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-06-01T16:00", "2026-06-02T10:00"),
        ("2026-06-01T18:30", "2026-06-03T10:00"),
        ("2026-04-30T16:00", "2026-05-01T10:00"),  # parcels go out on Labour Day
        ("2026-02-14T12:00", "2026-02-24T10:00"),  # over the Spring Festival nothing is promised by the hour
    ],
)
def test_by_ten_the_next_morning(accepted: str, due: str) -> None:
    (standard,) = [one for one in EXPRESS.standards if one.id == "by-ten-next-morning"]
    assert standard.due is not None
    assert standard.due.by is not None
    assert standard.due.days is not None
    calendar = EXPRESS.calendar_named(standard.due.calendar)
    then = datetime.fromisoformat(accepted).replace(tzinfo=calendar.zone)
    found = calendar.due_by(then, standard.due.by, standard.due.days, standard.due.cutoff)
    assert found == datetime.fromisoformat(due).replace(tzinfo=calendar.zone)

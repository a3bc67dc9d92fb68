"""The bank's pack: what it says about cases that a person can check."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from amends.kernel.blueprint import load_shipped
from amends.kernel.rules import first_match
from tests.blueprints import deciding

BANK = load_shipped("bank")
LAST_WINTER, THIS_SUMMER = date(2026, 3, 31), date(2026, 7, 15)
any_facts = deciding.any_facts(BANK)


def decide(kind: str, day: date = THIS_SUMMER, **facts: object) -> deciding.Decided:
    """A failure taken through the bank's pack."""
    return deciding.Decided(BANK, kind, day, **facts)


def approver(total: Decimal) -> str:
    """The lowest level whose own limit for a case covers the sum."""
    return next(level.id for level in BANK.authority if total <= level.per_case)


@pytest.mark.parametrize(
    ("kind", "facts", "severity"),
    [
        ("wrong_charge", {}, "moderate"),
        ("wrong_charge", {"charged": 4999, "promise": "recorded"}, "moderate"),
        ("wrong_charge", {"charged": 5000, "promise": "recorded"}, "severe"),
        ("wrong_charge", {"charged": 6800, "promise": "told_only"}, "moderate"),
        ("wrong_charge", {"loss_amount": 500, "vulnerable": True}, "severe"),
        ("transfer_late", {"minutes_late": 119}, "light"),
        ("transfer_late", {"minutes_late": 120}, "moderate"),
        ("transfer_late", {"minutes_late": 1440}, "severe"),
        ("transfer_late", {"minutes_late": 10, "urgent_use": True}, "severe"),
        ("transfer_misdirected", {"transfer_amount": 50_000}, "severe"),
        ("card_swallowed", {"only_card": True}, "severe"),
        ("atm_short", {"loss_amount": 1000}, "moderate"),
        ("card_blocked", {"abroad": True}, "severe"),
        ("app_down", {"minutes_down": 119}, "light"),
        ("app_down", {"minutes_down": 95, "pay_day": True}, "moderate"),
        ("long_queue", {"waiting_minutes": 59}, "light"),
        ("long_queue", {"waiting_minutes": 60}, "moderate"),
        ("long_queue", {"waiting_minutes": 60, "vulnerable": True}, "severe"),
        ("phone_unreached", {"still_at_risk": True}, "severe"),
        ("no_answer", {"days_waiting": 14}, "moderate"),
        ("no_answer", {"days_waiting": 15}, "severe"),
        ("special_need_unmet", {"vulnerable": True}, "severe"),
        ("loan_late", {"loan_lost": True}, "severe"),
        ("credit_report_error", {"credit_refused": True}, "severe"),
        ("privacy_leak", {"data_spread": True}, "severe"),
        ("misselling", {}, "severe"),
    ],
)
def test_how_grave_it_is(kind: str, facts: dict[str, object], severity: str) -> None:
    assert decide(kind, **facts).severity == severity


@pytest.mark.parametrize(
    ("kind", "facts", "responsible"),
    [
        ("wrong_charge", {}, "process"),
        ("wrong_charge", {"promise": "told_only"}, "communication"),
        ("wrong_charge", {"promise": "none"}, "process"),
        ("transfer_late", {}, "technology"),
        ("transfer_late", {"other_bank": True}, "external"),
        ("card_swallowed", {"supplier": "machine_maintenance"}, "supplier"),
        ("unauthorised_transaction", {}, "technology"),
        ("unauthorised_transaction", {"code_shared": True}, "customer"),
        ("credit_report_error", {"customer_late": True}, "customer"),
        ("rude_staff", {}, "person"),
    ],
)
def test_who_is_responsible(kind: str, facts: dict[str, object], responsible: str) -> None:
    assert decide(kind, **facts).responsible == responsible


def test_a_promise_by_word_of_mouth_is_met_half_way_and_one_on_record_in_full() -> None:
    told = decide("wrong_charge", fee_kind="prepayment", charged=6800, promise="told_only")
    assert told.given == {"charge-refund": 3400}
    assert {"listen", "evidence", "answer", "correction"} <= told.done
    found = decide("wrong_charge", fee_kind="prepayment", charged=6800, promise="recorded")
    assert found.given == {"charge-refund": 6800, "use-of-money": 204}


def test_once_the_promise_is_found_only_the_other_half_is_still_due() -> None:
    later = decide("wrong_charge", charged=6800, promise="recorded", half_given=True)
    assert later.given == {"charge-rest": 3400, "use-of-money": 204}
    assert "give-back" not in later.done


def test_a_charge_that_was_agreed_is_explained_and_not_given_back() -> None:
    decided = decide("wrong_charge", charged=6800, promise="none")
    assert decided.given == {}
    assert {"evidence", "answer"} <= decided.done
    assert not {"give-back", "use-of-money", "correction"} & decided.done


@pytest.mark.parametrize(("day", "amount"), [(LAST_WINTER, 102), (LAST_WINTER + timedelta(days=1), 204)])
def test_the_use_of_money_is_paid_by_the_policy_of_the_day_of_the_failure(day: date, amount: int) -> None:
    assert decide("wrong_charge", day, charged=6800, promise="recorded").given["use-of-money"] == amount


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        ({"transfer_amount": 20_000, "minutes_late": 180}, 20),
        ({"transfer_amount": 200_000, "minutes_late": 180}, 100),
        ({"transfer_amount": 200_000, "minutes_late": 1440}, 200),
        ({"transfer_amount": 200_000, "minutes_late": 4320}, 600),
        ({"transfer_amount": 2_000_000, "never": True}, 3000),
        ({"minutes_late": 180}, 20),
    ],
)
def test_what_a_late_transfer_is_worth(facts: dict[str, object], amount: int) -> None:
    assert decide("transfer_late", **facts).given == {"late-transfer": amount}


def test_a_delay_at_the_other_bank_brings_help_and_no_money() -> None:
    decided = decide("transfer_late", minutes_late=1500, other_bank=True, transfer_amount=9000, loss_amount=50)
    assert (decided.playbook.id, decided.given) == ("other-bank-late", {})
    assert "ask-there" in decided.done


def test_money_sent_astray_is_sent_again_at_once_and_the_employee_is_supported() -> None:
    decided = decide("transfer_misdirected", transfer_amount=50_000)
    assert {"redo": "supervisor", "support-employee": "supervisor"}.items() <= {
        action.id: action.performer for action in decided.actions
    }.items()
    assert decided.given == {"late-transfer": 25}


def test_a_machine_that_paid_too_little_is_made_good_without_anybody_asking() -> None:
    decided = decide("atm_short", asked=3000, paid=2000, loss_amount=1000)
    assert decided.given == {"machine-shortfall": 1000, "use-of-money": 30}
    assert approver(sum(decided.given.values(), Decimal())) == "automatic"


def test_stolen_money_is_put_back_unless_the_code_was_given_away() -> None:
    stolen = decide("unauthorised_transaction", loss_amount=8600, still_at_risk=True)
    assert stolen.given == {"unauthorised-refund": 8600}
    assert {"secure", "call", "apology", "put-back", "new-card"} <= stolen.done
    deceived = decide("unauthorised_transaction", loss_amount=8600, code_shared=True)
    assert deceived.given == {}
    assert {"secure", "call"} <= deceived.done
    assert "apology" not in deceived.done


def test_an_outage_on_pay_day_costs_nobody_a_late_fee() -> None:
    decided = decide("app_down", minutes_down=95, pay_day=True)
    assert {"apology", "no-late-fee", "explanation"} <= decided.done
    assert decided.given == {"outage-thanks": 20}
    assert decide("app_down", minutes_down=30).playbook.strategy == "systematic"


@pytest.mark.parametrize(
    ("kind", "step"),
    [("rude_staff", "call"), ("misselling", "call"), ("special_need_unmet", "call"), ("privacy_leak", "call")],
)
def test_hurt_dignity_and_trust_are_heard_by_the_head_of_the_branch_and_the_employee_too(kind: str, step: str) -> None:
    performers = {action.id: action.performer for action in decide(kind, vulnerable=True).actions}
    assert performers[step] == performers["support-employee"] == "supervisor"


def test_an_elderly_customer_who_was_sent_away_is_visited() -> None:
    decided = decide("special_need_unmet", vulnerable=True, help_needed="home_visit")
    assert {"call", "visit", "call-after"} <= decided.done
    assert decided.given == {"goodwill": 300}


@pytest.mark.parametrize(
    ("total", "level"),
    [
        (2000, "automatic"),
        (3400, "supervisor"),
        (5000, "supervisor"),
        (7004, "manager"),
        (30_001, "quality-owner"),
        (100_001, "executive"),
    ],
)
def test_a_larger_sum_waits_for_somebody_higher_up(total: int, level: str) -> None:
    assert approver(Decimal(total)) == level


def test_a_very_large_sum_needs_the_customers_written_words() -> None:
    asked = BANK.leave.written_for
    about = {"kind": "compensation", "failure": "unauthorised_transaction"}
    assert asked(**about, amount=Decimal(50_000), given=Decimal(0)) is None
    assert asked(**about, amount=Decimal(10_000), given=Decimal(45_000)) is not None


def test_the_ladder_has_five_steps_within_fifteen_days_and_ends_outside() -> None:
    ladder = BANK.ladder
    assert ladder is not None
    assert [step.role for step in ladder.steps] == ["front_line", "supervisor", "manager", "quality_owner", "executive"]
    assert [step.named for step in ladder.steps] == [False, False, False, True, True]
    first, *others = ladder.steps
    a_day = timedelta(days=1)  # the phone bank is open every day, longer than the first step takes
    assert first.within < timedelta(hours=14)
    assert a_day + sum((step.within for step in others), timedelta()) < timedelta(days=15)
    assert ladder.outside is not None
    assert "12378" in ladder.outside.how.zh


@given(any_facts)
def test_whoever_gave_away_a_code_is_never_paid_in_advance(facts: dict[str, object]) -> None:
    decided = decide("unauthorised_transaction", **{**facts, "code_shared": True})
    assert not decided.given.get("unauthorised-refund")


def test_the_law_on_fraud_is_on_record_and_no_plan_pays_it() -> None:
    (law,) = [tariff for tariff in BANK.tariffs if tariff.source_kind == "law"]
    row = first_match(law.rows, {"kind": "misselling", "charged": 100})
    assert row is not None
    assert (row.rule.percent, row.rule.at_least, law.confidence) == (300, 500, "low")
    assert law.id not in {action.tariff for playbook in BANK.playbooks for action in playbook.actions}

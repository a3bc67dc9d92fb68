"""What research says about a plan: missing and mismatched parts, each with its source."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from amends.kernel.repairs import ADDED, REPAIRS
from amends.recover.core.advice import RULES, Situation, advise
from amends.recover.core.coverage import Item, coverage


def item(repair: str, *, amount: str = "0", state: str = "ready", phase: str = "", days: int = 0) -> Item:
    what = REPAIRS[repair]
    return Item(
        id=1,
        step=f"{ADDED}{repair}.1",
        kind=what.kind,
        phase=phase or what.phase,
        remedy=what.remedy,
        channel=what.channel,
        amount=Decimal(amount),
        justice=what.justice,
        state=state,
        due_in=timedelta(days=days),
    )


GOOD = (
    item("listen"),
    item("apologise_in_writing"),
    item("explain"),
    item("redo"),
    item("cash", amount="100"),
    item("follow_up_call"),
)
FINE = Situation(
    items=GOOD,
    hurts=frozenset({"service"}),
    severity=2,
    responsible="process",
    stable=False,
    price=Decimal(200),
    loss=Decimal(200),
    earlier_failures=0,
    given_before=None,
)


def said(situation: Situation) -> set[str]:
    return {one.id for one in advise(situation)}


def without(*repairs: str) -> tuple[Item, ...]:
    return tuple(one for one in GOOD if one.repair.id not in repairs)


def test_a_plan_that_fits_is_left_alone():
    assert said(FINE) == set()


@pytest.mark.parametrize(
    ("advice", "situation"),
    [
        ("money-for-money", replace(FINE, hurts=frozenset({"money"}), items=without("cash"))),
        (
            "money-now",
            replace(
                FINE, hurts=frozenset({"money"}), items=(*without("cash"), item("cash", amount="9", phase="follow_up"))
            ),
        ),
        ("exchange-for-goods", replace(FINE, hurts=frozenset({"goods"}), items=without("redo"))),
        ("service-again", replace(FINE, items=without("redo"))),
        ("attention-for-inattention", replace(FINE, hurts=frozenset({"attention"}), items=without("listen"))),
        ("more-than-the-first", replace(FINE, earlier_failures=1, given_before=Decimal(100))),
        ("not-beyond-the-cap", replace(FINE, items=(*GOOD, item("voucher", amount="201")))),
        (
            "too-little-for-who-rejects",
            replace(FINE, severity=3, items=(*without("redo"), item("refund", amount="200"))),
        ),
        ("first-money-for-who-accepts", replace(FINE, items=without("cash"))),
        ("money-where-not-ours", replace(FINE, responsible="external")),
        ("say-how-long", replace(FINE, items=(*without("explain", "listen"), item("voucher", amount="1", days=2)))),
        ("fair-result", replace(FINE, items=without("redo", "cash"))),
        ("fair-treatment", replace(FINE, items=(item("cash", amount="100"), item("redo")))),
        ("apology-owed", replace(FINE, items=without("apologise_in_writing", "listen"))),
        ("refund-over-exchange", replace(FINE, stable=True, items=(*without("redo"), item("replace")))),
        ("fair-procedure", replace(FINE, items=(item("apologise_in_person"), item("cash", amount="100")))),
        ("follow-up", replace(FINE, items=without("follow_up_call"))),
    ],
)
def test_a_part_that_is_missing_or_does_not_match_is_told(advice: str, situation: Situation):
    assert advice in said(situation)


def test_nobody_is_advised_to_give_less_and_more_at_once():
    over = replace(FINE, severity=3, items=(*without("redo"), item("refund", amount="201")))
    assert "not-beyond-the-cap" in said(over)
    assert "too-little-for-who-rejects" not in said(over)


def test_every_rule_is_tried_above():
    tried = next(
        mark.args[1]
        for mark in test_a_part_that_is_missing_or_does_not_match_is_told.pytestmark
        if mark.name == "parametrize"
    )
    assert {name for name, _ in tried} == {rule.id for rule in RULES}


def test_a_skipped_action_is_no_part_of_the_plan():
    skipped = tuple(replace(one, state="skipped") if one.repair.id == "redo" else one for one in GOOD)
    assert "service-again" in said(replace(FINE, items=skipped))


def test_each_advice_names_its_source_and_what_would_answer_it():
    for rule in RULES:
        assert rule.source
        assert rule.confidence in {"high", "low", "medium"}
        assert ("recalled" in rule.source) == (rule.confidence == "low")
        assert set(rule.adds) <= set(REPAIRS)


def test_what_an_advice_offers_to_add_answers_it():
    """Whoever follows it is not told the same again; only where the sum matters may it still be."""
    missing = replace(FINE, items=without("redo"))
    assert "service-again" not in said(replace(missing, items=(*missing.items, item("redo"))))
    rude = replace(FINE, hurts=frozenset({"attention"}), items=without("listen"))
    assert "attention-for-inattention" not in said(replace(rude, items=(*rude.items, item("listen"))))


def test_the_best_founded_advice_comes_first():
    confidences = [one.confidence for one in advise(replace(FINE, items=()))]
    assert confidences == sorted(confidences, key=["high", "medium", "low"].index)


def test_coverage_says_which_action_speaks_for_which_justice_and_what_is_missing():
    found = {one.justice: one for one in coverage((item("cash", amount="1"), item("explain", state="refused")))}
    assert [one.repair.id for one in found["distributive"].items] == ["cash"]
    assert found["procedural"].missing
    assert found["interactional"].missing

"""Values of facts are compared as they are and said in the pack's words."""

import copy
import json
from typing import get_args

import pytest

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.rules import Condition
from amends.kernel.severity import SEVERITIES
from amends.kernel.taxonomy import DECISION_FACTS, Responsible, Taxonomy
from amends.kernel.text import Localised, WordedText, shown


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_shipped("airline").taxonomy


def test_a_sentence_says_a_value_in_words_and_a_rule_compares_it_as_it_is(taxonomy: Taxonomy) -> None:
    known = taxonomy.completed(
        {"tier": "gold", "cabin": "first", "kind": "slow", "severity": "light", "fare": 3}, currency="USD"
    )
    text = Localised(en="{tier}, {cabin}, {kind}, {severity}, {fare}", zh="{tier}，{cabin}，{kind}，{severity}，{fare}")
    assert text.filled(known) == Localised(
        en="Gold, first class, Delayed departure, light, $3.00", zh="金卡，头等舱，起飞延误，轻微，3.00美元"
    )
    assert Condition.parse({"tier": {"in": ["gold"]}, "cabin": "first"}).holds(known)
    assert json.loads(json.dumps(known))["tier"] == "gold"
    assert {"gold": 1}[str(known["tier"])] == 1


def test_a_value_that_the_pack_does_not_know_is_shown_as_it_is(taxonomy: Taxonomy) -> None:
    assert taxonomy.shown("tier", "diamond") == "diamond"
    assert taxonomy.shown("unheard_of", "gold") == "gold"
    assert taxonomy.shown("kind", "unheard_of") == "unheard_of"
    assert taxonomy.shown("minutes_late", 90) == 90
    assert taxonomy.completed({"tier": "diamond"}, currency="USD")["tier"] == "diamond"


def test_a_copy_of_a_worded_text_keeps_its_words() -> None:
    text = WordedText("gold", Localised(en="Gold", zh="金卡"))
    again = copy.deepcopy(text)
    assert (again, shown(again, "zh-CN"), shown(again, "en")) == ("gold", "金卡", "Gold")


@pytest.mark.parametrize(
    ("sum_", "en", "zh"),
    [(1250, "$1,250.00", "1,250.00美元"), (612.5, "$612.50", "612.50美元"), (0, "$0.00", "0.00美元")],
)
def test_a_sum_is_said_as_money_and_compared_and_kept_as_a_number(
    taxonomy: Taxonomy, sum_: float, en: str, zh: str
) -> None:
    known = taxonomy.completed({"loss_amount": sum_, "distance_km": 1250}, currency="USD")
    text = Localised(en="{loss_amount} on {distance_km} km", zh="{distance_km}公里{loss_amount}")
    assert text.filled(known) == Localised(en=f"{en} on 1,250 km", zh=f"1,250公里{zh}")
    assert json.dumps(known["loss_amount"]) == str(known["loss_amount"]) == json.dumps(sum_)
    assert Condition.parse({"loss_amount": sum_}).holds(known)
    again = copy.deepcopy(known["loss_amount"])
    assert (again, shown(again, "zh-CN")) == (sum_, zh)


@pytest.mark.parametrize("slip", [1e300, 10**40, float("nan"), float("inf"), True, None])
def test_what_can_be_no_sum_is_left_as_it_is(taxonomy: Taxonomy, slip: object) -> None:
    assert taxonomy.completed({"loss_amount": slip}, currency="USD")["loss_amount"] is slip


@pytest.mark.parametrize(
    ("fact", "said", "read"),
    [
        ("loss_amount", "90", 90),
        ("loss_amount", " 90.50 ", 90.5),
        ("loss_amount", "-3", -3),
        ("loss_amount", 90.5, 90.5),
        ("loss_amount", "1,200", None),  # a thousand, or one and a fifth
        ("loss_amount", "much", None),
        ("loss_amount", "９０", None),
        ("loss_amount", "nan", None),
        ("loss_amount", float("inf"), None),
        ("loss_amount", True, None),
        ("loss_amount", {"sum": 90}, None),
        ("cancelled", "True", True),
        ("cancelled", "false", False),
        ("cancelled", "perhaps", None),
        ("cancelled", 1, None),
        ("tier", 7, "7"),
        ("tier", ["gold"], None),
        ("tier", None, None),
        ("not_declared", ["gold"], ["gold"]),
    ],
)
def test_what_is_said_is_read_as_it_is_declared_or_is_not_known(
    taxonomy: Taxonomy, fact: str, said: object, read: object
) -> None:
    assert taxonomy.read({fact: said}) == {fact: read}
    assert type(taxonomy.read({fact: said})[fact]) is type(read)


def test_words_of_values_survive_the_content_of_a_pack() -> None:
    pack = load_shipped("airline")
    again = Blueprint.from_content(json.loads(json.dumps(pack.content())))
    assert again.taxonomy.shown("vulnerable_reason", "reduced_mobility") == Localised(
        en="reduced mobility", zh="行动不便"
    )


def test_what_the_product_decides_has_a_word_for_every_value() -> None:
    for fact, values in {"responsible": get_args(Responsible), "severity": SEVERITIES}.items():
        assert set(DECISION_FACTS[fact].values or ()) == set(values)

"""What customers' own words say: they raise a severity, never lower it, and are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.recover.core.customer_words import heard, raised

RULES = load_shipped("airline").taxonomy.words
LIGHT, MODERATE, SEVERE = 1, 2, 3


def ids(text: str) -> list[str]:
    return [one.rule.id for one in heard(text, RULES)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The cabin was full of SMOKE", "safety"),
        ("It was not safe at all.", "safety"),
        ("we had to take her to the hospital", "health"),
        ("I missed my little brother's final exams because of you", "once"),
        ("My daughter was left there alone", "child"),
        ("Never again will I fly with you", "leaving"),
        ("I'll never fly with you again", "leaving"),
        ("I am FURIOUS.", "anger"),
        ("客舱里冒烟了", "safety"),
        ("因为你们，我错过了女儿的婚礼", "once"),
        ("孩子在那里一个人等了三个小时", "child"),
        ("我再也不坐你们的飞机了", "leaving"),
        ("我要打１２３２６投诉", "public"),  # full-width digits
    ],
)
def test_a_phrase_is_heard_in_either_language(text: str, rule: str) -> None:
    assert rule in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The flight was two hours late.",
        "I'm not angry, only sad.",
        "No injuries, luckily.",
        "There was never any danger.",
        "The food court was closed.",  # the court of "food court" is none
        "航班晚点两小时。",
        "幸好没有受伤。",
        "我没有生气，也不愤怒。",
    ],
)
def test_what_is_denied_or_about_something_else_is_not_heard(text: str) -> None:
    assert ids(text) == []


def test_the_gravest_comes_first_and_names_the_words_that_spoke_for_it() -> None:
    found = heard("I am angry: my BABY had no milk, my baby cried.", RULES)
    assert [one.rule.id for one in found] == ["child", "anger"]
    assert found[0].words == ("baby",)
    assert found[0].why.text.en == "A small child is affected. The customer's own words: “baby”."
    assert found[0].why.text.zh == "涉及年幼的孩子。顾客的原话：“baby”。"
    assert found[0].why.rule == "taxonomy.words.child"


def test_words_raise_a_severity_and_never_lower_it() -> None:
    assert raised(LIGHT, "unacceptable", RULES).rank == MODERATE
    assert raised(MODERATE, "unacceptable", RULES) is None
    assert raised(SEVERE, "unacceptable", RULES) is None
    assert raised(MODERATE, "unsafe and unacceptable", RULES).rank == SEVERE


@given(st.text(max_size=200), st.integers(1, 3))
def test_whatever_is_said_the_severity_never_falls(text: str, severity: int) -> None:
    found = raised(severity, text, RULES)
    assert found is None or found.rank > severity


@given(st.sampled_from(["unsafe", "受伤", "angry"]), st.text(alphabet="abc ，,。xyz", max_size=30))
def test_more_words_never_silence_a_phrase_that_begins_a_text(phrase: str, more: str) -> None:
    assert ids(f"{phrase} {more}")

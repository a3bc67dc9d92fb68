"""What the lists of words hear, and what they let pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.voice import ENOUGH, complaint

COMPLAINTS = [
    ("This is unacceptable.", {"unacceptable"}),
    ("The crew was RUDE and unprofessional", {"rude", "unprofessional"}),
    ("My bag is late and nobody helps", {"late", "nobody"}),
    ("I\u2019m disappointed: still waiting for my refund", {"disappointed", "still waiting", "refund"}),
    ("I will never again fly with you", {"never again"}),
    ("我要投诉，服务态度恶劣", {"投诉", "恶劣", "态度"}),
    ("行李丢了，打不通电话", {"丢了", "打不通"}),
    ("等了三个小时也没有解释，太失望", {"等了", "没有解释", "太失望"}),
    ("完全无法接受", {"无法接受"}),
]
CONTENT = [
    "Not bad at all.",
    "No complaints, thank you!",
    "It wasn't terrible, the staff were fine.",
    "The flight was late but the crew was wonderful, thanks.",
    "Where is my bag?",
    "一点也不差劲",
    "没有投诉，谢谢",
    "服务很好，非常满意",
    "请问几点登机？",
    "",
]


@pytest.mark.parametrize(("text", "words"), COMPLAINTS)
def test_a_complaint_is_heard_with_the_words_that_spoke_for_it(text: str, words: set[str]) -> None:
    reading = complaint(text)
    assert reading.says
    assert set(reading.words) == words
    assert 0.5 <= reading.confidence < 1


@pytest.mark.parametrize("text", CONTENT)
def test_what_is_denied_or_only_asked_is_no_complaint(text: str) -> None:
    reading = complaint(text)
    assert not reading.says
    assert reading.words == ()


def test_a_weak_word_needs_company_and_a_denied_one_is_none() -> None:
    assert not complaint("My flight was delayed.").says
    assert complaint("My flight was delayed and my bag is lost.").says
    assert not complaint("My flight was delayed and my bag is not lost.").says
    assert ENOUGH == 2


@given(st.text(max_size=200))
def test_whatever_is_said_the_words_stand_in_it(text: str) -> None:
    reading = complaint(text)
    assert reading.says == bool(reading.words)
    assert all(word in text.lower().replace("\u2019", "'") for word in reading.words)


@given(st.sampled_from([text for text, _ in COMPLAINTS]), st.sampled_from(CONTENT))
def test_neutral_words_around_a_complaint_do_not_silence_it(text: str, other: str) -> None:
    assert complaint(f"{text}. {'' if 'thank' in other or '谢' in other or '满意' in other else other}").says

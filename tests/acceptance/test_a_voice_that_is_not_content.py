"""Passengers say what they think, in two languages: who complains is heard, by the words that spoke for it, and a
neighbour on the same flight is not hit by it."""

import pytest

from tests.acceptance.watching import MINUTE, MONDAY, Airline, hit


@pytest.mark.parametrize(
    ("text", "word"),
    [("The crew was rude and nobody helped.", "rude"), ("服务态度恶劣，我要投诉！", "投诉")],
)
def test_a_complaint_is_heard_by_its_words(airline_watched: Airline, text: str, word: str) -> None:
    airline_watched.tell("voice.heard", "UA1", MONDAY, customer="C1", text=text)
    airline_watched.tell("voice.heard", "UA1", MONDAY, customer="C2", text="Not bad at all, thank you. 一点也不差！")
    airline_watched.wait_until(MONDAY + MINUTE)

    (failure,) = airline_watched.failures()
    assert (failure.kind, failure.stage, failure.severity) == ("dissatisfied", "complained", 2)
    assert word in failure.facts["words"]
    assert hit(failure) == {"C1"}
    assert word in failure.severity_why.en


def test_a_detractor_is_heard_without_a_word(airline_watched: Airline) -> None:
    airline_watched.tell("voice.heard", "UA1", MONDAY, customer="C1", rating=6)
    airline_watched.tell("voice.heard", "UA2", MONDAY, customer="C2", rating=7)
    airline_watched.wait_until(MONDAY + MINUTE)
    (failure,) = airline_watched.failures()
    assert (failure.subject, failure.facts["rating"], failure.facts["limit"]) == ("UA1", 6, 6)

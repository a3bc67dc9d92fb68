"""How like two cases of one customer are, and what a person would name as the sign of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.likeness import Told, likeness, shared_pairs

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def told(subject: str = "UA1", kind: str = "slow", words: str = "My bag never came", hours: float = 0) -> Told:
    return Told(subject=subject, kind=kind, opened_at=NOW + timedelta(hours=hours), words=words)


TOLD = st.builds(
    told,
    subject=st.sampled_from(["UA1", "UA2"]),
    kind=st.sampled_from(["slow", "lost"]),
    words=st.text(max_size=20),
    hours=st.floats(-2_000, 2_000),
)


@given(TOLD, TOLD)
def test_it_is_the_same_whichever_comes_first_and_lies_between_none_and_all(one: Told, other: Told) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other).score <= 1 + 1e-9


def test_the_same_words_about_the_same_subject_an_hour_later_are_suggested_with_all_signs() -> None:
    found = likeness(told(), told(words="my bag never came!", hours=1))
    assert found.suggested
    assert found.signs == ("subject", "kind", "words", "time")


def test_another_subject_with_other_words_is_not_suggested() -> None:
    assert not likeness(told(), told(subject="UA9", words="The seat was broken", hours=20)).suggested


def test_the_same_subject_long_ago_is_not_suggested() -> None:
    assert not likeness(told(), told(hours=24 * 31)).suggested


def test_chinese_words_are_compared_by_their_pairs() -> None:
    assert shared_pairs("我的行李没有到", "我的行李还没有到") > 0.5
    assert shared_pairs("我的行李没有到", "座位坏了") == 0
    assert shared_pairs("", "") == 0

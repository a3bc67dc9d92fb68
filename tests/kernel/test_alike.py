"""Texts that people would call alike are found, set-wise as well as one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.alike import SAME_WORDS, alike, shared_pairs

TEXTS = st.lists(st.text(st.sampled_from("abcd 航班延误行李"), max_size=30), max_size=8)


@given(TEXTS, TEXTS)
def test_set_wise_finds_what_comparing_each_with_each_finds(these: list[str], those: list[str]) -> None:
    found = alike(these, those)
    naive = [
        [(at, score) for at, other in enumerate(those) if (score := shared_pairs(one, other)) >= SAME_WORDS]
        for one in these
    ]
    assert found == naive


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My bag came back with a broken wheel.", "The wheel of my bag is broken"),
        ("行李箱轮子被摔坏了", "我的行李箱轮子摔坏"),
    ],
)
def test_two_tellings_of_one_trouble_are_alike_in_either_language(one: str, other: str) -> None:
    assert shared_pairs(one, other) >= SAME_WORDS


def test_different_troubles_are_not_alike() -> None:
    assert shared_pairs("My bag came back with a broken wheel.", "Nobody told us why we waited") < SAME_WORDS

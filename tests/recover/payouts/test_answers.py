"""The bank's answer: good rows count, bad ones are told with their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.recover.payouts.answers import NoAnswer, read_answer
from amends.recover.payouts.connector import Result


def test_rows_are_read_in_either_language_and_bad_ones_are_told() -> None:
    text = "Reference,Outcome,note\r\nP1-1,paid,\r\nP2-1,退回,销户\r\n,paid,\r\nP3-1,perhaps,\r\n\r\nP4-1\r\n"
    results, bad = read_answer(text.encode("utf-8-sig"))
    assert results == [
        Result(reference="P1-1", outcome="paid"),
        Result(reference="P2-1", outcome="returned", note="销户"),
    ]
    assert [(row.row, row.said.en) for row in bad] == [
        (4, "no reference"),
        (5, "'perhaps' is neither paid nor returned"),
        (7, "'' is neither paid nor returned"),
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no column reference, outcome"),
        (b"reference,result\nP1-1,paid", "no column outcome"),
        (b"\xff\xfe\x00", "no CSV"),
        (b"reference,outcome\n" + b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_no_answer_says_what_it_should_be(data: bytes, why: str) -> None:
    with pytest.raises(NoAnswer, match=why):
        read_answer(data)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        results, bad = read_answer(data)
    except NoAnswer:
        return
    assert all(one.reference for one in results)
    assert all(row.row > 1 for row in bad)

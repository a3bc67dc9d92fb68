"""Somebody's columns as attributes of signals."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.columns import ATTRIBUTES, Columns, guess, is_target, told_of
from amends.monitor.core.signal import Unusable


def test_columns_are_guessed_by_their_names_in_english() -> None:
    header = ["Event ID", "Event type", "Flight", "Timestamp", "Passenger", "Station", "Gate no.", "System"]
    assert guess(header) == ("id", "type", "subject", "time", "customer", "unit", "data.Gate_no", "source")


def test_columns_are_guessed_by_their_names_in_chinese() -> None:
    header = ["事件编号", "事件类型", "运单号", "发生时间", "客户编号", "网点", "重量（公斤）"]
    assert guess(header) == ("id", "type", "subject", "time", "customer", "unit", "data.重量_公斤")


def test_the_contracts_own_names_are_taken_as_they_are() -> None:
    header = [*ATTRIBUTES, "data.gate", "data.due"]
    assert guess(header) == tuple(header)


def test_two_columns_never_become_one_attribute() -> None:
    assert guess(["time", "timestamp", "a b", "a-b", ""]) == ("time", "data.timestamp", "data.a_b", "", "")


def test_what_no_column_and_no_constant_gives_is_named() -> None:
    assert Columns(targets=("id", "time")).faults() == ["type", "subject"]
    assert Columns(targets=("subject", "time"), constants={"type": "x"}).faults() == []
    assert Columns(targets=("subject", "time", "time", "type")).faults() == ["time"]


def test_a_row_tells_a_signal() -> None:
    columns = Columns(
        targets=("subject", "time", "data.due", "data.gate", ""),
        times=frozenset({"data.due"}),
        constants={"type": "flight.scheduled"},
        zone="Asia/Shanghai",
    )
    told = told_of([" F1 ", "2026-03-02 09:00", "2026/3/2 10:00", "B7", "left out"], columns)
    assert told["time"] == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert told["data"] == {"due": "2026-03-02T02:00:00+00:00", "gate": "B7"}
    assert (told["subject"], told["type"], told["source"]) == ("F1", "flight.scheduled", "file")


def test_a_row_without_an_id_gets_one_that_is_always_the_same() -> None:
    columns = Columns(targets=("subject", "type", "time"))
    once, again, other = (told_of([s, "t", "2026-03-02"], columns)["id"] for s in ("A", "A", "B"))
    assert once == again != other


@pytest.mark.parametrize("cells", [["A"], ["A", "t", "2026-03-02", "x"]])
def test_a_row_that_does_not_fit_the_head_is_refused(cells: list[str]) -> None:
    with pytest.raises(Unusable, match=f"{len(cells)} cells, the head has 3"):
        told_of(cells, Columns(targets=("subject", "type", "time")))


@given(st.lists(st.text(max_size=20), max_size=12))
def test_whatever_the_head_says_each_guess_is_a_target_and_none_comes_twice(header: list[str]) -> None:
    targets = guess(header)
    assert len(targets) == len(header)
    assert all(map(is_target, targets))
    given_ = [target for target in targets if target]
    assert len(given_) == len(set(given_))

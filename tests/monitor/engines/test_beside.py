"""What goes on beside the rest of a step: when it is over, and what becomes of an error."""

import threading

import pytest

from amends.monitor.engines.beside import Beside


def test_it_goes_on_beside_the_block_and_is_over_when_that_ends() -> None:
    """Neither could end if one came after the other."""
    beside, met, done = Beside(there=True), threading.Barrier(2, timeout=30), []

    def work() -> str:
        met.wait()
        done.append("work")
        return "result"

    with beside.doing(work) as result:
        met.wait()
    assert done == ["work"]
    assert result() == "result"
    beside.close()


@pytest.mark.parametrize("wanted", [True, False])
def test_without_another_thread_the_work_is_done_first(wanted: bool) -> None:
    beside = Beside(there=not wanted)
    beside.wanted = wanted
    main, where = threading.current_thread(), []
    with beside.doing(lambda: where.append(threading.current_thread())):
        assert where == [main]
    beside.close()


def test_an_error_of_the_block_comes_once_the_work_is_over() -> None:
    beside, go, done = Beside(there=True), threading.Event(), []

    def work() -> None:
        go.wait(30)
        done.append("work")

    def fail() -> None:
        with beside.doing(work):
            go.set()
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        fail()
    assert done == ["work"]
    beside.close()


def test_an_error_of_the_work_is_not_lost() -> None:
    beside = Beside(there=True)
    with pytest.raises(ValueError, match="of the work"), beside.doing(lambda: int("of the work")):
        pass
    beside.close()


@pytest.mark.parametrize("there", [True, False])
def test_each_result_has_the_place_of_its_item(there: bool) -> None:
    beside = Beside(there=there)
    assert beside.each(lambda item: item * 2, range(100)) == [item * 2 for item in range(100)]
    assert beside.each(str, []) == []
    beside.close()


def test_of_two_items_either_thread_has_one() -> None:
    """Neither could end if one came after the other."""
    beside, met = Beside(there=True), threading.Barrier(2, timeout=30)
    assert sorted(beside.each(lambda _: met.wait(), "ab")) == [0, 1]
    beside.close()


def test_an_error_with_one_item_is_not_lost() -> None:
    beside = Beside(there=True)
    with pytest.raises(ValueError, match="no number"):
        beside.each(int, ["1", "no number", "3"])
    beside.close()

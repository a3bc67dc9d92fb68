"""Reading ahead changes nothing of what is read."""

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from amends.monitor.sources.ahead import ahead


def numbered(many: int, made: list[int]) -> Iterator[pa.Table]:
    for number in range(many):
        made.append(number)
        yield pa.table({"number": [number]})


@pytest.mark.parametrize("many", [0, 1, 5])
def test_the_same_tables_come_in_the_same_order(many: int) -> None:
    assert [table["number"][0].as_py() for table in ahead(numbered(many, []))] == list(range(many))


def test_the_next_is_made_while_one_is_worked_on() -> None:
    """The reader waits for the worker at the second table, which can only be while the worker has the first."""
    met = threading.Barrier(2, timeout=30)

    def tables() -> Iterator[pa.Table]:
        yield pa.table({"a": [1]})
        met.wait()
        yield pa.table({"a": [2]})

    read = ahead(tables())
    next(read)
    met.wait()
    assert next(read)["a"][0].as_py() == 2


def test_what_is_not_asked_for_is_not_read() -> None:
    made: list[int] = []
    read = ahead(numbered(5, made))
    next(read)
    read.close()  # type: ignore[attr-defined]  # a generator, as an iterator
    assert len(made) <= 2


def test_an_error_of_the_reader_is_raised_where_the_table_would_come() -> None:
    def tables() -> Iterator[pa.Table]:
        yield pa.table({"a": [1]})
        raise ValueError("broken file")

    read = ahead(tables())
    next(read)
    with pytest.raises(ValueError, match="broken file"):
        next(read)

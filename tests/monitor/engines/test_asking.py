"""What every step asks: planned once, and right whatever rows its tables have by then."""

import duckdb
import pyarrow as pa
import pytest

from amends.monitor.engines.asking import Questions, Shown

SCHEMA = pa.schema([("number", pa.int64()), ("word", pa.string())])
SUM = "SELECT sum(number)::BIGINT FROM numbers WHERE number >= $since AND number < $before"


def planned(connection: duckdb.DuckDBPyConnection) -> int:
    return len(connection.execute("SELECT name FROM duckdb_prepared_statements()").fetchall())


def test_a_question_is_planned_once_and_finds_the_rows_of_now() -> None:
    with duckdb.connect() as connection:
        numbers, questions = Shown(connection, "numbers", SCHEMA), Questions(connection)
        found = []
        for rows in ([1, 2, 3], [], [10, 20]):
            numbers.show(pa.table({"number": pa.array(rows, pa.int64()), "word": pa.nulls(len(rows), pa.string())}))
            found.append(questions.ask(SUM, since=2, before=20).fetchone())
        assert found == [(5,), (None,), (10,)]
        assert questions.ask(SUM, since=-(1 << 62), before=1 << 62).fetchone() == (30,)
        assert planned(connection) == 1
        assert questions.ask("SELECT count(*) FROM numbers").fetchone() == (2,)
        assert planned(connection) == 2


def test_rows_come_in_the_types_and_the_order_of_the_schema() -> None:
    with duckdb.connect() as connection:
        numbers, questions = Shown(connection, "numbers", SCHEMA), Questions(connection)
        words = pa.array(["a", "b"]).dictionary_encode()
        for others in (
            pa.table({"number": pa.array([7, 8], pa.int32()), "word": words, "more": [True, False]}),
            pa.table({"word": pa.array(["a", "b"], pa.large_string()), "number": [7, 8]}),
        ):
            numbers.show(others)
            assert questions.ask("FROM numbers").fetchall() == [(7, "a"), (8, "b")]


def test_what_was_planned_while_there_was_nothing_finds_what_comes() -> None:
    with duckdb.connect() as connection:
        numbers, questions = Shown(connection, "numbers", SCHEMA), Questions(connection)
        Shown(connection, "others", SCHEMA).show(pa.table({"number": [1, 2], "word": ["x", "y"]}))
        known = "(FROM numbers WHERE word = 'x')"
        asked = f"SELECT o.number, n.word FROM others o LEFT JOIN {known} n USING (number) ORDER BY 1"
        assert questions.ask(asked).fetchall() == [(1, None), (2, None)]
        for number in (1, 2):
            numbers.add(pa.table({"number": [number], "word": ["x"]}))
        assert questions.ask(asked).fetchall() == [(1, "x"), (2, "x")]
        assert planned(connection) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT a FROM own WHERE a > $since",
        "INSERT INTO own SELECT number FROM numbers ANTI JOIN (SELECT a AS number FROM own) USING (number)",
        "SELECT number FROM numbers WHERE EXISTS (SELECT 1 FROM own)",
    ],
)
def test_what_looks_at_a_table_of_the_engines_own_is_refused(statement: str) -> None:
    """Of such a table DuckDB would not see what is added later."""
    with duckdb.connect() as connection:
        Shown(connection, "numbers", SCHEMA)
        connection.execute("CREATE TABLE own (a BIGINT)")
        questions, given = Questions(connection), {"since": 1} if "$" in statement else {}
        with pytest.raises(ValueError, match="cannot look at own"):
            questions.ask(statement, **given)
        numbers_in = questions.ask("INSERT INTO own SELECT number FROM numbers").fetchone()
        assert numbers_in == (0,)  # to add to one is another matter

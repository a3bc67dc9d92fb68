"""What every step asks: planned once, and right whatever rows its tables have by then."""

import duckdb
import pyarrow as pa

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


def test_a_table_made_anew_is_seen_by_what_was_planned_before() -> None:
    with duckdb.connect() as connection:
        questions = Questions(connection)
        for made in ("SELECT 1 AS a", "SELECT 'text' AS b, 2 AS a"):
            connection.execute(f"CREATE OR REPLACE TABLE made AS {made}")
            assert questions.ask("SELECT a FROM made").fetchone() == (1 if "b" not in made else 2,)

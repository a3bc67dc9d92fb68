"""What is told apart by arrays is what the table functions say, which another engine judges by."""

from datetime import timedelta
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.monitor.engines.arriving import Arrivals
from amends.monitor.engines.asking import Questions
from amends.monitor.engines.state import arrow_schema, create
from amends.monitor.engines.statements import ARRIVED, sql
from amends.monitor.tables import arrivals
from amends.monitor.tables.moments import BEGINNING

LATENESS = timedelta(minutes=5) // timedelta(microseconds=1)
MINUTE = timedelta(minutes=1) // timedelta(microseconds=1)
UNTIL = 40 * MINUTE

rows = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from("xy"),
            "id": st.integers(0, 5).map(str),
            "at": st.none() | st.integers(-2, 44).map(lambda minute: minute * MINUTE),
        }
    ),
    max_size=20,
)


def arrived_of(signals: list[dict[str, Any]], first: int) -> pa.Table:
    told = [
        {
            "type": "t",
            "subject": "s",
            "seq": first + place,
            "fault": None if one["at"] is not None else "no time",
            **one,
        }
        for place, one in enumerate(signals)
    ]
    return pa.Table.from_pylist(told, schema=arrow_schema(ARRIVED))


@settings(max_examples=25)
@given(st.lists(rows, min_size=1, max_size=4))
def test_arrays_tell_apart_what_the_tables_do(batches: list[list[dict[str, Any]]]) -> None:
    every = arrived_of([one for batch in batches for one in batch], 0)
    with duckdb.connect() as connection:
        create(connection)
        told = ibis.table(ARRIVED, name="everything")
        seen = ibis.table(arrivals.SEEN, name="nothing_seen")
        statement = sql(
            arrivals.apart(
                told,
                seen,
                high=ibis.literal(BEGINNING, "int64"),
                lateness=LATENESS,
                until=ibis.literal(UNTIL, "int64"),
            )
        )
        connection.register("everything", every)
        connection.register("nothing_seen", arrow_schema(arrivals.SEEN).empty_table())
        expected = sorted(connection.execute(statement).fetchall())
        takes = Arrivals(connection, Questions(connection), lateness=LATENESS, until=UNTIL, on_disk=True)
        high, first, found = BEGINNING, 0, []
        counts = dict.fromkeys(("taken", "late", "duplicate", "unreadable"), 0)
        for batch in batches:
            if first % 2:  # what was seen is in the file, too
                takes.seen.read()
            told_apart = takes.tell_apart(takes.keyed(arrived_of(batch, first)), high=high)
            found += connection.execute(
                "SELECT seq, watermark, fate FROM told WHERE fate IN ('late', 'duplicate')"
            ).fetchall()
            counts = {fate: many + told_apart.counts[fate] for fate, many in counts.items()}
            high = told_apart.high
            takes.remember(told_apart.came, high=high)
            first += len(batch)
        assert sorted(found) == expected
        within = [one for batch in batches for one in batch if one["at"] is None or one["at"] <= UNTIL]
        assert sum(counts.values()) == len(within)
        assert counts["unreadable"] == sum(one["at"] is None for one in within)


def test_the_parts_of_a_row_stay_together_with_many_rows_and_threads() -> None:
    many = 400_000
    number = np.arange(many)
    arrived = arrived_of([{"source": "x", "id": "1", "at": 0}], 0).take(pa.array(np.zeros(many, np.int64)))
    for name, values in (("seq", number), ("row", number), ("at", number)):
        arrived = arrived.set_column(arrived.schema.get_field_index(name), name, pa.array(values))
    ids = pa.array(number).cast(pa.string())
    arrived = arrived.set_column(arrived.schema.get_field_index("id"), "id", ids)
    with duckdb.connect(config={"threads": 2}) as connection:
        create(connection)
        takes = Arrivals(connection, Questions(connection), lateness=0, until=UNTIL, on_disk=False)
        assert takes.tell_apart(takes.keyed(arrived), high=BEGINNING).counts["taken"] == many
        apart = 'SELECT count(*) FROM told WHERE type = \'t\' AND ("row" <> seq OR id <> seq::VARCHAR OR "at" <> seq)'
        assert connection.execute(apart).fetchone() == (0,)

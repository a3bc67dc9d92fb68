"""What the demo feeds in: real flights and weather as signals, and synthetic passengers where flights fail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.signal import SignalIn
from amends.monitor.services import keep_roster
from amends.monitor.sources import flights
from amends.people.services import keep_customers

SEED: Final = 2013
SPAN: Final = timedelta(hours=12)  # of the demo's time, taken in at once


@dataclass(frozen=True, kw_only=True)
class Span:
    """The signals of one stretch of time."""

    until: datetime
    signals: list[SignalIn]


@dataclass(frozen=True)
class Feed:
    """Flights that were to leave New York on these days of its calendar."""

    start: date
    days: int
    _known: set[str] = field(default_factory=set)  # subjects whose passengers were made known

    @cached_property
    def signals(self) -> pa.Table:
        """All of them, sorted by time."""
        both = [flights.signals(self.start, self.days), flights.weather_signals(self.start, self.days)]
        return pa.concat_tables(both).sort_by([("time", "ascending"), ("id", "ascending")])

    @cached_property
    def ends(self) -> datetime:
        """When the last of these flights has landed."""
        return pc.max(self.signals["time"]).as_py()

    def spans(self) -> Iterator[Span]:
        """The signals cut into spans of time."""
        rows: list[SignalIn] = []
        until: datetime | None = None
        for batch in self.signals.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                if until is None or row["time"] >= until:
                    if rows and until is not None:
                        yield Span(until=until, signals=rows)
                    rows, until = [], row["time"] + SPAN
                rows.append(_signal(row))
        if rows and until is not None:
            yield Span(until=min(until, self.ends), signals=rows)

    def fetch_roster(self, subjects: frozenset[str], *, now: datetime) -> None:
        """Make the passengers of these flights known, once each."""
        new = subjects - self._known
        chosen = self._flights.filter(pc.is_in(self._flights["subject"], pa.array(sorted(new), pa.string())))
        if not chosen.num_rows:
            return
        passengers = flights.passengers(chosen, SEED)
        references = pc.unique(passengers["customer"])
        keep_customers(flights.customers(references, SEED), now=now)
        facts = passengers.drop_columns(["subject", "customer"])
        keep_roster(
            (subject, customer, fact)
            for subject, customer, fact in zip(
                passengers["subject"].to_pylist(), passengers["customer"].to_pylist(), _plain(facts), strict=True
            )
        )
        self._known.update(new)

    @cached_property
    def _flights(self) -> pa.Table:
        return flights.flights(self.start, self.days)


def _signal(row: dict[str, Any]) -> SignalIn:
    return SignalIn(**{**row, "data": orjson.loads(row["data"])})


def _plain(table: pa.Table) -> Iterator[dict[str, Any]]:
    for row in table.to_pylist():
        yield {name: float(value) if name == "fare" else value for name, value in row.items() if value is not None}

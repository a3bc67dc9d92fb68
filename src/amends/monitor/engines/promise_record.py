"""Promises and what became of them, out of signals, as the arrays that predictions are made from.

The same tables say it that find failures: what opens, closes, revises and calls off a promise has one meaning.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Self

import numpy as np
import pyarrow as pa

from amends.monitor.core.pattern import name_of
from amends.monitor.core.prediction.record import NEVER, Record, Whole, coded
from amends.monitor.core.standard import Prohibition, Promise, Standards
from amends.monitor.engines.duckdb import Monitor

STEP: Final = 50_000  # signals; what comes in less is gathered, for a step costs the same with few


class PromiseRecord:
    """Takes signals in the order of time, without those that come too late; gives the promises in them."""

    def __init__(self, standards: Standards, resources: Sequence[str]) -> None:
        """
        Args:
            standards: their promises, and what they forbid, count.
            resources: attributes of opening signals that say what a promise hangs on, such as `data.tail`.
        """
        self._resources = tuple(resources)
        promises = tuple(one for one in standards.standards if isinstance(one, Promise))
        self._doom = {one.forbids.type for one in standards.of_kind(Prohibition)}
        self._openers = {one.opens.type for one in promises}
        kept = standards.model_copy(update={"standards": promises})
        self._monitor = Monitor.open(None, kept)
        self._waiting: list[pa.Table] = []
        self._facts: list[pa.Table] = []
        self._dooms: list[pa.Table] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._monitor.close()

    def take(self, signals: pa.Table) -> None:
        """Some more signals, with the columns id, source, type, subject, time, customer, unit and data (JSON text)."""
        self._waiting.append(signals)
        if sum(one.num_rows for one in self._waiting) >= STEP:
            self._step()

    def _step(self) -> None:
        """Log what waits."""
        waiting, self._waiting = [one for one in self._waiting if one.num_rows], []
        if not waiting:
            return
        signals = pa.concat_tables(waiting)
        self._monitor.step(signals, emit=False)
        self._facts.append(self._attributes(signals))
        if self._doom:
            self._dooms.append(self._first_dooms(signals))

    def record(self) -> tuple[Record, pa.Table]:
        """The promises so far, and for each row its subject, its opening's source and id, and its customer."""
        self._step()
        told = self._told()
        standard, standards = coded(told["standard"].to_pylist())
        unit, units = coded(told["unit"].to_pylist())
        record = Record(
            standards=standards,
            units=units,
            resources=self._resources,
            standard=standard,
            unit=unit,
            subject=_codes(told["subject"]),
            resource=tuple(_codes(told[f"r{at}"]) for at in range(len(self._resources))),
            **{name: _millis(told[name]) for name in ("opened", "begins", "due", "closed", "ended", "doomed")},
        )
        return record, told.select(["standard", "subject", "unit", "source", "id", "customer"])

    def _attributes(self, signals: pa.Table) -> pa.Table:
        """Of the openings' signals source, id and the resources, as `r0`, `r1` and so on."""
        names = [name_of(resource) for resource in self._resources]
        told = "".join(f", json_extract_string(data, $p{at}) AS r{at}" for at in range(len(names)))
        # one path a name: a name with dots is a way down
        paths = {f"p{at}": "$." + ".".join(f'"{part}"' for part in name.split(".")) for at, name in enumerate(names)}
        statement = f"SELECT coalesce(source, 'file') AS source, id{told} FROM batch WHERE list_contains($types, type)"
        return self._monitor.asked(statement, {"types": sorted(self._openers), **paths}, batch=signals)

    def _first_dooms(self, signals: pa.Table) -> pa.Table:
        """When each subject was first said to fail anyhow, in microseconds."""
        statement = """
            SELECT subject, epoch_us(min("time")) AS doomed FROM batch WHERE list_contains($types, type)
            GROUP BY subject
        """
        return self._monitor.asked(statement, {"types": sorted(self._doom)}, batch=signals)

    def _told(self) -> pa.Table:
        """Every promise with the attributes of its opening and when its subject was said to fail anyhow; what has no
        due time is left out. Times in microseconds."""
        names = [f"r{at}" for at in range(len(self._resources))]
        no_fact = pa.table({name: pa.array([], pa.string()) for name in ("source", "id", *names)})
        no_doom = pa.table({"subject": pa.array([], pa.string()), "doomed": pa.array([], pa.int64())})
        statement = f"""
            WITH promise AS ({self._monitor.all_promises()}),
            fact AS (SELECT DISTINCT ON (source, id) * FROM facts),
            doom AS (SELECT subject, min(doomed) AS doomed FROM dooms GROUP BY subject)
            SELECT promise.*, {"".join(f"fact.{name}, " for name in names)} doom.doomed
            FROM promise LEFT JOIN fact USING (source, id) LEFT JOIN doom USING (subject)
            WHERE due IS NOT NULL ORDER BY opened, seq, standard, begins
        """
        facts, dooms = pa.concat_tables([no_fact, *self._facts]), pa.concat_tables([no_doom, *self._dooms])
        return self._monitor.asked(statement, facts=facts, dooms=dooms)


def record_of(parts: Iterable[pa.Table], standards: Standards, resources: Sequence[str]) -> tuple[Record, pa.Table]:
    """The record of all promises in these signals."""
    with PromiseRecord(standards, resources) as taken:
        for part in parts:
            taken.take(part)
        return taken.record()


def _codes(words: pa.ChunkedArray) -> Whole:
    encoded = words.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.fill_null(-1)).astype(np.int64)


def _millis(times: pa.ChunkedArray) -> Whole:
    micros = np.asarray(times.combine_chunks().fill_null(NEVER * 1000))
    return np.clip(micros // 1000, 0, NEVER).astype(np.int64)

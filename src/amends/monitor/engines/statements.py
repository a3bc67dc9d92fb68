"""The monitor's tables as DuckDB statements, compiled at most once for a set of standards.

What changes from step to step (the largest time so far, the span of time asked for) stays a parameter of the statement.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce

import ibis
import ibis.expr.types as ir

from amends.monitor.core.standard import Standards
from amends.monitor.tables import arrivals, kept, promises, repeats, still_due
from amends.monitor.tables.detector import Detector, Echo
from amends.monitor.tables.findings import FINDINGS
from amends.monitor.tables.keys import KEY
from amends.monitor.tables.moments import length
from amends.monitor.tables.moves import MOVES, movable, spans
from amends.monitor.tables.registry import detectors_for
from amends.monitor.tables.signals import SIGNALS, readable

PLACE = {"seq": "int64", "file": "string", "row": "int64"}
ARRIVED = SIGNALS | PLACE
SHOWN = 50  # open promises of a standard and unit that people see
TAKEN = ARRIVED | {"kind": KEY}  # the signals that were taken; `kind` is the key of the type

# numbers that stand for the parameters while Ibis compiles; unlikely to be anybody's constants
_HIGH, _UNTIL, SINCE, BEFORE = (ibis.literal(-7_310_190_041_180_001 - n, "int64") for n in range(4))
_PARAMETERS = {f"{-7_310_190_041_180_001 - n}": name for n, name in enumerate(("high", "until", "since", "before"))}


Compiler = Callable[[ir.Table], str]


class PromiseStatements:
    """What promises need, each compiled when it is first asked for: much of it is seldom needed."""

    def __init__(self, taken: ir.Table, standards: Standards, sql: Compiler) -> None:
        self._taken, self._standards, self._sql = taken, standards, sql
        self._days = ibis.table(promises.DUE_DAYS, name="due_days")
        self._opened = ibis.table(promises.OPENINGS, name="openings")
        self._closed = ibis.table(promises.CLOSINGS, name="closings")
        self._moves = ibis.table(MOVES, name="moves")
        self._followed = ibis.table(promises.FOLLOWED, name="followed")
        self._movable = [promise.id for promise in movable(standards)]
        self.can_move = bool(self._movable)

    def have_for_steps(self) -> None:
        """Compile what every step needs, so that the first one does not wait for it."""
        _ = self.openings, self.closings, self.findings

    def _of_all(self, what: Callable[[ir.Table], ir.Table]) -> str:
        """Of the promises that are followed, and of those that were moved."""
        moved = [ibis.table(promises.MOVED, name="moved")] if self._movable else []
        return self._sql(reduce(lambda a, b: a.union(b), map(what, [self._followed, *moved])))

    @cached_property
    def days_wanted(self) -> str:
        """taken, due_days -> standard, day"""
        return self._sql(promises.days_wanted(self._taken, self._days, self._standards))

    @cached_property
    def openings(self) -> str:
        """taken, due_days -> openings; due may be null"""
        return self._sql(promises.openings(self._taken, self._days, self._standards))

    @cached_property
    def closings(self) -> str:
        """taken -> closings, with the place of each in the order of arrival"""
        return self._sql(promises.closings(self._taken, self._standards))

    @cached_property
    def touched(self) -> str:
        """openings, closings -> candidates: openings that can have findings in [$since, $before)"""
        return self._touched(counting=False)

    @cached_property
    def touched_or_kept(self) -> str:
        """openings, closings -> candidates: those, and the openings that are kept in [$since, $before)"""
        return self._touched(counting=True)

    def _touched(self, *, counting: bool) -> str:
        touched = promises.touched(
            self._opened, self._closed, self._standards, since=SINCE, before=BEFORE, counting=counting
        )
        return self._sql(touched)

    @cached_property
    def followed(self) -> str:
        """openings, closings -> followed"""
        return self._sql(promises.first_closed(self._opened, self._closed))

    @cached_property
    def followed_candidates(self) -> str:
        """candidates, closings -> followed"""
        return self._sql(self._followed_candidates())

    @cached_property
    def troubled_candidates(self) -> str:
        """candidates, closings -> followed, without those that are kept before there can be a finding"""
        return self._sql(promises.troubled(self._followed_candidates(), self._standards))

    def _followed_candidates(self) -> ir.Table:
        return promises.first_closed(ibis.table(promises.OPENINGS, name="candidates"), self._closed)

    @cached_property
    def searched(self) -> str:
        """unclear, closings -> followed"""
        return self._sql(promises.searched(ibis.table(promises.OPENINGS, name="unclear"), self._closed))

    @cached_property
    def moves(self) -> str:
        """taken, due_days -> moves"""
        return self._sql(promises.moves(self._taken, self._days, self._standards))

    @cached_property
    def moved(self) -> str:
        """followed, moves -> moved, which is then left out of followed"""
        followed = self._followed.filter(self._followed.standard.isin(self._movable))
        return self._sql(spans(followed, self._moves, self._standards))

    @cached_property
    def findings(self) -> str:
        """followed, moved -> findings in [$since, $before)"""
        return self._of_all(lambda table: promises.findings(table, since=SINCE, before=BEFORE).select(*FINDINGS))

    @cached_property
    def unsettled(self) -> str:
        """followed, moved -> openings that can have findings from $before on, as they were opened"""
        unsettled = promises.unsettled(self._followed, before=BEFORE)
        if self._movable:
            still = promises.unsettled(ibis.table(promises.MOVED, name="moved"), before=BEFORE)
            unsettled = unsettled.union(self._opened.semi_join(still, ["seq", "standard"]))
        return self._sql(unsettled)

    @cached_property
    def unsettled_moved(self) -> str:
        """moved -> those that can still have a finding from $before on"""
        still = promises.unsettled(ibis.table(promises.MOVED, name="moved"), before=BEFORE)
        return self._sql(still.select("seq", "standard", "subject").distinct())

    @cached_property
    def still_open(self) -> str:
        """followed, moved -> openings neither kept nor given up before $before"""
        return self._of_all(lambda table: promises.still_open(table, before=BEFORE))

    @cached_property
    def settled(self) -> str:
        """followed, moved -> counts of promises kept and broken in [$since, $before)"""
        return self._of_all(lambda table: kept.settled(table, since=SINCE, before=BEFORE))

    @cached_property
    def outcomes(self) -> str:
        """followed, moved -> the promises settled in [$since, $before), one by one"""
        return self._of_all(lambda table: kept.outcomes(table, since=SINCE, before=BEFORE))

    @cached_property
    def failed(self) -> str:
        """found -> how often what other standards say was found"""
        return self._sql(kept.failed(ibis.table(FINDINGS, name="found"), self._standards))

    @cached_property
    def soonest(self) -> str:
        """followed, moved -> open promises due from $since on, as of $before"""
        return self._of_all(lambda table: still_due.soonest(table, since=SINCE, now=BEFORE, most=SHOWN))

    @cached_property
    def still_due(self) -> str:
        """followed, moved -> counts of open promises as of $before"""
        return self._of_all(lambda table: still_due.still_due(table, now=BEFORE))


class DetectorStatements:
    """What the log of one detector needs, each compiled when it is first asked for."""

    def __init__(self, name: str, detector: Detector, taken: ir.Table, standards: Standards, sql: Compiler) -> None:
        self._sql = sql
        self._detector, self._taken, self._standards = detector, taken, standards
        self._log = ibis.table(detector.LOG, name=log_table(name))
        self.is_echo = isinstance(detector, Echo)

    @cached_property
    def entries(self) -> str:
        """taken -> its log"""
        return self._sql(self._detector.entries(self._taken, self._standards).select(*self._detector.LOG))

    @cached_property
    def echoes(self) -> str:
        """found -> its log"""
        assert isinstance(self._detector, Echo)  # noqa: S101 -- only those are asked
        found = ibis.table(FINDINGS, name="found")
        return self._sql(self._detector.echoes(found, self._standards).select(*self._detector.LOG))

    @cached_property
    def findings(self) -> str:
        """its log -> findings in [$since, $before)"""
        found = self._detector.findings(self._log, self._standards, since=SINCE, before=BEFORE)
        return self._sql(found.select(*FINDINGS))

    @cached_property
    def unsettled(self) -> str:
        """its log -> its log"""
        unsettled = self._detector.unsettled(self._log, self._standards, before=BEFORE)
        return self._sql(unsettled.select(*self._detector.LOG))


class LimitStatements:
    """What is noted of limits beside what breaks them, each compiled when it is first asked for."""

    def __init__(self, taken: ir.Table, standards: Standards, sql: Compiler) -> None:
        self._taken, self._standards, self._sql = taken, standards, sql

    @cached_property
    def within(self) -> str:
        """taken -> how often they were kept"""
        return self._sql(kept.within(self._taken, self._standards).select(*kept.KEPT))

    @cached_property
    def measured(self) -> str:
        """taken -> the values that they measure"""
        return self._sql(kept.measured(self._taken, self._standards).select(*kept.MEASURED))


class RepeatStatements:
    """What is noted of repeats beside what is found, compiled when it is first asked for."""

    def __init__(self, standards: Standards, sql: Compiler) -> None:
        self._standards, self._sql = standards, sql

    @cached_property
    def counted(self) -> str:
        """the log of repeats -> the instants in [$since, $before) at which one more came"""
        log = ibis.table(repeats.LOG, name=log_table("repeats"))
        counted = repeats.counted(log, self._standards, since=SINCE, before=BEFORE)
        return self._sql(counted.select(*repeats.COUNTED))


@dataclass(frozen=True, kw_only=True)
class Statements:
    apart: str  # arrived, seen -> the late and the duplicates of what arrived; $high, $until
    promises: PromiseStatements
    detectors: dict[str, DetectorStatements]  # by the name of the log; those that have something to do
    limits: LimitStatements
    repeats: RepeatStatements


def statements_for(standards: Standards, compiler: Compiler | None = None) -> Statements:
    """The statements for DuckDB, or for the engine of another compiler."""
    declared = json.dumps(standards.model_dump(mode="json", exclude_none=True), sort_keys=True)  # however stored
    return _statements(declared, compiler or sql)


def log_table(name: str) -> str:
    """The table that has the log of that name."""
    return f"log_{name}"


@lru_cache(maxsize=16)
def _statements(declared: str, sql: Compiler) -> Statements:
    standards = Standards.model_validate_json(declared)
    arrived, taken = ibis.table(ARRIVED, name="arrived"), ibis.table(TAKEN, name="taken")
    seen = ibis.table(arrivals.SEEN, name="seen")
    apart = arrivals.apart(arrived, seen, high=_HIGH, lateness=length(standards.lateness), until=_UNTIL)
    return Statements(
        apart=sql(apart.select(*arrivals.APART)),
        promises=PromiseStatements(taken, standards, sql),
        detectors={
            name: DetectorStatements(name, detector, taken, standards, sql)
            for name, detector in detectors_for(standards).items()
        },
        limits=LimitStatements(taken, standards, sql),
        repeats=RepeatStatements(standards, sql),
    )


@lru_cache(maxsize=64)
def readable_from(columns: tuple[tuple[str, str], ...], name: str, *, keep: tuple[str, ...] = ()) -> str:
    """The statement that makes readable signals of the relation `name` with these columns, as (name, Ibis type)."""
    raw = ibis.table(dict(columns), name=name)
    return sql(readable(raw, keep=keep))


def sql(expression: ir.Table) -> str:
    text = str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
    for number, name in _PARAMETERS.items():
        text = text.replace(f"CAST({number} AS BIGINT)", f"${name}")
    return with_parameters(text, "$")


def with_parameters(text: str, mark: str) -> str:
    """The compiled text with the names of the parameters, `mark` before each, where their numbers stand."""
    for number, name in _PARAMETERS.items():
        text = text.replace(number, f"{mark}{name}")
    return text

"""The monitor's tables as DuckDB statements, compiled once for a set of standards.

What changes from step to step (the largest time so far, the span of time asked for) stays a parameter of the statement.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, reduce

import ibis
import ibis.expr.types as ir

from amends.monitor.core.standard import Standards
from amends.monitor.tables import arrivals, kept, promises, still_due
from amends.monitor.tables.detector import Detector, Echo
from amends.monitor.tables.findings import FINDINGS
from amends.monitor.tables.moments import length
from amends.monitor.tables.moves import MOVES, movable, spans
from amends.monitor.tables.registry import detectors_for
from amends.monitor.tables.signals import SIGNALS, readable

PLACE = {"seq": "int64", "file": "string", "row": "int64"}
ARRIVED = SIGNALS | PLACE
SHOWN = 50  # open promises of a standard and unit that people see
TOLD = ARRIVED | {"watermark": "int64", "fate": "string"}

# numbers that stand for the parameters while Ibis compiles; unlikely to be anybody's constants
_HIGH, _UNTIL, SINCE, BEFORE = (ibis.literal(-7_310_190_041_180_001 - n, "int64") for n in range(4))
_PARAMETERS = {f"{-7_310_190_041_180_001 - n}": name for n, name in enumerate(("high", "until", "since", "before"))}


@dataclass(frozen=True, kw_only=True)
class PromiseStatements:
    days_wanted: str  # told, due_days -> standard, day
    openings: str  # told, due_days -> openings, due may be null
    closings: str
    touched: str  # openings, closings -> candidates: openings that can have findings in [$since, $before)
    followed: str  # openings, closings -> followed
    followed_candidates: str  # candidates, closings -> followed
    searched: str  # unclear, closings -> followed
    moves: str | None  # told, due_days -> moves; None: nothing can be moved
    moved: str | None  # followed, moves -> moved, which is then left out of followed
    findings: str  # followed, moved -> findings in [$since, $before)
    unsettled: str  # followed, moved -> openings that can have findings from $before on
    still_open: str  # followed, moved -> openings neither kept nor given up before $before
    settled: str  # followed, moved -> counts of promises kept and broken in [$since, $before)
    failed: str  # found -> how often what other standards say was found
    soonest: str  # followed, moved -> open promises due from $since on, as of $before
    still_due: str  # followed, moved -> counts of open promises as of $before


@dataclass(frozen=True, kw_only=True)
class DetectorStatements:
    entries: str  # told -> its log
    echoes: str | None  # found -> its log
    findings: str  # its log -> findings in [$since, $before)
    unsettled: str  # its log -> its log


@dataclass(frozen=True, kw_only=True)
class Statements:
    judge: str  # arrived, seen -> told; $high, $until
    promises: PromiseStatements
    detectors: dict[str, DetectorStatements]  # by the name of the log; those that have something to do


def statements_for(standards: Standards) -> Statements:
    return _compiled(json.dumps(standards.model_dump(mode="json", exclude_none=True), sort_keys=True))  # however stored


def log_table(name: str) -> str:
    """The table that has the log of that name."""
    return f"log_{name}"


@lru_cache(maxsize=16)
def _compiled(declared: str) -> Statements:
    standards = Standards.model_validate_json(declared)
    arrived, told = ibis.table(ARRIVED, name="arrived"), ibis.table(TOLD, name="told")
    seen = ibis.table(arrivals.SEEN, name="seen")
    taken = told.filter(told.fate == arrivals.TAKEN)
    judged = arrivals.judged(arrived, seen, high=_HIGH, lateness=length(standards.lateness), until=_UNTIL)
    return Statements(
        judge=sql(judged.select(*TOLD)),
        promises=_of_promises(taken, standards),
        detectors={
            name: _of_detector(name, detector, taken, standards) for name, detector in detectors_for(standards).items()
        },
    )


def _of_promises(taken: ir.Table, standards: Standards) -> PromiseStatements:
    days = ibis.table(promises.DUE_DAYS, name="due_days")
    opened = ibis.table(promises.OPENINGS, name="openings")
    closed = ibis.table(promises.CLOSINGS, name="closings")
    moves = ibis.table(MOVES, name="moves")
    followed = ibis.table(promises.FOLLOWED, name="followed")
    candidates = ibis.table(promises.OPENINGS, name="candidates")
    span = {"since": SINCE, "before": BEFORE}
    judged = [followed]
    ids = [promise.id for promise in movable(standards)]
    if ids:
        judged.append(ibis.table(promises.MOVED, name="moved"))

    def of_all(what: Callable[[ir.Table], ir.Table]) -> ir.Table:
        return reduce(lambda a, b: a.union(b), map(what, judged))

    unsettled = promises.unsettled(followed, before=BEFORE)
    if ids:  # as they were opened, whatever moved them since
        still = promises.unsettled(judged[1], before=BEFORE)
        unsettled = unsettled.union(opened.semi_join(still, ["seq", "standard"]))
    return PromiseStatements(
        days_wanted=sql(promises.days_wanted(taken, days, standards)),
        openings=sql(promises.openings(taken, days, standards)),
        closings=sql(promises.closings(taken, standards)),
        followed=sql(promises.first_closed(opened, closed)),
        followed_candidates=sql(promises.first_closed(candidates, closed)),
        searched=sql(promises.searched(ibis.table(promises.OPENINGS, name="unclear"), closed)),
        touched=sql(promises.touched(opened, closed, standards, **span)),
        moves=sql(promises.moves(taken, days, standards)) if ids else None,
        moved=sql(spans(followed.filter(followed.standard.isin(ids)), moves, standards)) if ids else None,
        findings=sql(of_all(lambda table: promises.findings(table, **span).select(*FINDINGS))),
        unsettled=sql(unsettled),
        still_open=sql(of_all(lambda table: promises.still_open(table, before=BEFORE))),
        settled=sql(of_all(lambda table: kept.settled(table, **span))),
        failed=sql(kept.failed(ibis.table(FINDINGS, name="found"), standards)),
        soonest=sql(of_all(lambda table: still_due.soonest(table, since=SINCE, now=BEFORE, most=SHOWN))),
        still_due=sql(of_all(lambda table: still_due.still_due(table, now=BEFORE))),
    )


def _of_detector(name: str, detector: Detector, taken: ir.Table, standards: Standards) -> DetectorStatements:
    log = ibis.table(detector.LOG, name=log_table(name))
    echoes = None
    if isinstance(detector, Echo):
        found = ibis.table(FINDINGS, name="found")
        echoes = sql(detector.echoes(found, standards).select(*detector.LOG))
    findings = detector.findings(log, standards, since=SINCE, before=BEFORE)
    return DetectorStatements(
        entries=sql(detector.entries(taken, standards).select(*detector.LOG)),
        echoes=echoes,
        findings=sql(findings.select(*FINDINGS)),
        unsettled=sql(detector.unsettled(log, standards, before=BEFORE).select(*detector.LOG)),
    )


@lru_cache(maxsize=64)
def readable_from(columns: tuple[tuple[str, str], ...], name: str, *, keep: tuple[str, ...] = ()) -> str:
    """The statement that makes readable signals of the relation `name` with these columns, as (name, Ibis type)."""
    raw = ibis.table(dict(columns), name=name)
    return sql(readable(raw, keep=keep))


def sql(expression: ir.Table) -> str:
    text = str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
    for number, name in _PARAMETERS.items():
        text = text.replace(f"CAST({number} AS BIGINT)", f"${name}").replace(number, f"${name}")
    return text

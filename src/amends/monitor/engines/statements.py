"""The monitor's tables as DuckDB statements, compiled once for a set of standards.

What changes from step to step (the largest time so far, the span of time asked for) stays a parameter of the statement.
"""

import json
from dataclasses import dataclass
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from amends.monitor.core.standard import Standards
from amends.monitor.tables import arrivals, kept, promises, still_due
from amends.monitor.tables.moments import length
from amends.monitor.tables.signals import SIGNALS, readable

PLACE = {"seq": "int64", "file": "string", "row": "int64"}
ARRIVED = SIGNALS | PLACE
SHOWN = 50  # open promises of a standard and unit that people see
TOLD = ARRIVED | {"watermark": "int64", "fate": "string"}

# numbers that stand for the parameters while Ibis compiles; unlikely to be anybody's constants
_HIGH, _UNTIL, _SINCE, _BEFORE = (ibis.literal(-7_310_190_041_180_001 - n, "int64") for n in range(4))
_PARAMETERS = {f"{-7_310_190_041_180_001 - n}": name for n, name in enumerate(("high", "until", "since", "before"))}


@dataclass(frozen=True, kw_only=True)
class Statements:
    judge: str  # arrived, seen -> told; $high, $until
    days_wanted: str  # told, due_days -> standard, day
    openings: str  # told, due_days -> openings, due may be null
    closings: str
    violations: str
    touched: str  # openings, closings -> candidates: openings that can have findings in [$since, $before)
    followed: str  # openings, closings -> followed
    followed_candidates: str  # candidates, closings -> followed
    searched: str  # unclear, closings -> followed
    findings: str  # followed, violations -> findings in [$since, $before)
    unsettled: str  # followed -> openings that can have findings from $before on
    still_open: str  # followed -> openings neither kept nor given up before $before
    settled: str  # followed, violations -> counts of promises kept and broken in [$since, $before)
    soonest: str  # followed -> open promises due from $since on, as of $before
    still_due: str  # followed -> counts of open promises as of $before


def statements_for(standards: Standards) -> Statements:
    return _compiled(json.dumps(standards.model_dump(mode="json"), sort_keys=True))  # however they were stored


@lru_cache(maxsize=16)
def _compiled(declared: str) -> Statements:
    standards = Standards.model_validate_json(declared)
    arrived, told = ibis.table(ARRIVED, name="arrived"), ibis.table(TOLD, name="told")
    seen = ibis.table(arrivals.SEEN, name="seen")
    days = ibis.table(promises.DUE_DAYS, name="due_days")
    opened = ibis.table(promises.OPENINGS, name="openings")
    closed = ibis.table(promises.CLOSINGS, name="closings")
    violated = ibis.table(promises.VIOLATIONS, name="violations")
    followed = ibis.table(promises.FOLLOWED, name="followed")
    taken = told.filter(told.fate == arrivals.TAKEN)
    judged = arrivals.judged(arrived, seen, high=_HIGH, lateness=length(standards.lateness), until=_UNTIL)
    candidates = ibis.table(promises.OPENINGS, name="candidates")
    span = {"since": _SINCE, "before": _BEFORE}
    return Statements(
        judge=sql(judged.select(*TOLD)),
        days_wanted=sql(promises.days_wanted(taken, days, standards)),
        openings=sql(promises.openings(taken, days, standards)),
        closings=sql(promises.closings(taken, standards)),
        violations=sql(promises.violations(taken, standards)),
        followed=sql(promises.first_closed(opened, closed)),
        followed_candidates=sql(promises.first_closed(candidates, closed)),
        searched=sql(promises.searched(ibis.table(promises.OPENINGS, name="unclear"), closed)),
        touched=sql(promises.touched(opened, closed, **span)),
        findings=sql(promises.findings(followed, violated, **span)),
        unsettled=sql(promises.unsettled(followed, before=_BEFORE)),
        still_open=sql(promises.still_open(followed, before=_BEFORE)),
        settled=sql(kept.settled(followed, violated, **span)),
        soonest=sql(still_due.soonest(followed, since=_SINCE, now=_BEFORE, most=SHOWN)),
        still_due=sql(still_due.still_due(followed, now=_BEFORE)),
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

"""Silence: a subject that was heard of, and then not for longer than it may be, with nothing to end it."""

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Silence
from amends.monitor.core.standard import Standards
from amends.monitor.tables.findings import evidence
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import iso, length

KIND = Silence
SILENT = "silent"
WHATS = (SILENT,)
LOG = {
    "standard": "string",
    "subject": "string",
    "at": "int64",
    "ends": "boolean",  # whether it ends the subject; else it is news of it
    "type": "string",
    "source": "string",
    "id": "string",
    "customer": "string",
    "unit": "string",
}


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    parts = []
    for silence in standards.of_kind(KIND):
        types = silence.hears.types
        heard = signals if types == "any" else signals.filter(signals.type.isin(types))
        told = [heard.mutate(ends=ibis.literal(False))]
        if silence.until is not None:
            told.append(matching(signals, silence.until).mutate(ends=ibis.literal(True)))
        parts += [part.mutate(standard=ibis.literal(silence.id)).select(*LOG) for part in told]
    return together(parts, LOG, signals)


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    parts = [_silent(log, silence, since=since, before=before) for silence in standards.of_kind(KIND)]
    everything = parts[0]
    for part in parts[1:]:
        everything = everything.union(part)
    return everything


def _silent(log: ir.Table, silence: Silence, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    span, memory = length(silence.silent_for), length(silence.forget_after)
    mine = log.filter((log.standard == silence.id) & (log["at"] < before))
    news = ~mine.ends
    over = mine["at"] + span
    mine = mine.semi_join(mine.filter(news & (over >= since) & (over < before)).select("subject"), "subject")
    in_time = {"group_by": "subject", "order_by": "at"}
    heard_at = ibis.ifelse(mine.ends, ibis.null("int64"), mine["at"])
    ended_at = ibis.ifelse(mine.ends, mine["at"], ibis.null("int64"))
    mine = mine.mutate(
        over=mine["at"] + span,
        place=ibis.row_number().over(group_by=["subject", "at", "ends"], order_by=["source", "id"]),
        next_at=heard_at.min().over(range=(1, None), **in_time),
        ended_at=ended_at.max().over(range=(None, span), **in_time),
    )
    found = mine.filter(~mine.ends & (mine.place == 0) & (mine.over >= since) & (mine.over < before))
    found = found.filter(
        (found.next_at.isnull() | (found.next_at > found.over))
        & (found.ended_at.isnull() | (found.ended_at < found["at"] - memory))
    )
    return found.select(
        "standard",
        "subject",
        what=ibis.literal(SILENT),
        at="over",
        due="over",
        opened_at="at",
        opening_id="id",
        opening_source="source",
        customer="customer",
        unit="unit",
        evidence=evidence(last_heard=iso(found["at"]), last_type=found.type, hours_silent=ibis.literal(span / 3.6e9)),
    )


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    """News that can still become silence, which the latest alone can, and ends that are still remembered."""
    silences = standards.of_kind(KIND)
    span = ibis.cases(*((log.standard == one.id, length(one.silent_for)) for one in silences), else_=0)
    memory = ibis.cases(*((log.standard == one.id, length(one.forget_after)) for one in silences), else_=0)
    marked = log.mutate(
        keep_from=before - span - ibis.ifelse(log.ends, memory, 0),
    )
    # of what is older than the watermark only the latest news counts, and of ends only the latest
    kept = marked.filter(
        (marked["at"] >= before) | ((marked["at"] >= marked.keep_from) & (marked["at"] == _latest(marked, before)))
    )
    return kept.select(*LOG)


def _latest(marked: ir.Table, before: ir.IntegerValue) -> ir.IntegerValue:
    settled = ibis.ifelse(marked["at"] < before, marked["at"], ibis.null("int64"))
    return settled.max().over(group_by=["standard", "subject", "ends"])

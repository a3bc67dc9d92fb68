"""Customers who used to buy and stay away: due after so many times their usual gap, and nothing came.

The log is one row a purchase; compaction makes one row of all that is past, with their number and the first.
"""

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Lapse
from amends.monitor.core.standard import Standards
from amends.monitor.tables.findings import evidence
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import DAY, iso, length

KIND = Lapse
SILENT = "silent"
WHATS = (SILENT,)
LOG = {
    "standard": "string",
    "customer": "string",
    "at": "int64",  # of the last purchase that the row stands for
    "number": "int64",  # of purchases at different times that it stands for
    "first_at": "int64",
    "source": "string",
    "id": "string",
    "subject": "string",
    "unit": "string",
}


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    parts = []
    for lapse in standards.of_kind(KIND):
        bought = matching(signals, lapse.lapses)
        bought = bought.filter(bought.customer.notnull())
        bought = bought.mutate(standard=ibis.literal(lapse.id), number=ibis.literal(1, "int64"), first_at=bought["at"])
        parts.append(bought.select(*LOG))
    return together(parts, LOG, signals)


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    parts = [_lapsed(log, lapse, since=since, before=before) for lapse in standards.of_kind(KIND)]
    everything = parts[0]
    for part in parts[1:]:
        everything = everything.union(part)
    return everything


def _lapsed(log: ir.Table, lapse: Lapse, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    mine = log.filter((log.standard == lapse.id) & (log["at"] < before))
    mine = mine.semi_join(_touched(mine, lapse, since=since, before=before), "customer")
    place = ibis.row_number().over(group_by=["customer", "at"], order_by=["source", "id"])
    each = mine.mutate(place=place).filter(lambda t: t.place == 0)  # purchases at one time are one
    in_time = {"group_by": "customer", "order_by": "at"}
    each = each.mutate(
        purchases=each.number.sum().over(rows=(None, 0), **in_time).cast("int64"),
        began_at=each.first_at.min().over(group_by="customer"),
        next_at=each["at"].lead().over(**in_time),
    )
    each = each.mutate(over=_due(each, lapse))
    found = each.filter(
        (each.over >= since) & (each.over < before) & (each.next_at.isnull() | (each.next_at > each.over))
    )
    return found.select(
        "standard",
        subject=ibis.literal("customer/") + found.customer,  # it is about the customer, not about what was bought last
        what=ibis.literal(SILENT),
        at="over",
        due="over",
        opened_at="at",
        opening_id="id",
        opening_source="source",
        customer="customer",
        unit="unit",
        evidence=evidence(
            last_heard=iso(found["at"]),
            last_subject=found.subject,
            purchases=found.purchases,
            usual_gap_days=_gap(found) / DAY,
        ),
    )


def _touched(mine: ir.Table, lapse: Lapse, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """The customers who bought in the span, or whose last purchase is due in it: nobody else can have lapsed then."""
    whole = mine.group_by("customer").agg(
        began_at=mine.first_at.min(),
        at=mine["at"].max(),
        purchases=mine["at"].nunique() + (mine.number - 1).sum().cast("int64"),
    )
    over = _due(whole, lapse)
    return whole.filter((whole["at"] >= since) | ((over >= since) & (over < before))).select("customer")


def _gap(each: ir.Table) -> ir.FloatingValue:
    """The mean time between purchases; null for a single one."""
    return (each["at"] - each.began_at).cast("float64") / (each.purchases - 1).nullif(0).cast("float64")


def _due(each: ir.Table, lapse: Lapse) -> ir.IntegerValue:
    """When the next purchase is overdue; null where there is no habit yet."""
    wait = (_gap(each) * lapse.factor).floor().cast("int64")
    due = each["at"] + ibis.greatest(wait, ibis.literal(length(lapse.at_least), "int64"))
    return ibis.ifelse(each.purchases >= lapse.after, due, ibis.null("int64"))


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    """All that is past as one row a customer, as its last purchase; what is to come needs no more of it."""
    del standards
    past = log.filter(log["at"] < before)
    whose = ["standard", "customer"]
    place = ibis.row_number().over(group_by=whose, order_by=[ibis.desc("at"), "source", "id"])
    marked = past.mutate(place=place, began_at=past.first_at.min().over(group_by=whose))
    totals = past.group_by(whose).agg(total=past["at"].nunique() + (past.number - 1).sum().cast("int64"))
    last = marked.filter(marked.place == 0).join(totals, whose)
    return (
        last.mutate(number=last.total, first_at=last.began_at)
        .select(*LOG)
        .union(log.filter(log["at"] >= before).select(*LOG))
    )

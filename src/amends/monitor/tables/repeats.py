"""Repeated trouble: the time at which signals, or failures that others found, have become so many within a while.

Edge-triggered: found when the count in the window that ends there reaches `times` and was below just before.
"""

from collections.abc import Callable
from functools import reduce

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Repeat
from amends.monitor.core.standard import Failures, Pattern, Standards
from amends.monitor.tables.findings import evidence, within
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import iso, length

KIND = Repeat
REPEATED = "repeated"
WHATS = (REPEATED,)
LOG = {
    "standard": "string",
    "who": "string",  # whose trouble it is: the customer, the subject, or both
    "at": "int64",
    "source": "string",
    "id": "string",
    "failed": "string",  # the standard that failed; empty for a signal
    "subject": "string",
    "customer": "string",
    "unit": "string",
}
COUNTED = {"standard": "string", "subject": "string", "at": "int64", "now": "int64", "earlier": "int64"}
NOT_YET = ("at_risk", "late", "never", "out_of_order", "back_in_control")
"""Findings that are no new failure: nothing is broken yet or any more, or its breach or skip was counted already."""


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    parts = [
        _logged(matching(signals, repeat.repeats).mutate(failed=ibis.literal("")), repeat)
        for repeat in standards.of_kind(KIND)
        if isinstance(repeat.repeats, Pattern)
    ]
    return together(parts, LOG, signals)


def echoes(found: ir.Table, standards: Standards) -> ir.Table:
    parts = []
    for repeat in standards.of_kind(KIND):
        if isinstance(repeat.repeats, Failures):
            broken = found.filter(found.standard.isin(standards.causes_of(repeat)) & found.what.notin(NOT_YET))
            broken = broken.rename(failed="standard", id="opening_id", source="opening_source")
            parts.append(_logged(broken, repeat))
    return together(parts, LOG, found)


def _logged(rows: ir.Table, repeat: Repeat) -> ir.Table:
    if "customer" in repeat.whose:
        rows = rows.filter(rows.customer.notnull())
    if len(repeat.whose) > 1:
        who = evidence(customer=rows.customer, subject=rows.subject)
    else:
        who = rows.customer if "customer" in repeat.whose else rows.subject
    return rows.mutate(standard=ibis.literal(repeat.id), who=who).select(*LOG)


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    return _of_all(lambda repeat: _reached(log, repeat, since=since, before=before), standards)


def counted(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """COUNTED of the instants in [since, before), whatever the count."""
    return _of_all(lambda repeat: _counts(log, repeat, since=since, before=before).select(*COUNTED), standards)


def _of_all(what: Callable[[Repeat], ir.Table], standards: Standards) -> ir.Table:
    return reduce(lambda a, b: a.union(b), map(what, standards.of_kind(KIND)))


def _counts(log: ir.Table, repeat: Repeat, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """The instants at which one more came: how many there are `now` in the window, and how many `earlier`."""
    mine = log.filter(log.standard == repeat.id)
    mine = mine.semi_join(within(mine, since=since, before=before).select("who"), "who").filter(
        lambda t: t["at"] < before
    )
    place = ibis.row_number().over(group_by=["who", "at"], order_by=["source", "id", "failed"])
    mine = mine.mutate(place=place, together=mine.count().over(group_by=["who", "at"]))
    each = mine.filter(mine.place == 0)  # one for each instant; the first by source and id stands for all then
    span = length(repeat.within)
    trailing = {"group_by": "who", "order_by": "at"}
    each = each.mutate(
        now=each.together.sum().over(range=(-span, 0), **trailing),
        earlier=ibis.coalesce(each.together.sum().over(range=(-span, -1), **trailing), 0),
        first_at=each["at"].min().over(range=(-span, 0), **trailing),
    )
    return within(each, since=since, before=before)


def _reached(log: ir.Table, repeat: Repeat, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    reached = _counts(log, repeat, since=since, before=before)
    reached = reached.filter((reached.now >= repeat.times) & (reached.earlier < repeat.times))
    return reached.select(
        "standard",
        "subject",
        what=ibis.literal(REPEATED),
        at="at",
        due=ibis.null("int64"),
        opened_at=ibis.null("int64"),
        opening_id="id",
        opening_source="source",
        customer="customer" if "customer" in repeat.whose else ibis.null("string"),
        unit="unit",
        evidence=evidence(
            times=reached.now.cast("int64"), limit=ibis.literal(repeat.times), first_at=iso(reached.first_at)
        ),
    )


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    spans = [(log.standard == repeat.id, length(repeat.within)) for repeat in standards.of_kind(KIND)]
    return log.filter(log["at"] >= before - ibis.cases(*spans, else_=ibis.literal(0, "int64")))

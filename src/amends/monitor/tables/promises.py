"""Promises and what became of them: an append-only log of openings, closings and violations, and a query over it.

Findings are a query over the log and a span of time [since, before) between two watermarks. Every finding has one
time of its own, and spans partition time: so each finding is given once, however the stream was cut, and asking for
all time at once gives them all.
"""

from functools import reduce
from typing import cast

import ibis
import ibis.expr.types as ir

from amends.monitor.core.standard import DueAfter, DueAt, Promise, Standards
from amends.monitor.tables.conditions import attribute
from amends.monitor.tables.keys import KEY, key_of
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import DAY, END, length, moment

OPENINGS = {
    "seq": "int64",  # order of arrival; names the promise within one log
    "standard": "string",
    "subject": "string",
    "key": KEY,  # of the subject
    "opened": "int64",
    "due": "int64",
    "warn_at": "int64",  # null: no warning
    "gives_up_at": "int64",  # null: never
    "source": "string",
    "id": "string",
    "customer": "string",
    "unit": "string",
}
CLOSINGS = {"standard": "string", "subject": "string", "key": KEY, "closed": "int64"}
DUE_DAYS = {"standard": "string", "day": "int64", "start": "int64", "end": "int64", "due": "int64"}
"""When openings of a UTC day are due, for standards by calendar: see `core.due_days`."""

KINDS = ("at_risk", "breached", "late", "never")  # what can be found of a promise


def openings(signals: ir.Table, due_days: ir.Table, standards: Standards) -> ir.Table:
    """The promises that the signals start; `due` is null where it cannot be told."""
    opened = [_opening(signals, due_days, promise) for promise in standards.promises]
    return together(opened, OPENINGS, signals)


def _opening(signals: ir.Table, due_days: ir.Table, promise: Promise) -> ir.Table:
    found = matching(signals, promise.opens)
    match promise.due:
        case DueAt() as due:
            computed = moment(attribute(found, due.field)) + length(due.plus)
        case DueAfter(after=after):
            computed = found["at"] + length(after)
        case _:
            days = due_days.filter(due_days.standard == promise.id).select("day", "start", "end", by="due")
            found = found.mutate(day=_day(found))
            found = found.left_join(days, [found.day == days.day, found["at"] >= days.start, found["at"] < days.end])
            computed = found.by
    due_at = ibis.ifelse(computed.isnull(), ibis.null("int64"), ibis.greatest(computed, found["at"]))
    found = found.mutate(due=due_at)
    nothing = ibis.null("int64")
    warn_at = nothing
    if promise.warn is not None:
        early = ibis.greatest(found.due - length(promise.warn), found["at"])
        warn_at = ibis.ifelse(early < found.due, early, nothing)
    gives_up_at = nothing if promise.gives_up is None else found.due + length(promise.gives_up)
    return found.select(
        "seq",
        "subject",
        "due",
        "source",
        "id",
        "customer",
        "unit",
        standard=ibis.literal(promise.id),
        key=key_of(found.subject),
        opened=found["at"],
        warn_at=warn_at,
        gives_up_at=gives_up_at,
    ).select(*OPENINGS)


def _day(signals: ir.Table) -> ir.IntegerValue:
    # engines divide whole numbers as floats: only a whole multiple survives that
    since_midnight = (signals["at"] % DAY + DAY) % DAY
    return cast("ir.IntegerValue", ((signals["at"] - since_midnight) / DAY).round().cast("int64"))


def days_wanted(signals: ir.Table, due_days: ir.Table, standards: Standards) -> ir.Table:
    """The standards by calendar and UTC days that openings fall on and `due_days` does not have yet."""
    wanted = [
        matching(signals, promise.opens).select(standard=ibis.literal(promise.id), day=_day(signals)).distinct()
        for promise in standards.promises
        if not isinstance(promise.due, DueAt | DueAfter)
    ]
    return together(wanted, {"standard": "string", "day": "int64"}, signals).anti_join(due_days, ["standard", "day"])


def closings(signals: ir.Table, standards: Standards) -> ir.Table:
    closed = []
    for promise in standards.promises:
        found = matching(signals, promise.closes)
        closed.append(
            found.select(
                "subject", standard=ibis.literal(promise.id), key=key_of(found.subject), closed=found["at"]
            ).select(*CLOSINGS)
        )
    return together(closed, CLOSINGS, signals)


def touched(opened: ir.Table, closed: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """The promises that can have a finding in [since, before); leaving the others out changes nothing."""
    keys = closed.filter((closed.closed >= since) & (closed.closed < before)).select(closing="key").distinct()
    joined = opened.left_join(keys, opened.key == keys.closing)

    def within(time: ir.IntegerColumn) -> ir.BooleanColumn:
        return ((time >= since) & (time < before)).fill_null(False)

    return joined.filter(
        joined.closing.notnull() | within(joined.due) | within(joined.warn_at) | within(joined.gives_up_at)
    ).drop("closing")


FOLLOWED = OPENINGS | {"closed": "int64"}
"""Promises with the time of their first closing at or after the opening; null: none."""


def first_closed(opened: ir.Table, closed: ir.Table) -> ir.Table:
    """The promises as FOLLOWED, with `unclear` where that needs `searched`.

    Mostly the first closing of a subject is at or after the opening, or the last one before it, and that settles it.
    """
    ends = closed.semi_join(opened, "key").group_by(["standard", "subject"])
    ends = ends.agg(first=closed.closed.min(), last=closed.closed.max())
    known = opened.left_join(ends, ["standard", "subject"])
    at_first = ibis.ifelse(known.opened <= known["first"], known["first"], ibis.null("int64"))
    unclear = ((known.opened > known["first"]) & (known.opened <= known["last"])).fill_null(False)
    return known.mutate(closed=at_first, unclear=unclear).select(*FOLLOWED, "unclear")


def searched(opened: ir.Table, closed: ir.Table) -> ir.Table:
    """The promises as FOLLOWED, in one pass over both in the order of time: the smallest closing time from here on."""
    start = opened.mutate(time=opened.opened, closing=ibis.null("int64"))
    end = closed.semi_join(opened, ["standard", "subject"])
    end = end.select("standard", "subject", "key", time="closed", closing="closed")
    end = end.mutate(**{name: ibis.null(kind) for name, kind in OPENINGS.items() if name not in end.columns})
    both = start.union(end.select(*start.columns))
    first = both.closing.min().over(group_by=["standard", "subject"], order_by="time", range=(0, None))
    both = both.mutate(closed=first, unclear=False)
    return both.filter(both.seq.notnull()).select(*FOLLOWED, "unclear")


def findings(promise: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """All findings with since <= at < before of the promises that are followed (see first_closed)."""
    never = ibis.null("int64")

    def standing(time: ir.IntegerColumn) -> ir.IntegerValue:
        """The time, if it is in the span and no closing came at or before it."""
        open_then = promise.closed.isnull() | (promise.closed > time)
        return ibis.ifelse((time >= since) & (time < before) & open_then, time, never)

    was_late = (promise.closed > promise.due) & (promise.closed <= ibis.coalesce(promise.gives_up_at, END))
    was_late &= (promise.closed >= since) & (promise.closed < before)
    found = promise.mutate(
        at_risk=standing(promise.warn_at),
        breached=standing(promise.due),
        late=ibis.ifelse(was_late, promise.closed, never),
        never=standing(promise.gives_up_at),
    )
    found = found.filter(reduce(lambda a, b: a | b, (found[what].notnull() for what in KINDS)))
    codes = ibis.range(0, len(KINDS)).unnest().name("code").as_table()
    each = found.cross_join(codes)
    each = each.mutate(
        what=ibis.cases(*((each.code == code, what) for code, what in enumerate(KINDS))),
        at=ibis.cases(*((each.code == code, each[what]) for code, what in enumerate(KINDS))),
    )
    return each.filter(each["at"].notnull()).select(
        "standard",
        "subject",
        "what",
        "at",
        "due",
        opened_at="opened",
        opening_id="id",
        opening_source="source",
        customer="customer",
        unit="unit",
        evidence=ibis.null("string"),
    )


def unsettled(promise: ir.Table, *, before: ir.IntegerValue) -> ir.Table:
    """The openings that can still have a finding at or after `before`, once all signals older than it are in."""
    pending = promise.filter(promise.closed.isnull() | (promise.closed >= before))
    return pending.filter(_not_given_up(pending, before)).select(*OPENINGS)


def still_open(promise: ir.Table, *, before: ir.IntegerValue) -> ir.Table:
    """The promises that were neither kept, as far as known, nor given up before `before`."""
    pending = promise.filter(promise.closed.isnull())
    return pending.filter(_not_given_up(pending, before)).select(*OPENINGS)


def _not_given_up(promise: ir.Table, before: ir.IntegerValue) -> ir.BooleanValue:
    return promise.gives_up_at.isnull() | (promise.gives_up_at >= before)

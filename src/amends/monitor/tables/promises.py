"""Promises and what became of them: an append-only log of openings, closings and moves, and a query over it.

Findings are a query over the log and a span of time [since, before) between two watermarks. Every finding has one
time of its own, and spans partition time: so each finding is given once, however the stream was cut, and asking for
all time at once gives them all.
"""

from functools import reduce
from typing import cast

import ibis
import ibis.expr.types as ir

from amends.monitor.core.pattern import Pattern, name_of
from amends.monitor.core.standard import Due, DueAfter, DueAt, DueBy, Promise, Standards
from amends.monitor.tables.conditions import attribute
from amends.monitor.tables.keys import KEY, key_of
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import DAY, END, length, moment
from amends.monitor.tables.moves import MOVES, movable

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
ENDINGS = {"seq": "int64"} | CLOSINGS
"""Closings with the place of their signals in the order of arrival."""
DUE_DAYS = {"standard": "string", "day": "int64", "start": "int64", "end": "int64", "due": "int64"}
"""When openings of a UTC day are due, for standards by calendar: see `core.due_days`."""

KINDS = ("at_risk", "breached", "late", "never")  # what can be found of a promise


def openings(signals: ir.Table, due_days: ir.Table, standards: Standards) -> ir.Table:
    """The promises that the signals start; `due` is null where it cannot be told."""
    opened = [_opening(signals, due_days, promise) for promise in standards.promises]
    return together(opened, OPENINGS, signals)


def _opening(signals: ir.Table, due_days: ir.Table, promise: Promise) -> ir.Table:
    found = _with_due(matching(signals, promise.opens), due_days, promise.id, promise.due)
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


def _with_due(found: ir.Table, due_days: ir.Table, calendar_key: str, due: Due) -> ir.Table:
    """The signals with the `due` that each puts in force, never before its own time; null where it cannot be told."""
    match due:
        case DueAt():
            computed = moment(attribute(found, due.field)) + length(due.plus)
        case DueAfter(after=after):
            computed = found["at"] + length(after)
        case _:
            days = due_days.filter(due_days.standard == calendar_key).select("day", "start", "end", by="due")
            found = found.mutate(day=_day(found))
            found = found.left_join(days, [found.day == days.day, found["at"] >= days.start, found["at"] < days.end])
            computed = found.by
    due_at = ibis.ifelse(computed.isnull(), ibis.null("int64"), ibis.greatest(computed, found["at"]))
    return found.mutate(due=due_at)


def moves(signals: ir.Table, due_days: ir.Table, standards: Standards) -> ir.Table:
    """The revisions and cancellations; `due` of a revision is null where it cannot be told."""
    parts = []
    for promise in movable(standards):
        if promise.revises is not None:
            found = matching(signals, promise.revises)
            found = _with_due(found, due_days, revision_key(promise), promise.revises.due)
            reason = promise.revises.reason
            said = ibis.null("string") if reason is None else attribute(found, name_of(reason))
            parts.append(_move(found.mutate(cancels=ibis.literal(False), reason=said), promise))
        if promise.cancels is not None:
            found = matching(signals, promise.cancels)
            nothing = {"due": ibis.null("int64"), "reason": ibis.null("string")}
            parts.append(_move(found.mutate(cancels=ibis.literal(True), **nothing), promise))
    return together(parts, MOVES, signals)


def _move(found: ir.Table, promise: Promise) -> ir.Table:
    return found.mutate(standard=ibis.literal(promise.id), key=key_of(found.subject)).select(*MOVES)


def revision_key(promise: Promise) -> str:
    """What the due days of its revisions are kept under; those of its openings are under its id."""
    return f"{promise.id}\x1frevised"


def by_calendar(standards: Standards) -> dict[str, tuple[Pattern, DueBy]]:
    """What has a due time by calendar, and which signals ask for it; by the key of its due days."""
    found: dict[str, tuple[Pattern, DueBy]] = {}
    for promise in standards.promises:
        if isinstance(promise.due, DueBy):
            found[promise.id] = promise.opens, promise.due
        if promise.revises is not None and isinstance(promise.revises.due, DueBy):
            found[revision_key(promise)] = promise.revises, promise.revises.due
    return found


def _day(signals: ir.Table) -> ir.IntegerValue:
    # engines divide whole numbers as floats: only a whole multiple survives that
    since_midnight = (signals["at"] % DAY + DAY) % DAY
    return cast("ir.IntegerValue", ((signals["at"] - since_midnight) / DAY).round().cast("int64"))


def days_wanted(signals: ir.Table, due_days: ir.Table, standards: Standards) -> ir.Table:
    """The standards by calendar and UTC days that openings fall on and `due_days` does not have yet."""
    wanted = [
        matching(signals, pattern).select(standard=ibis.literal(key), day=_day(signals)).distinct()
        for key, (pattern, _) in by_calendar(standards).items()
    ]
    return together(wanted, {"standard": "string", "day": "int64"}, signals).anti_join(due_days, ["standard", "day"])


def closings(signals: ir.Table, standards: Standards) -> ir.Table:
    """What the signals end, as ENDINGS."""
    closed = []
    for promise in standards.promises:
        found = matching(signals, promise.closes)
        closed.append(
            found.select(
                "seq", "subject", standard=ibis.literal(promise.id), key=key_of(found.subject), closed=found["at"]
            ).select(*ENDINGS)
        )
    return together(closed, ENDINGS, signals)


def touched(
    opened: ir.Table,
    closed: ir.Table,
    standards: Standards,
    *,
    since: ir.IntegerValue,
    before: ir.IntegerValue,
    counting: bool = True,
) -> ir.Table:
    """The promises that can have a finding in [since, before); leaving the others out changes nothing.

    With `counting` those too that are kept in the span. Of one that may be moved, the log of openings does not say
    when it is due. Each way in is a part of its own with a range that engines can look up; no promise is in two.
    """
    parts = []
    rest = opened
    if ids := [promise.id for promise in movable(standards)]:
        parts.append(rest.filter(rest.standard.isin(ids)))
        rest = rest.filter(rest.standard.notin(ids))
    for name in ("due", "warn_at", "gives_up_at"):
        within = (rest[name] >= since) & (rest[name] < before)
        parts.append(rest.filter(within))
        rest = rest.filter(~within.fill_null(False))
    keys = closed.filter((closed.closed >= since) & (closed.closed < before)).select("standard", "key")
    if not counting:  # a closing before its promise is due makes no finding
        rest = rest.filter(rest.due < before)
    parts.append(rest.semi_join(keys, ["standard", "key"]))
    return reduce(lambda a, b: a.union(b), parts)


FOLLOWED = OPENINGS | {"closed": "int64"}
"""Promises with the time of their first closing at or after the opening; null: none."""
MOVED = FOLLOWED | {"cancelled": "int64", "evidence": "string"}
"""The same after what moved them: see `moves.spans`."""


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


def troubled(followed: ir.Table, standards: Standards) -> ir.Table:
    """Of promises with their first closing those that it does not settle before their first possible finding."""
    in_time = followed.closed <= ibis.coalesce(followed.warn_at, followed.due)
    trouble = ~in_time.fill_null(False) | followed.unclear
    if ids := [promise.id for promise in movable(standards)]:
        trouble |= followed.standard.isin(ids)
    return followed.filter(trouble)


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
    """All findings with since <= at < before of the promises that are followed (see first_closed), moved or not."""
    never = ibis.null("int64")
    moved = "cancelled" in promise.columns

    def standing(time: ir.IntegerColumn) -> ir.IntegerValue:
        """The time, if it is in the span and neither a closing nor a cancellation came at or before it."""
        open_then = promise.closed.isnull() | (promise.closed > time)
        if moved:
            open_then &= promise.cancelled.isnull() | (promise.cancelled > time)
        return ibis.ifelse((time >= since) & (time < before) & open_then, time, never)

    was_late = (promise.closed > promise.due) & (promise.closed <= ibis.coalesce(promise.gives_up_at, END))
    was_late &= (promise.closed >= since) & (promise.closed < before)
    if moved:
        was_late &= promise.cancelled.isnull() | (promise.cancelled > promise.closed)
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
        evidence="evidence" if moved else ibis.null("string"),
    )


def unsettled(promise: ir.Table, *, before: ir.IntegerValue) -> ir.Table:
    """The openings that can still have a finding at or after `before`, once all signals older than it are in."""
    pending = promise.filter(promise.closed.isnull() | (promise.closed >= before))
    if "cancelled" in promise.columns:
        pending = pending.filter(pending.cancelled.isnull() | (pending.cancelled >= before))
    return pending.filter(_not_given_up(pending, before)).select(*OPENINGS)


def still_open(promise: ir.Table, *, before: ir.IntegerValue) -> ir.Table:
    """The promises that were neither kept, as far as known, nor called off, nor given up before `before`."""
    pending = promise.filter(promise.closed.isnull())
    if "cancelled" in promise.columns:
        pending = pending.filter(pending.cancelled.isnull())
    return pending.filter(_not_given_up(pending, before)).select(*OPENINGS)


def _not_given_up(promise: ir.Table, before: ir.IntegerValue) -> ir.BooleanValue:
    return promise.gives_up_at.isnull() | (promise.gives_up_at >= before)

"""What moves a promise besides its closing: revisions of its due time, and cancellations.

A revision at or before the due time then in force puts another in force, from its own time on; later ones change
nothing. So a promise becomes spans, each with a due time of its own that the next revision ends.
"""

import ibis
import ibis.expr.types as ir

from amends.monitor.core.promise import Promise
from amends.monitor.core.standard import Standards
from amends.monitor.tables.findings import evidence
from amends.monitor.tables.keys import KEY
from amends.monitor.tables.moments import END, iso, length

MOVES = {
    "seq": "int64",
    "standard": "string",
    "subject": "string",
    "key": KEY,  # of the subject
    "at": "int64",
    "cancels": "boolean",
    "due": "int64",  # that it puts in force; null for a cancellation, and where it cannot be told
    "reason": "string",
}


def movable(standards: Standards) -> tuple[Promise, ...]:
    return tuple(promise for promise in standards.promises if promise.movable)


def spans(promise: ir.Table, moves: ir.Table, standards: Standards) -> ir.Table:
    """Followed promises as spans, each a promise of its own that is `cancelled` when the next begins.

    `promise` has the columns of `promises.FOLLOWED`; they come back with `cancelled` and `evidence`.
    """
    columns = promise.columns
    whole = ["seq", "standard"]
    promise = _with_cancellation(promise, moves)
    told = moves.filter(~moves.cancels).select(
        "reason", to="standard", about="subject", begins="at", then=ibis.greatest(moves.due, moves["at"])
    )
    # what comes with or after a closing or a cancellation changes nothing any more
    over = ibis.least(ibis.coalesce(promise.closed, END), ibis.coalesce(promise.called_off, END))
    promise = promise.mutate(over=over)
    both = promise.join(
        told,
        [
            promise.standard == told.to,
            promise.subject == told.about,
            told.begins >= promise.opened,
            told.begins < promise.over,
        ],
    )
    revised = both.mutate(due="then")
    # several at one time: the latest due time counts
    best = ibis.row_number().over(
        group_by=[*whole, "begins"], order_by=[ibis.desc("due"), ibis.desc(ibis.coalesce(revised.reason, ""))]
    )
    revised = revised.mutate(place=best).filter(lambda t: t.place == 0)
    made = promise.mutate(begins=promise.opened, revision=ibis.literal(0), reason=ibis.null("string"))
    timeline = made.union(revised.mutate(revision=ibis.literal(1)).select(*made.columns))
    in_time = {"group_by": whole, "order_by": ["begins", "revision"]}
    timeline = timeline.mutate(in_force=timeline.due.lag().over(**in_time))
    in_time_for_it = (timeline.in_force.isnull() | (timeline.begins <= timeline.in_force)).cast("int64")
    timeline = timeline.mutate(counts=in_time_for_it.min().over(rows=(None, 0), **in_time))
    timeline = timeline.filter(timeline.counts == 1)
    said = evidence(at=iso(timeline.begins), due=iso(timeline.due), reason=timeline.reason)
    said = ibis.ifelse(timeline.revision == 1, said, ibis.null("string"))
    timeline = timeline.mutate(
        ends=timeline.begins.lead().over(**in_time),
        history=said.group_concat(", ").over(rows=(None, 0), **in_time),
    )
    told = timeline.mutate(
        cancelled=ibis.coalesce(timeline.ends, timeline.called_off),
        evidence=ibis.literal('{"revisions":[') + timeline.history + "]}",
        **_times(timeline, standards),
    )
    return told.select(*columns, "cancelled", "evidence")


def _with_cancellation(promise: ir.Table, moves: ir.Table) -> ir.Table:
    """The promises with the time `called_off` of their first cancellation, in one pass in the order of time."""
    off = moves.filter(moves.cancels).semi_join(promise, ["standard", "subject"])
    off = off.select("standard", "subject", seq=ibis.null("int64"), time="at", off="at")
    start = promise.select("standard", "subject", "seq", time="opened", off=ibis.null("int64"))
    both = start.union(off.select(*start.columns))
    first = both.off.min().over(group_by=["standard", "subject"], order_by="time", range=(0, None))
    both = both.mutate(called_off=first).filter(lambda t: t.seq.notnull())
    return promise.join(both.select("seq", "standard", "called_off"), ["seq", "standard"])


def _times(told: ir.Table, standards: Standards) -> dict[str, ir.IntegerValue]:
    nothing = ibis.null("int64")

    def by_standard(value: dict[str, ir.Value]) -> ir.IntegerValue:
        if not value:
            return nothing
        return ibis.cases(*((told.standard == name, one) for name, one in value.items()), else_=nothing)

    promises = movable(standards)
    early = by_standard(
        {one.id: ibis.greatest(told.due - length(one.warn), told.begins) for one in promises if one.warn is not None}
    )
    gives_up = by_standard({one.id: told.due + length(one.gives_up) for one in promises if one.gives_up is not None})
    return {"warn_at": ibis.ifelse(early < told.due, early, nothing), "gives_up_at": gives_up}

"""What is still promised as of a moment: the soonest due of each standard and unit, and how many there are.

For people who watch; nothing is judged by it.
"""

import ibis
import ibis.expr.types as ir

SOONEST = {
    "standard": "string",
    "seq": "int64",  # with the standard it names the promise
    "subject": "string",
    "unit": "string",
    "customer": "string",
    "opened": "int64",
    "due": "int64",
    "warn_at": "int64",
}
STILL_DUE = {
    "standard": "string",
    "unit": "string",
    "open": "int64",  # neither kept nor given up
    "at_risk": "int64",  # of them: it is time to warn, and not yet due
    "overdue": "int64",  # of them
    "next": "int64",  # when the next of them is at risk, due or given up, so that counts change by time alone
}


def open_at(promise: ir.Table, *, now: ir.IntegerValue) -> ir.Table:
    """Of promises with their first closing (`promises.FOLLOWED` or `MOVED`) those that are open now, as is known."""
    waiting = promise.filter(promise.closed.isnull())
    if "cancelled" in promise.columns:  # of one that was moved: the span that nothing has ended
        waiting = waiting.filter(waiting.cancelled.isnull())
    return waiting.filter(waiting.gives_up_at.isnull() | (waiting.gives_up_at >= now))


def soonest(promise: ir.Table, *, since: ir.IntegerValue, now: ir.IntegerValue, most: int) -> ir.Table:
    """Of each standard and unit the open promises that are due soonest from `since` on, so many at most."""
    waiting = open_at(promise, now=now)
    waiting = waiting.filter(waiting.due >= since)
    place = ibis.row_number().over(group_by=["standard", "unit"], order_by=["due", "seq"])
    return waiting.mutate(place=place).filter(lambda table: table.place < most).select(*SOONEST)


def still_due(promise: ir.Table, *, now: ir.IntegerValue) -> ir.Table:
    """How many promises are open per standard and unit, and how many of them are at risk or overdue."""
    waiting = open_at(promise, now=now)
    never = ibis.null("int64")

    def ahead(moment: ir.IntegerColumn) -> ir.IntegerValue:
        return ibis.ifelse(moment > now, moment, never)

    following = ibis.least(*(ibis.coalesce(ahead(waiting[name]), 2**62) for name in ("warn_at", "due", "gives_up_at")))
    waiting = waiting.mutate(
        following=following,
        risky=((waiting.due > now) & (waiting.warn_at <= now)).fill_null(False),
        over=waiting.due <= now,
    )
    counted = waiting.group_by(["standard", "unit"]).agg(
        open=waiting.count(),
        at_risk=waiting.risky.cast("int64").sum(),
        overdue=waiting.over.cast("int64").sum(),
        next=waiting.following.min(),
    )
    return counted.select(*STILL_DUE)

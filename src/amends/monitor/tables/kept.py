"""How many promises were kept and broken, per standard, unit and hour; and how often what must not come came.

A promise is settled once: at its first closing if that is not after the due time, else at the due time. Spans between
two watermarks partition time, so each promise is counted once however the stream was cut, as findings are.
"""

import ibis
import ibis.expr.types as ir

HOUR = 3_600_000_000
KEPT = {
    "standard": "string",
    "unit": "string",
    "hour": "int64",  # beginning of the hour that it was due in (of a violation: that it came in), in microseconds
    "kept": "int64",
    "broken": "int64",
}


def settled(promise: ir.Table, violated: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """Counts as KEPT of what is settled at since <= time < before.

    Args:
        promise: promises with their first closing, as `promises.FOLLOWED`; all that have a closing or are due within
            the span must be among them.
        violated: violations.
        since: begin of the span.
        before: its end.
    """
    in_time = (promise.closed <= promise.due).fill_null(False)
    promise = promise.mutate(in_time=in_time, settled=ibis.ifelse(in_time, promise.closed, promise.due))
    promise = promise.filter((promise.settled >= since) & (promise.settled < before))
    promise = promise.select("standard", "unit", hour=_hour_of(promise.due), good=promise.in_time)
    broken = violated.filter((violated["at"] >= since) & (violated["at"] < before))
    broken = broken.select("standard", "unit", hour=_hour_of(broken["at"]), good=ibis.literal(False))
    both = promise.union(broken)
    counted = both.group_by(["standard", "unit", "hour"]).agg(
        kept=both.good.cast("int64").sum(), broken=(~both.good).cast("int64").sum()
    )
    return counted.select(*KEPT)


def _hour_of(time: ir.IntegerColumn) -> ir.IntegerValue:
    return time - (time % HOUR + HOUR) % HOUR

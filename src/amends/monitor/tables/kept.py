"""How many promises were kept and broken, per standard, unit and hour; how often a limit was kept, and how often what
must not come came.

A promise is settled once: at its first closing if that is not after the due time, else at the due time. Spans between
two watermarks partition time, so each promise is counted once however the stream was cut, as findings are. A measured
value within its limit counts when its signal is taken, which happens once.
"""

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Limit, Voice
from amends.monitor.core.pattern import name_of
from amends.monitor.core.standard import Standards
from amends.monitor.tables import limits
from amends.monitor.tables.conditions import number
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import END
from amends.monitor.tables.rates import BACK

HOUR = 3_600_000_000
KEPT = {
    "standard": "string",
    "unit": "string",
    "hour": "int64",  # beginning of the hour that it was due in (of a violation: that it came in), in microseconds
    "kept": "int64",
    "broken": "int64",
}


OUTCOMES = {
    "standard": "string",
    "subject": "string",
    "id": "string",  # of the opening signal, and its source
    "source": "string",
    "opened": "int64",
    "due": "int64",
    "settled": "int64",
    "good": "boolean",
}
"""Promises one by one, as they were settled."""
MEASURED = {"standard": "string", "subject": "string", "unit": "string", "at": "int64", "over": "float64"}
"""Measured values one by one, as multiples of `above` where that is another attribute, else as they are."""


def measured(signals: ir.Table, standards: Standards) -> ir.Table:
    """MEASURED of the limits that have an upper bound, and the ratings that voices give."""
    parts = []
    for limit in standards.of_kind(Limit):
        if limit.above is None:
            continue
        found = limits.judged(signals, limit)
        found = found.filter(found.upper.notnull())
        scale = found.upper / limit.times if isinstance(limit.above, str) else ibis.literal(1.0)
        over = (found["value"] / scale.nullif(0.0)).cast("float64")
        parts.append(found.mutate(standard=ibis.literal(limit.id), over=over).select(*MEASURED))
    for voice in standards.of_kind(Voice):
        if voice.rating is not None:
            found = matching(signals, voice.voices)
            found = found.mutate(standard=ibis.literal(voice.id), over=number(found, name_of(voice.rating)))
            parts.append(found.filter(found.over.notnull()).select(*MEASURED))
    return together(parts, MEASURED, signals)


def outcomes(promise: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """OUTCOMES of the promises that are settled at since <= time < before."""
    return _settled(promise, since=since, before=before).select(*OUTCOMES)


def settled(promise: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """Counts as KEPT of the promises that are settled at since <= time < before.

    Args:
        promise: promises with their first closing, as `promises.FOLLOWED` or `promises.MOVED`; all that have a
            closing or are due within the span must be among them.
        since: begin of the span.
        before: its end.
    """
    promise = _settled(promise, since=since, before=before)
    counted = promise.mutate(hour=_hour_of(promise.due)).group_by(["standard", "unit", "hour"])
    counts = counted.agg(
        kept=lambda table: table.good.cast("int64").sum(), broken=lambda table: (~table.good).cast("int64").sum()
    )
    return counts.select(*KEPT)


def _settled(promise: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    in_time = (promise.closed <= promise.due).fill_null(False)
    promise = promise.mutate(good=in_time, settled=ibis.ifelse(in_time, promise.closed, promise.due))
    return promise.filter(_in_force(promise) & (promise.settled >= since) & (promise.settled < before))


def _in_force(promise: ir.Table) -> ir.BooleanValue:
    """Whether the span of a promise that was moved was in force when it was settled: one of its spans at most is."""
    if "cancelled" not in promise.columns:
        return ibis.literal(True)
    order = [ibis.coalesce(promise.cancelled, END), "due"]
    begins = promise.cancelled.lag().over(group_by=["seq", "standard"], order_by=order)
    ended = promise.cancelled.isnull() | (promise.settled < promise.cancelled)
    return ended & (promise.settled >= ibis.coalesce(begins, promise.opened))


def failed(found: ir.Table, standards: Standards) -> ir.Table:
    """Counts as KEPT of what was found by standards that are no promises, so that only the broken ones show."""
    others = found.filter(~found.standard.isin([promise.id for promise in standards.promises] or [""]))
    others = others.filter(others.what != BACK)  # the end of trouble is no trouble
    others = others.select("standard", "unit", hour=_hour_of(others["at"]))
    counts = others.group_by(["standard", "unit", "hour"]).agg(broken=lambda table: table.count())
    return counts.mutate(kept=ibis.literal(0, "int64")).select(*KEPT)


def within(signals: ir.Table, standards: Standards) -> ir.Table:
    """Counts as KEPT of the signals whose measured value is not beyond a limit; those that are come from `failed`."""
    parts = []
    for limit in standards.of_kind(Limit):
        good = limits.judged(signals, limit)
        good = good.filter(~(good.over | good.under)).mutate(standard=ibis.literal(limit.id), hour=_hour_of(good["at"]))
        parts.append(
            good.group_by(["standard", "unit", "hour"]).agg(
                kept=lambda table: table.count(), broken=ibis.literal(0, "int64")
            )
        )
    return together(parts, KEPT, signals)


def _hour_of(time: ir.IntegerColumn) -> ir.IntegerValue:
    return time - (time % HOUR + HOUR) % HOUR

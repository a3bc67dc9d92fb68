"""What becomes of each signal on arrival: taken, late, a duplicate, or unreadable.

The watermark of a signal is the largest time of the readable signals that arrived before it, minus the lateness.
First a signal older than its watermark is late; then one is a duplicate if a signal with its source and id arrived
before it whose time is not older than the watermark. Both look at all readable signals that arrived, late and
duplicate ones too, so neither depends on how the stream was cut.
"""

import ibis
import ibis.expr.types as ir

from amends.monitor.tables.keys import KEY, key_of
from amends.monitor.tables.moments import BEGINNING

TAKEN, LATE, DUPLICATE, UNREADABLE = "taken", "late", "duplicate", "unreadable"

SEEN = {"ident": KEY, "source": "string", "id": "string", "at": "int64"}
"""Ids that arrived before, as far back as the watermark at least."""


APART = {"seq": "int64", "watermark": "int64", "fate": "string"}
"""The signals that are late or duplicates; `watermark` is the one that was in force for them."""


def apart(
    signals: ir.Table, seen: ir.Table, *, high: ir.IntegerValue, lateness: int, until: ir.IntegerValue
) -> ir.Table:
    """APART of the signals: few of many, so that an engine can mark them without a join."""
    readable = _until(signals, until).filter(lambda t: t.fault.isnull())
    # few columns go through the windows; few signals come out of them
    narrow = readable.select("seq", "at")
    before = narrow["at"].max().over(rows=(None, -1), order_by=narrow.seq)
    marked = narrow.mutate(watermark=ibis.greatest(ibis.coalesce(before, BEGINNING), high) - lateness)
    late = marked.filter(marked["at"] < marked.watermark)
    again = _repeated(readable, seen)
    again = again.join(marked, "seq").filter(lambda t: (t["at"] >= t.watermark) & (t.last_at >= t.watermark))
    return late.select("seq", "watermark", fate=ibis.literal(LATE)).union(
        again.select("seq", "watermark", fate=ibis.literal(DUPLICATE))
    )


def _until(signals: ir.Table, until: ir.IntegerValue) -> ir.Table:
    return signals.filter(ibis.coalesce(signals["at"], BEGINNING) <= until)


def ident(signals: ir.Table) -> ir.IntegerValue:
    """A quick stand-in for source and id."""
    return key_of(signals.source) ^ key_of(signals.id)


def _repeated(signals: ir.Table, seen: ir.Table) -> ir.Table:
    """For each signal whose id came before: the largest time that it came with. The hash finds the few to look at
    closely.
    """
    now = signals.select("source", "id", "at", "seq", ident=ident(signals))
    before = seen.semi_join(now, "ident").select("source", "id", "at", "ident").mutate(seq=ibis.literal(-1, "int64"))
    told = now.union(before.select(*now.columns))
    often = told.group_by("ident").agg(times=told.count()).filter(lambda t: t.times > 1)
    suspects = told.semi_join(often, "ident")
    last_at = suspects["at"].max().over(group_by=["source", "id"], order_by="seq", rows=(None, -1))
    suspects = suspects.mutate(last_at=last_at)
    return suspects.filter((suspects.seq >= 0) & suspects.last_at.notnull()).select("seq", "last_at")

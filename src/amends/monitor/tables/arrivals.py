"""What becomes of each signal on arrival: taken, late, a duplicate, or unreadable.

The watermark of a signal is the largest time of the readable signals that arrived before it, minus the lateness. First a signal older than
its watermark is late; then one is a duplicate if a signal with its source and id arrived before it whose time is not older than the
watermark. Both look at all readable signals that arrived, late and duplicate ones too, so neither depends on how the stream was cut.
"""

import ibis
import ibis.expr.types as ir

from amends.monitor.tables.moments import BEGINNING

TAKEN, LATE, DUPLICATE, UNREADABLE = "taken", "late", "duplicate", "unreadable"

SEEN = {"ident": "int64", "source": "string", "id": "string", "at": "int64"}
"""Ids that arrived before, as far back as the watermark at least; `ident` is a hash of source and id."""


def judged(
    signals: ir.Table, seen: ir.Table, *, high: ir.IntegerValue, lateness: int, until: ir.IntegerValue
) -> ir.Table:
    """The signals with their `fate`; those after `until` are left out.

    `high` is the largest time before this batch, and `seq` of the signals is the order of arrival.
    """
    signals = signals.filter(ibis.coalesce(signals.at, BEGINNING) <= until)
    readable = signals.fault.isnull()
    time = ibis.ifelse(readable, signals.at, ibis.null("int64"))
    before = time.max().over(rows=(None, -1), order_by=signals.seq)
    watermark = ibis.greatest(ibis.coalesce(before, BEGINNING), high) - lateness
    signals = signals.mutate(watermark=watermark, ident=ibis.ifelse(readable, ident(signals), ibis.null("int64")))
    again = _repeated(signals, seen)
    told = signals.left_join(again, signals.seq == again.again_seq)
    fate = ibis.cases(
        (told.fault.notnull(), UNREADABLE),
        (told["at"] < told.watermark, LATE),
        (told.last_at >= told.watermark, DUPLICATE),
        else_=TAKEN,
    )
    return told.mutate(fate=fate).drop("again_seq", "last_at")


def ident(signals: ir.Table) -> ir.IntegerValue:
    """A quick stand-in for source and id: equal ones are equal, others differ nearly always."""
    return signals.source.hash() ^ signals.id.hash()


def _repeated(signals: ir.Table, seen: ir.Table) -> ir.Table:
    """For each signal whose id came before: the largest time that it came with. The hash finds the few that need a closer look."""
    signals = signals.filter(signals.fault.isnull())
    now = signals.select("ident", "source", "id", "at", "seq")
    before = seen.semi_join(now, "ident").select("ident", "source", "id", "at").mutate(seq=ibis.literal(-1, "int64"))
    told = now.union(before)
    often = told.group_by("ident").agg(times=told.count()).filter(lambda t: t.times > 1)
    suspects = told.semi_join(often, "ident")
    last_at = suspects["at"].max().over(group_by=["source", "id"], order_by="seq", rows=(None, -1))
    suspects = suspects.mutate(last_at=last_at)
    return suspects.filter((suspects.seq >= 0) & suspects.last_at.notnull()).select(
        again_seq=suspects.seq, last_at=suspects.last_at
    )

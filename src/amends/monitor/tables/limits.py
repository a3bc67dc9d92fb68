"""Attributes beyond a limit: each signal is judged by itself, at its own time."""

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Limit
from amends.monitor.core.pattern import name_of
from amends.monitor.core.standard import Standards
from amends.monitor.tables import prohibitions
from amends.monitor.tables.conditions import number
from amends.monitor.tables.findings import evidence, of_signals, within
from amends.monitor.tables.matching import matching, together

KIND = Limit
BEYOND = "beyond"
WHATS = (BEYOND,)
LOG = prohibitions.LOG | {"evidence": "string"}


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    """The signals beyond a limit; what is missing or no number is not judged."""
    return together([_beyond(signals, limit) for limit in standards.of_kind(KIND)], LOG, signals)


def judged(signals: ir.Table, limit: Limit) -> ir.Table:
    """The signals that a limit measures, with their `value`, its bounds, and whether it is `over` or `under` them.

    What has no number, or no bound to hold it against, is left out.
    """
    found = matching(signals, limit.limits)
    found = found.mutate(
        value=number(found, name_of(limit.value)),
        upper=_bound(found, limit.above, limit.times),
        lower=_bound(found, limit.below, limit.times),
    )
    found = found.mutate(
        over=(found.value > found.upper).fill_null(False), under=(found.value < found.lower).fill_null(False)
    )
    return found.filter(found.value.notnull() & (found.upper.notnull() | found.lower.notnull()))


def _beyond(signals: ir.Table, limit: Limit) -> ir.Table:
    found = judged(signals, limit)
    found = found.filter(found.over | found.under)
    return found.mutate(
        standard=ibis.literal(limit.id),
        evidence=evidence(
            measured=found.value,
            limit=ibis.ifelse(found.over, found.upper, found.lower),
            beyond=ibis.ifelse(found.over, "above", "below"),
        ),
    )


def _bound(signals: ir.Table, bound: float | str | None, times: float) -> ir.FloatingValue:
    if bound is None:
        return ibis.null("float64")
    if isinstance(bound, str):
        return number(signals, name_of(bound)) * times
    return ibis.literal(bound * times, "float64")


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    del standards
    log = within(log, since=since, before=before)
    return of_signals(log, BEYOND, log.evidence)


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    del standards
    return log.filter(log["at"] >= before)

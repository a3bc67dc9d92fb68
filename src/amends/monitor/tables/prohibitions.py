"""Signals that must not come: each one is a finding at its own time."""

import ibis
import ibis.expr.types as ir

from amends.monitor.core.standard import Prohibition, Standards
from amends.monitor.tables.findings import of_signals, within
from amends.monitor.tables.matching import matching, together

KIND = Prohibition
VIOLATED = "violated"
WHATS = (VIOLATED,)
LOG = {
    "standard": "string",
    "subject": "string",
    "at": "int64",
    "source": "string",
    "id": "string",
    "customer": "string",
    "unit": "string",
}


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    violated = [
        matching(signals, prohibition.forbids).mutate(standard=ibis.literal(prohibition.id))
        for prohibition in standards.of_kind(KIND)
    ]
    return together(violated, LOG, signals)


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    del standards
    return of_signals(within(log, since=since, before=before), VIOLATED)


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    del standards
    return log.filter(log["at"] >= before)

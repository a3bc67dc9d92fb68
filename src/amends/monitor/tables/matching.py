"""Which signals a standard means, and tables of them put together."""

from collections.abc import Mapping, Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from amends.monitor.core.pattern import Pattern
from amends.monitor.tables.conditions import matches


def matching(signals: ir.Table, pattern: Pattern) -> ir.Table:
    found = signals.filter(signals.type == pattern.type)
    return found if pattern.condition is None else found.filter(matches(found, pattern.condition).fill_null(False))


def together(parts: Sequence[ir.Table], schema: Mapping[str, str], of: ir.Table) -> ir.Table:
    """All rows of the parts; without parts none, in the columns of the schema, as an expression over `of`."""
    if parts:
        return reduce(lambda a, b: a.union(b), (part.select(*schema) for part in parts))
    return of.filter(ibis.literal(False)).select(**{name: ibis.null(kind) for name, kind in schema.items()})

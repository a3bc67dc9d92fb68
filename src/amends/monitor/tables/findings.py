"""The columns that every finding has, of whatever kind of standard."""

import ibis
import ibis.expr.types as ir

FINDINGS = {
    "standard": "string",
    "subject": "string",
    "what": "string",
    "at": "int64",
    "due": "int64",
    "opened_at": "int64",
    "opening_id": "string",
    "opening_source": "string",
    "customer": "string",
    "unit": "string",
    "evidence": "string",  # a JSON object: what was measured, and against what; null where the rest says it all
}
ORDER = ("at", "standard", "subject", "opened_at", "opening_id", "opening_source", "what", "evidence")


def evidence(**said: ir.Value) -> ir.StringValue:
    """The values as a JSON object."""
    text: ir.StringValue = ibis.struct(said).cast("json").cast("string")
    return text


def of_signals(found: ir.Table, what: str, evidence: ir.StringValue | None = None) -> ir.Table:
    """Findings that are there at the time of a signal because of the signal itself."""
    return found.select(
        "standard",
        "subject",
        what=ibis.literal(what),
        at="at",
        due=ibis.null("int64"),
        opened_at=ibis.null("int64"),
        opening_id="id",
        opening_source="source",
        customer="customer",
        unit="unit",
        evidence=ibis.null("string") if evidence is None else evidence,
    )


def within(table: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue, time: str = "at") -> ir.Table:
    """The rows whose time lies in [since, before)."""
    return table.filter((table[time] >= since) & (table[time] < before))

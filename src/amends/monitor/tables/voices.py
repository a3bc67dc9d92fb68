"""What customers say: complaining words, or a low rating. Each signal is judged by itself, at its own time."""

from typing import Any, cast

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Voice
from amends.monitor.core.pattern import name_of
from amends.monitor.core.standard import Standards
from amends.monitor.tables import prohibitions
from amends.monitor.tables.conditions import attribute, number
from amends.monitor.tables.findings import of_signals, within
from amends.monitor.tables.matching import matching, together

KIND = Voice
COMPLAINED = "complained"
WHATS = (COMPLAINED,)
LOG = prohibitions.LOG | {"evidence": "string"}


@ibis.udf.scalar.builtin(name="voice_evidence", signature=(("string", "string", "float64", "float64"), "string"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _voice_evidence(says: Any, text: Any, rating: Any, at_most: Any) -> str:  # type: ignore[empty-body]  # the engine's
    """The engine has it from `core.voice`: see `engines.voice`. Null where nothing was found."""


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    """The signals that speak of trouble; the words are read as they arrive, so a later reader changes no finding."""
    return together([_heard(signals, voice) for voice in standards.of_kind(KIND)], LOG, signals)


def _heard(signals: ir.Table, voice: Voice) -> ir.Table:
    found = matching(signals, voice.voices)
    nothing = ibis.null("float64")
    said = _voice_evidence(
        ibis.literal(voice.says),
        ibis.null("string") if voice.text is None else attribute(found, name_of(voice.text)),
        nothing if voice.rating is None else number(found, name_of(voice.rating)),
        nothing if voice.at_most is None else ibis.literal(voice.at_most, "float64"),
    )
    found = found.mutate(standard=ibis.literal(voice.id), evidence=cast("ir.StringValue", said))
    return found.filter(found.evidence.notnull())


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    del standards
    log = within(log, since=since, before=before)
    return of_signals(log, COMPLAINED, log.evidence)


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    del standards
    return log.filter(log["at"] >= before)

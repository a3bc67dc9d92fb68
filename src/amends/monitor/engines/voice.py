"""Reading customers' words inside a statement: the engine's function that `tables/voices` names."""

import json

import duckdb
from duckdb.sqltypes import DOUBLE, VARCHAR

from amends.monitor.core.voice import READERS, SILENT


def know_voice(connection: duckdb.DuckDBPyConnection) -> None:
    """Let statements of this connection ask what a text says."""
    connection.create_function(
        "voice_evidence",
        evidence_of,
        [VARCHAR, VARCHAR, DOUBLE, DOUBLE],
        VARCHAR,
        null_handling="special",
    )


def evidence_of(says: str, text: str | None, rating: float | None, at_most: float | None) -> str | None:
    """What speaks for trouble, as JSON; None if nothing does."""
    reading = READERS[says](text) if text else SILENT
    low = rating is not None and at_most is not None and rating <= at_most
    if not reading.says and not low:
        return None
    said: dict[str, object] = {}
    if low:
        said |= {"rating": rating, "limit": at_most}
    if reading.says:
        said |= {"says": says, "words": ", ".join(reading.words), "confidence": reading.confidence}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))  # as all evidence

"""Findings as the engine gives them, for one flight that was to leave at noon."""

from datetime import UTC, datetime
from typing import Any

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SUBJECT = "XX1/2026-03-02/AAA-BBB"


def finding(what: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """A finding about the flight's departure."""
    return {
        "standard": "depart-on-time",
        "subject": SUBJECT,
        "what": what,
        "at": at,
        "due": datetime(2026, 3, 2, 12, 15, tzinfo=UTC),
        "opened_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "opening_id": f"{SUBJECT}#scheduled",
        "opening_source": "test",
        "customer": None,
        "unit": "XX-AAA",
    } | changes

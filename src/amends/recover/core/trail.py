"""The audit trail read back: folding a case's entries in order gives its rows as they are now (Law 9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Rows = dict[str, dict[int, dict[str, Any]]]  # table -> id -> columns


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one statement did to one case's rows in one table."""

    number: int
    table: str
    changes: tuple[Mapping[str, Any], ...]  # inserted rows whole, updated rows by what changed; each with its id


def fold(entries: Iterable[Entry]) -> Rows:
    """The rows that the entries lead to.

    Raises:
        ValueError: the numbers do not run from 1 without a gap.
    """
    rows: Rows = {}
    for place, entry in enumerate(entries, start=1):
        if entry.number != place:
            raise ValueError(f"entry {place} of the trail is missing; the next one is number {entry.number}")
        table = rows.setdefault(entry.table, {})
        for change in entry.changes:
            row = table.setdefault(change["id"], {})
            row.update((name, value) for name, value in change.items() if name != "id")
    return rows

"""What differs between two blueprints, place by place, for whoever has to approve or explain a new version."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amends.kernel.blueprint.model import Blueprint


@dataclass(frozen=True)
class Change:
    """One place; `before` is None if it is new, `after` if it is gone."""

    path: str  # playbooks.delay-severe.clocks.resolve.within
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.path}: {_short(self.before)} -> {_short(self.after)}"

    def content(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


def diff(a: Blueprint, b: Blueprint) -> list[Change]:
    """From a to b; entries with an id are matched by it, so that moving one in its list is no change of the others."""
    return changes_between(a.content(), b.content())


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The same of contents, or of a part of them."""
    return list(_changes("", before, after))


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, list) and isinstance(after, list):
        old, new = _keyed(before), _keyed(after)
        if old is not None and new is not None:
            yield from _changes_of_mapping(path, old, new)
            # the order of rules decides, so a moved entry is a change of its own
            if [key for key in old if key in new] != [key for key in new if key in old]:
                yield Change(f"{path}.order" if path else "order", list(old), list(new))
            return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _changes_of_mapping(path, before, after)
    else:
        yield Change(path, before, after)


def _changes_of_mapping(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for key in [*before, *(key for key in after if key not in before)]:
        yield from _changes(f"{path}.{key}" if path else key, before.get(key), after.get(key))


def _keyed(entries: list[Any]) -> dict[str, Any] | None:
    """Entries by id (and first day, for tariffs), or by position if they have none; None for plain values."""
    if not all(isinstance(entry, dict) for entry in entries):
        return None
    keyed = {
        "@".join(filter(None, (entry.get("id", f"[{place}]"), entry.get("effective_from")))): entry
        for place, entry in enumerate(entries)
    }
    return keyed if len(keyed) == len(entries) else None


def _short(value: Any) -> str:
    """A value as people write it in the files, on one line."""
    if value is None:
        text = "nothing"
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 100 else text[:99] + "…"

"""Units as a tree: from rows that name their parent to the path of each, so that a subtree is one prefix of paths."""

from collections.abc import Mapping
from typing import Final, NamedTuple

SEPARATOR: Final = "/"
LONGEST_CODE, LONGEST_PATH = 64, 500  # characters, as the columns have room


class UnitRow(NamedTuple):
    """A unit as an import brings it; `parent` is the code of the unit above, None at the root."""

    code: str
    parent: str | None
    name_en: str
    name_zh: str


class BadUnits(ValueError):
    """Units that don't form a tree; nothing of the import is kept."""


def checked(row: UnitRow) -> UnitRow:
    """The row, if its code and names can be kept."""
    if not row.code or len(row.code) > LONGEST_CODE or SEPARATOR in row.code or not row.code.isprintable():
        raise BadUnits(f"Unit {row.code!r}: a code has 1 to {LONGEST_CODE} printable characters and no {SEPARATOR!r}.")
    for name in (row.name_en, row.name_zh):
        if not name or len(name) > 200 or "\0" in name:
            raise BadUnits(f"Unit {row.code}: needs a name of 1 to 200 characters in English and in Chinese.")
    return row


def paths_of(parents: Mapping[str, str | None]) -> dict[str, str]:
    """Code -> path ("/HQ/EWR/"), parents before children.

    Raises:
        BadUnits: a parent is unknown, units are each other's parents, or a path has no room.
    """
    paths: dict[str, str] = {}
    for code in parents:
        chain: list[str] = []
        at: str | None = code
        while at is not None and at not in paths:
            if at in chain:
                circle = " -> ".join([*chain[chain.index(at) :], at])
                raise BadUnits(f"Units can't be below themselves: {circle}.")
            chain.append(at)
            above = parents[at]
            if above is not None and above not in parents:
                raise BadUnits(f"Unit {at}: its parent {above} is unknown.")
            at = above
        path = SEPARATOR if at is None else paths[at]
        for below in reversed(chain):
            path = f"{path}{below}{SEPARATOR}"
            if len(path) > LONGEST_PATH:
                raise BadUnits(f"Unit {below}: its path would have more than {LONGEST_PATH} characters.")
            paths[below] = path
    return paths


def depth(path: str) -> int:
    """How many units stand above; 0 at the root."""
    return path.count(SEPARATOR) - 2

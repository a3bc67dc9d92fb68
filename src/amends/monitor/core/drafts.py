"""Drafts of standards: one standard put in its place among the others, and which of them a change can touch."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from amends.monitor.core.standard import Prohibition, Promise, Standards

File = Mapping[str, Any]  # standards.yaml as data


def with_standard(file: File, standard: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """The file with this standard in the place of the one with its id, or at the end; and its place."""
    standards = list(file["standards"])
    places = [place for place, one in enumerate(standards) if one.get("id") == standard.get("id")]
    place = places[0] if places else len(standards)
    standards[place : place + 1] = [dict(standard)]
    return {**file, "standards": standards}, place


def without_standard(file: File, standard_id: str) -> dict[str, Any]:
    """The file without the standard of that id."""
    return {**file, "standards": [one for one in file["standards"] if one["id"] != standard_id]}


def digest_of(standards: Standards) -> str:
    """Equal for drafts that mean the same, however they were written."""
    canonical = json.dumps(standards.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def changed(before: Standards, after: Standards) -> frozenset[str]:
    """The ids of the standards that are new, gone, or declared otherwise."""
    if (before.lateness, before.calendars) != (after.lateness, after.calendars):
        return frozenset(one.id for one in (*before.standards, *after.standards))
    old, new = ({one.id: one for one in file.standards} for file in (before, after))
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def judged_apart(before: Standards, after: Standards) -> tuple[Standards, Standards]:
    """Both with the standards alone that can find anything else than before.

    One that counts the failures of others may find something else when those do; then all are judged.
    """
    ids = changed(before, after)
    kept = tuple(
        file.model_copy(update={"standards": tuple(one for one in file.standards if one.id in ids)})
        for file in (before, after)
    )
    speaks = any(_counts_failures(one.model_dump(mode="json")) for file in (before, after) for one in file.standards)
    return (before, after) if speaks else (kept[0], kept[1])


def _counts_failures(declared: Any) -> bool:
    """Whether a declaration names failures anywhere: {repeats: {failures: ...}}."""
    if isinstance(declared, Mapping):
        return bool(declared.get("failures")) or any(map(_counts_failures, declared.values()))
    return isinstance(declared, list | tuple) and any(map(_counts_failures, declared))


def judged_beside(whole: Standards, apart: Standards, *, hearing: Collection[str]) -> Standards:
    """Of all standards those that tell what was broken, and those that hear customers, without those judged apart."""
    known = {one.id for one in apart.standards}
    tell = tuple(
        one
        for one in whole.standards
        if one.id not in known and not one.echoes and (isinstance(one, Promise | Prohibition) or one.id in hearing)
    )
    return whole.model_copy(update={"standards": tell})

"""Does a pack's own guidance speak of kinds that exist, once for each moment, in sentences that can be filled?"""

from collections.abc import Iterator

from amends.kernel.blueprint.guidance import SPOKEN, Entry
from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.problems import Complaint, Path
from amends.kernel.blueprint.rule_checks import phrases
from amends.kernel.text import places_in


def guidance(blueprint: Blueprint) -> Iterator[Complaint]:
    own = blueprint.guidance
    if own is None:
        return
    seen: set[tuple[str, str, str]] = set()
    for place, entry in enumerate(own.entries):
        path: Path = ("entries", place)
        yield from _entry(blueprint, path, entry)
        for kind in entry.kinds or ("",):
            moment = (entry.emotion, entry.stage, kind)
            if moment in seen:
                message = f"{entry.emotion} at {entry.stage}{f' for {kind}' if kind else ''} has an entry already"
                yield Complaint("guidance", path, message, "make them one entry")
            seen.add(moment)
    for emotion, words in own.words.items():
        yield from phrases("guidance", ("words", emotion), words)
    ids: set[str] = set()
    for place, note in enumerate(own.notes):
        if note.id in ids:
            here: Path = ("notes", place, "id")
            yield Complaint("guidance", here, f"{note.id!r} is taken already", "give it another id")
        ids.add(note.id)


def _entry(blueprint: Blueprint, path: Path, entry: Entry) -> Iterator[Complaint]:
    kinds = blueprint.taxonomy.kinds
    for index, kind in enumerate(entry.kinds):
        if kind not in kinds:
            known = ", ".join(sorted(kinds))
            yield Complaint("guidance", (*path, "kinds", index), f"there is no kind {kind!r}", f"there are: {known}")
    if not (entry.do or entry.say or entry.avoid):
        yield Complaint("guidance", path, "says nothing", "give it do, say or avoid, or take it out")
    for index, said in enumerate(entry.say):
        for language, text in (("en", said.en), ("zh", said.zh)):
            for name in sorted(places_in(text) - SPOKEN.keys()):
                message = f"{{{name}}} is not known when one speaks"
                here: Path = (*path, "say", index, language)
                yield Complaint("guidance", here, message, f"there are: {', '.join(SPOKEN)}")

"""What we owe our own people ships once for every industry (blueprints/internal.yaml); a pack changes single entries.

A pack with no internal.yaml has nothing between colleagues; with one, be it of a single line, it has all that ships,
and over it what the file says.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

from amends.kernel.blueprint.internal import CircleRule, InternalFile, InternalStandard, OfferRule, Support
from amends.kernel.blueprint.parts import Playbook
from amends.kernel.blueprint.problems import Path
from amends.kernel.blueprint.source import Document, read
from amends.kernel.blueprint.standard_parts import Standard

SHIPPED: Final = FilePath(__file__).parents[2] / "blueprints" / "internal.yaml"
WORKING_HOURS: Final = "working_hours"
"""What internal.yaml calls the calendar of our own people, whatever the pack calls it."""
_Entry = TypeVar("_Entry", InternalStandard, CircleRule, Playbook)


@lru_cache(maxsize=1)
def shipped_document() -> Document:
    """The file that ships, with its lines."""
    return read(SHIPPED)


def with_working_hours(data: Any, calendar: str) -> Any:
    """What a file says, with its own name for the calendar of our own people."""
    if isinstance(data, Mapping):
        return {
            key: calendar if key == "calendar" and value == WORKING_HOURS else with_working_hours(value, calendar)
            for key, value in data.items()
        }
    return [with_working_hours(one, calendar) for one in data] if isinstance(data, list) else data


def over_what_ships(own: InternalFile, calendar: str) -> InternalFile:
    """All that ships, changed by what a pack says.

    Entries with an id take the place of the one with the same id; standards and circles take their kinds out of those
    that ship; of support each field, and of its words each fact, is changed by itself. What is new comes first, so that
    it is what applies.

    Args:
        own: the pack's own file.
        calendar: of our own people.
    """
    ships = InternalFile.model_validate(with_working_hours(shipped_document().data, calendar))
    out = frozenset(own.leaves_out)
    return InternalFile.model_construct(
        working_hours=calendar,
        steps={**ships.steps, **own.steps},
        kinds={**{name: kind for name, kind in ships.kinds.items() if name not in out}, **own.kinds},
        standards=_by_kind(own.standards, ships.standards, out),
        watched=_watched(own.watched, ships.watched, out),
        playbooks=_playbooks(own.playbooks, ships.playbooks, out),
        templates={**ships.templates, **own.templates},
        circle=_by_kind(own.circle, ships.circle, out),
        confidant=own.confidant if "confidant" in own.model_fields_set else ships.confidant,
        support=_support(own.support, ships.support),
    )


def unknown_to_what_ships(own: InternalFile) -> Iterable[tuple[int, str]]:
    """What the file leaves out that does not ship, by its place."""
    ships = shipped_document().data["kinds"]
    return [(place, name) for place, name in enumerate(own.leaves_out) if name not in ships]


def where_written(merged: InternalFile, own: InternalFile, path: Path) -> tuple[bool, Path]:
    """Where an entry stands: whether in the pack's own file, and at which place there."""
    before: Path = ()
    whole: Any = merged
    mine: Any = own
    for depth, step in enumerate(path):
        rest = path[depth + 1 :]
        if isinstance(whole, tuple) and isinstance(step, int):
            at = _place_of(whole[step], mine)
            return (False, before) if at is None else (True, (*before, at, *rest))
        if isinstance(whole, Mapping):
            return step in mine, path
        if step == "support":
            before, whole, mine = ("support",), merged.support, own.support
            continue
        if str(step) not in mine.model_fields_set:
            return False, path
        before, whole, mine = (*before, step), getattr(whole, str(step)), getattr(mine, str(step))
    return True, path


def _place_of(entry: object, among: Sequence[object]) -> int | None:
    return next((at for at, one in enumerate(among) if one is entry), None)


def _by_kind(own: Sequence[_Entry], ships: Sequence[_Entry], out: frozenset[str]) -> tuple[_Entry, ...]:
    """The pack's own, and of those that ship what is left for other kinds."""
    taken = out | {kind for one in own for kind in one.kinds}
    return tuple(chain(own, _left(ships, taken)))


def _playbooks(own: Sequence[Playbook], ships: Sequence[Playbook], out: frozenset[str]) -> tuple[Playbook, ...]:
    ids = {one.id for one in own}
    return (*own, *_left([one for one in ships if one.id not in ids], out))


def _watched(own: Sequence[Standard], ships: Sequence[Standard], out: frozenset[str]) -> tuple[Standard, ...]:
    ids = {one.id for one in own}
    return (*own, *(one for one in ships if one.id not in ids and one.failure not in out))


def _left(entries: Iterable[_Entry], taken: frozenset[str]) -> Iterable[_Entry]:
    for one in entries:
        kinds = tuple(kind for kind in one.kinds if kind not in taken)
        if kinds:
            yield one if kinds == one.kinds else one.model_copy(update={"kinds": kinds})


def _support(own: Support, ships: Support) -> Support:
    changed: dict[str, Any] = {name: getattr(own, name) for name in own.model_fields_set}
    if "words" in changed:
        facts = {one.fact for one in own.words}
        changed["words"] = (*own.words, *(one for one in ships.words if one.fact not in facts))
    if "offers" in changed:
        ids = {one.id for one in own.offers}
        left: list[OfferRule] = [one for one in ships.offers if one.id not in ids]
        changed["offers"] = (*own.offers, *left)
    return ships.model_copy(update=changed)

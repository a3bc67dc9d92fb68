"""What a pack's standards say: each has one of the forms, and its names lead somewhere."""

from collections.abc import Iterator
from dataclasses import replace

from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.name_checks import calendars, resolves, unique
from amends.kernel.blueprint.problems import Complaint, Path
from amends.kernel.blueprint.standard_parts import STANDARD_FORMS, Due, Standard


def standards(blueprint: Blueprint) -> Iterator[Complaint]:
    """What is wrong with the standards, those of work inside the house too."""
    yield from unique("standards", "standards", (standard.id for standard in blueprint.standards))
    for place, standard in enumerate(blueprint.standards):
        yield from _standard(blueprint, ("standards", place), standard)
    taken = {standard.id for standard in blueprint.standards}
    for place, standard in enumerate(blueprint.internal.watched):
        path: Path = ("watched", place)
        for complaint in _standard(blueprint, path, standard):
            yield replace(complaint, part="internal")
        if standard.id in taken:
            yield Complaint("internal", (*path, "id"), f"{standard.id!r} is taken already", "give it another id")
        taken.add(standard.id)


def _standard(blueprint: Blueprint, path: Path, standard: Standard) -> Iterator[Complaint]:
    yield from resolves("standards", (*path, "failure"), "kind", standard.failure, blueprint.taxonomy.kinds)
    if standard.name is None:
        yield Complaint("standards", (*path, "name"), "is missing", "in a pack every standard has a name")
    yield from _form_of_standard(path, standard)
    revised: Path = (*path, "revises", "due")
    again = None if standard.revises is None else standard.revises.due
    for here, due in (((*path, "due"), standard.due), (revised, again)):
        if due is not None:
            yield from _form_of_due(here, due)
            if due.calendar is not None:
                yield from resolves("standards", (*here, "calendar"), "calendar", due.calendar, calendars(blueprint))
    if standard.calendar is not None:
        yield from resolves("standards", (*path, "calendar"), "calendar", standard.calendar, calendars(blueprint))
    counted = standard.rate.failures if standard.rate is not None else None
    if counted is not None and counted != "any":
        ids = {one.id for one in blueprint.standards}
        for number, name in enumerate(counted):
            yield from resolves("standards", (*path, "rate", "failures", number), "standard", name, ids)


def _form_of_standard(path: Path, standard: Standard) -> Iterator[Complaint]:
    kinds = [key for key in STANDARD_FORMS if getattr(standard, key) is not None]
    kind = kinds[-1] if kinds else "opens"
    needed, optional = STANDARD_FORMS[kind]
    for name in needed:
        if getattr(standard, name) is None:
            remedy = f"with {kind} go {', '.join(needed)}"
            if not kinds:
                remedy = f"give opens, closes and due, or else one of {', '.join(list(STANDARD_FORMS)[1:])}"
            yield Complaint("standards", path, f"`{name}` is missing", remedy)
    for name in _FIELDS_OF_FORMS:
        if name not in (*needed, *optional) and getattr(standard, name) is not None:
            message = f"`{name}` does not go with `{kind}`"
            yield Complaint("standards", (*path, name), message, "leave it out, or make it two standards")


_FIELDS_OF_FORMS = dict.fromkeys(name for needed, optional in STANDARD_FORMS.values() for name in (*needed, *optional))


def _form_of_due(path: Path, due: Due) -> Iterator[Complaint]:
    given = due.model_fields_set - {name for name in Due.model_fields if getattr(due, name) is None}
    forms = ({"at"}, {"after"}, {"by", "days", "calendar"})
    optional = {"at": {"plus"}, "after": set[str](), "by": {"cutoff"}}
    chosen = [form for form in forms if form & given & {"at", "after", "by"}]
    if len(chosen) != 1 or not chosen[0] <= given <= chosen[0] | optional[min(chosen[0] - {"calendar", "days"})]:
        remedy = "write {at: data.FIELD, plus: PT15M}, {after: PT2H} or {by: '10:00', days: 1, calendar: NAME}"
        yield Complaint("standards", path, "is none of the three forms of a due time", remedy)

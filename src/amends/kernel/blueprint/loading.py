"""Reading a pack from its folder, or a blueprint from its stored content: everything wrong is told at once.

Shape first, part by part; once every part has its shape, what the parts say about each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from amends.kernel.blueprint import parts
from amends.kernel.blueprint.checks import complaints_about
from amends.kernel.blueprint.economics import Economics
from amends.kernel.blueprint.guidance import Guidance
from amends.kernel.blueprint.internal import Internal, InternalFile
from amends.kernel.blueprint.internal_shipped import (
    over_what_ships,
    shipped_document,
    unknown_to_what_ships,
    where_written,
    with_working_hours,
)
from amends.kernel.blueprint.leave import Authority, Leave
from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.problems import BlueprintErrors, Complaint, Path, Problem, field_of, line_at
from amends.kernel.blueprint.source import Document, read
from amends.kernel.blueprint.standard_parts import Standards
from amends.kernel.taxonomy import Taxonomy

PARTS: dict[str, type[BaseModel]] = {
    "blueprint": parts.Manifest,
    "taxonomy": Taxonomy,
    "standards": Standards,
    "playbooks": parts.Playbooks,
    "authority": Authority,
    "tariffs": parts.Tariffs,
    "templates": parts.Templates,
    "calendars": parts.Calendars,
    "economics": Economics,
    "internal": InternalFile,
    "guidance": Guidance,
}
"""Part -> model; each part is a file of that name, ending in .yaml."""

OPTIONAL: Final = frozenset({"guidance", "internal"})  # parts that a pack may leave out
_JOINED: Final = (("taxonomy", "steps"), ("taxonomy", "kinds"), ("templates", "templates"))
"""What of internal.yaml stands among the entries of another part, once the pack is read."""
ALWAYS: Final = "always"
PACKS = FilePath(__file__).parents[2] / "blueprints"  # the shipped ones
CLOSE = 0.7  # how alike a name has to be to one that there is, for us to think that it was meant
_REMEDIES = {
    "dataclass_type": "give both languages: {en: ..., zh: ...}",
    "unexpected_keyword_argument": "a text has the languages en and zh only; if it holds a comma, put it in quotes",
    "string_too_short": "write the text",
    "string_type": "write a text; one that looks like a number or a date goes in quotes",
    "literal_error": "use one of these words",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "decimal_type": "write a number, such as 12.50",
    "decimal_parsing": "write a number, such as 12.50",
    "date_from_datetime_parsing": "write a date, such as 2026-01-31",
    "value_error": "",  # our own message, which says it
    "condition": "",
}


def shipped() -> list[str]:
    """The names of the packs that come with us."""
    return sorted(folder.name for folder in PACKS.iterdir() if (folder / "blueprint.yaml").is_file())


@lru_cache
def load_shipped(name: str) -> Blueprint:
    if name not in shipped():
        raise LookupError(f"no blueprint {name!r} is shipped; there are {', '.join(shipped())}")
    return load(PACKS / name)


def load(path: str | FilePath) -> Blueprint:
    """The pack in that folder; BlueprintErrors with all that is wrong."""
    folder = FilePath(path)
    files = {part: folder / f"{part}.yaml" for part in PARTS}
    documents = {part: read(file) for part, file in files.items() if part not in OPTIONAL or file.exists()}
    read_parts: dict[str, BaseModel] = {}
    problems: list[Problem] = []
    hours = _working_hours(documents)
    for part, document in documents.items():
        problems += document.problems
        try:
            if document.data is not None:
                data = with_working_hours(document.data, hours) if part == "internal" else document.data
                read_parts[part] = PARTS[part].model_validate(data)
        except ValidationError as error:
            problems += _problems(error, document)
    if problems:
        raise BlueprintErrors(_in_order(problems))
    if problems := list(_wrong_inside(read_parts, documents)):
        raise BlueprintErrors(_in_order(problems))
    own = read_parts.get("internal")
    if isinstance(own, InternalFile):
        read_parts["internal"] = over_what_ships(own, hours)
    if problems := list(_taken_twice(read_parts, documents)):
        raise BlueprintErrors(_in_order(problems))
    blueprint = _assembled(read_parts)
    complaints = _at_home(complaints_about(blueprint), read_parts)
    problems = [_located(*_written(one, own, read_parts, documents)) for one in complaints]
    if problems:
        raise BlueprintErrors(_in_order(problems))
    return blueprint


def from_content(content: Mapping[str, Any], document: Document | None = None) -> Blueprint:
    """The blueprint whose content() this is.

    Args:
        document: where a part of it was written, for the lines of what is wrong.
    """
    document = document or Document("content")
    try:
        blueprint = Blueprint.model_validate(content)
    except ValidationError as error:
        raise BlueprintErrors(_problems(error, document)) from None
    if complaints := complaints_about(blueprint):
        raise BlueprintErrors(_located(complaint, document) for complaint in complaints)
    return blueprint


def _working_hours(documents: Mapping[str, Document]) -> str:
    """The calendar of our own people by what the files say, whether there is such a one or not."""
    for part, name in (("internal", "working_hours"), ("blueprint", "calendar")):
        data = documents[part].data if part in documents else None
        if isinstance(data, Mapping) and isinstance(data.get(name), str):
            return str(data[name])
    return ALWAYS


def _wrong_inside(read_parts: Mapping[str, Any], documents: Mapping[str, Document]) -> Iterable[Problem]:
    """What internal.yaml says of what ships and of the pack's calendars before the two are put together."""
    own: InternalFile | None = read_parts.get("internal")
    if own is None:
        return
    calendars = {ALWAYS, *read_parts["calendars"].calendars}
    if own.working_hours is not None and own.working_hours not in calendars:
        message, remedy = f"there is no calendar {own.working_hours!r}", f"there are: {', '.join(sorted(calendars))}"
        yield _problem(documents["internal"], ("working_hours",), message, remedy)
    for place, name in unknown_to_what_ships(own):
        message = f"{name!r} does not ship, so there is nothing to leave out"
        yield _problem(documents["internal"], ("leaves_out", place), message, "take it out")


def _written(
    complaint: Complaint, own: BaseModel | None, read_parts: Mapping[str, Any], documents: Mapping[str, Document]
) -> tuple[Complaint, Document]:
    """The complaint and the file in which its place stands."""
    if complaint.part != "internal" or not isinstance(own, InternalFile):
        return complaint, documents[complaint.part]
    here, path = where_written(read_parts["internal"], own, complaint.path)
    return replace(complaint, path=path), documents["internal"] if here else shipped_document()


def _taken_twice(read_parts: Mapping[str, Any], documents: Mapping[str, Document]) -> Iterable[Problem]:
    """What internal.yaml names as another part does already."""
    inside: InternalFile = read_parts.get("internal") or InternalFile()
    for part, what in _JOINED:
        for name in getattr(inside, what):
            if name in getattr(read_parts[part], what):
                document = documents["internal"]
                if (what, name) in document.lines:
                    message = f"{name!r} is in {part}.yaml already"
                    yield _problem(document, (what, name), message, "give it another name")
                else:
                    message = f"{name!r} ships for what is between colleagues"
                    yield _problem(documents[part], (what, name), message, "give yours another name")


def _at_home(complaints: Iterable[Complaint], read_parts: Mapping[str, Any]) -> Iterable[Complaint]:
    """What is wrong with an entry that internal.yaml brought in is told where it stands."""
    inside: InternalFile | None = read_parts.get("internal")
    own = 0 if inside is None else len(read_parts["playbooks"].playbooks)
    for complaint in complaints:
        part, (what, place, *_) = complaint.part, (*complaint.path, "", "")
        named = inside is not None and (part, what) in _JOINED and place in getattr(inside, str(what))
        if named:
            yield replace(complaint, part="internal")
        elif (
            inside is not None
            and (part, what) == ("playbooks", "playbooks")
            and isinstance(place, int)
            and place >= own
        ):
            yield replace(complaint, part="internal", path=("playbooks", place - own, *complaint.path[2:]))
        else:
            yield complaint


def _assembled(read_parts: Mapping[str, Any]) -> Blueprint:
    manifest = {name: getattr(read_parts["blueprint"], name) for name in parts.Manifest.model_fields}
    inside: InternalFile = read_parts.get("internal") or InternalFile()
    taxonomy: Taxonomy = read_parts["taxonomy"]
    if inside.kinds or inside.steps:
        joined = {"kinds": {**taxonomy.kinds, **inside.kinds}, "steps": {**taxonomy.steps, **inside.steps}}
        taxonomy = taxonomy.model_copy(update=joined)
    return Blueprint(
        **manifest,
        taxonomy=taxonomy,
        lateness=read_parts["standards"].lateness,
        standards=read_parts["standards"].standards,
        playbooks=(*read_parts["playbooks"].playbooks, *inside.playbooks),
        demands=read_parts["playbooks"].demands,
        repairs=read_parts["playbooks"].repairs,
        locale_defaults=read_parts["playbooks"].locale_defaults,
        escalations=read_parts["playbooks"].escalations,
        ladder=read_parts["playbooks"].ladder,
        authority=read_parts["authority"].levels,
        leave=Leave(**{name: getattr(read_parts["authority"], name) for name in Leave.model_fields}),
        tariffs=read_parts["tariffs"].tariffs,
        templates={**read_parts["templates"].templates, **inside.templates},
        calendars=read_parts["calendars"].calendars,
        economics=read_parts["economics"],
        internal=Internal(
            kinds=tuple(inside.kinds),
            **{name: getattr(inside, name) for name in ("standards", "watched", "circle", "confidant", "support")},
        ),
        guidance=read_parts.get("guidance"),
    )


def _problems(error: ValidationError, document: Document) -> Iterable[Problem]:
    details = error.errors(include_url=False)
    places = [detail["loc"] for detail in details]
    for detail in details:
        path: Path = detail["loc"]
        if detail["type"] == "too_short" and any(place[: len(path)] == path != place for place in places):
            continue  # entries are there, and each is told for itself
        message, remedy = _told(detail["type"], detail["msg"], path, document)
        yield _problem(document, path, message, remedy)


def _told(kind: str, message: str, path: Path, document: Document) -> tuple[str, str]:
    name = str(path[-1]) if path else ""
    if kind in ("missing", "missing_argument"):
        return "is missing", f"add `{name}:`"
    if kind == "extra_forbidden":
        likely = get_close_matches(name, _field_names(FilePath(document.file).stem), n=1, cutoff=CLOSE)
        return (
            "unknown field",
            f"did you mean {likely[0]}?" if likely else "take it out, or see the schema of this part",
        )
    return message.removeprefix("Value error, "), _REMEDIES.get(kind, "see `amends blueprint schema`")


def _located(complaint: Complaint, document: Document) -> Problem:
    return _problem(document, complaint.path, complaint.message, complaint.remedy)


def _problem(document: Document, path: Path, message: str, remedy: str) -> Problem:
    line = line_at(document.lines, path) if document.lines else None
    return Problem(document.file, line, field_of(path), message, remedy)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    order = {f"{part}.yaml": place for place, part in enumerate(PARTS)}
    return sorted(problems, key=lambda problem: (order[FilePath(problem.file).name], problem.line or 0, problem.field))


@lru_cache(maxsize=len(PARTS) + 1)
def _field_names(part: str) -> list[str]:
    """Those of one file of a pack; of all, where a pack stands in one piece."""
    names: set[str] = set()
    for model in (PARTS[part],) if part in PARTS else PARTS.values():
        schema = model.model_json_schema()
        for definition in (schema, *schema.get("$defs", {}).values()):
            names |= set(definition.get("properties", {}))
    return sorted(names)

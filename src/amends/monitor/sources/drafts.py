"""Drafts of standards as somebody writes them; what is wrong with one names line and field.

A draft is one standard, or a whole file of them as `standards.yaml` is. What it does not say, such as the calendars, is
as it is in force.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from amends.kernel.blueprint import Blueprint, BlueprintErrors, Problem
from amends.kernel.blueprint.loading import from_content
from amends.kernel.blueprint.source import Document, parse, read
from amends.monitor.core.drafts import digest_of, with_standard
from amends.monitor.core.standard import Standards
from amends.monitor.sources.standards import problem_of

EXAMPLE = """\
id: news-in-time
name: {en: News in time, zh: 及时告知}
opens: {type: parcel.accepted}
closes: {type: parcel.delivered}
due: {after: PT48H}
warn: PT4H
failure: slow
"""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A draft that can be judged by."""

    standards: Standards  # all of them, as they would be
    standard: str  # the id of the one that it is about; empty where it is a whole file
    pack: Blueprint | None = None  # the blueprint as it would be; None where nobody asked

    @property
    def digest(self) -> str:
        return digest_of(self.standards)


def written(standard: Mapping[str, Any]) -> str:
    """A standard as YAML."""
    return yaml.safe_dump(dict(standard), allow_unicode=True, sort_keys=False, width=100)


def with_value(text: str, name: str, value: str) -> str:
    """The draft with another value of one of its own fields; comments and order stay where each field has a line."""
    given = parse(text, Document("")).data
    lines = re.compile(rf"^{re.escape(name)}:[ \t]*[^#\n]*?(?=[ \t]*(?:#.*)?$)", re.MULTILINE)
    if lines.search(text):
        return lines.sub(f"{name}: {value}", text, count=1)
    if isinstance(given, dict) and name not in given and not text.lstrip().startswith("{"):
        return f"{text.rstrip()}\n{name}: {value}\n"
    return written({**given, name: yaml.safe_load(value)}) if isinstance(given, dict) else text


def standard_in(text: str, pack: Blueprint, *, standard_id: str | None) -> Draft:
    """The draft of one standard, among those of a blueprint.

    Args:
        standard_id: the one that it takes the place of; None for a new one.

    Raises:
        BlueprintErrors: with all that is wrong; lines and fields are those of the text.
    """
    document = parse(text, Document(""))
    data = _mapping(document, "write one standard: id: ..., and what it asks for")
    if "standards" in data:
        _refuse(document, "standards", "this is a whole file; give one standard", "start with its id:")
    known = [standard.id for standard in pack.standards]
    given = data.get("id")
    if standard_id is not None and given != standard_id:
        _refuse(
            document, "id", f"this standard is {standard_id!r}", "what has another id is another standard; make it anew"
        )
    if standard_id is None and given in known:
        _refuse(document, "id", f"there is a standard {given!r} already", "change that one, or take another id")
    whole, place = with_standard(pack.standards_file(), data)
    among = _among(document, whole, place)
    try:
        standards = _standards(among)
        changed = from_content({**pack.content(), "standards": whole["standards"]}, among)
    except BlueprintErrors as errors:
        raise BlueprintErrors(_of_one(problem, place) for problem in errors.problems) from None
    return Draft(standards=standards, standard=str(given), pack=changed)


def file_of(path: Path, pack: Blueprint) -> Draft:
    """The draft in a file: one standard, or a whole file of them.

    Raises:
        BlueprintErrors: with all that is wrong.
    """
    document = read(path, missing="check the path")
    data = _mapping(document, "write one standard, or version: 1 and standards:")
    in_force = pack.standards_file()
    if "standards" not in data:
        whole, place = with_standard(in_force, data)
        return Draft(standards=_standards(_among(document, whole, place)), standard=str(data.get("id", "")))
    calendars = {**in_force["calendars"], **(data.get("calendars") or {})}
    document.data = {"lateness": in_force["lateness"], **data, "calendars": calendars}
    return Draft(standards=_standards(document), standard="")


def _mapping(document: Document, remedy: str) -> dict[str, Any]:
    if document.problems:
        raise BlueprintErrors(document.problems)
    if not isinstance(document.data, dict):
        raise BlueprintErrors([Problem(document.file, 1, "", "there is no standard here", remedy)])
    return document.data


def _refuse(document: Document, field: str, message: str, remedy: str) -> None:
    raise BlueprintErrors([Problem(document.file, document.lines.get((field,), 1), field, message, remedy)])


def _among(document: Document, whole: dict[str, Any], place: int) -> Document:
    """One standard's text as a part of all of them."""
    lines = {("standards", place, *path): line for path, line in document.lines.items()}
    return Document(document.file, data=whole, lines=lines)


def _standards(document: Document) -> Standards:
    try:
        return Standards.model_validate(document.data)
    except ValidationError as error:
        raise BlueprintErrors([problem_of(document, fault) for fault in error.errors()]) from None


def _of_one(problem: Problem, place: int) -> Problem:
    """Told of one standard's text alone."""
    field = "" if problem.field == "standards" else problem.field
    return replace(problem, field=field.removeprefix(f"standards[{place}]").removeprefix("."))

"""Standards from a file of their own; an error names file, line and field."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.problems import BlueprintErrors, Problem, field_of, line_at
from amends.kernel.blueprint.source import Document, read
from amends.monitor.core.standard import KINDS, Standards

# which form was tried; the validator puts it between the fields
_TAGS = {
    "promise",
    *(tag for tag, _ in KINDS.values()),
    "at",
    "after",
    "by",
    "of_signals",
    "of_failures",
    "fixed",
    "past",
}


def read_standards(path: Path) -> Standards:
    """The standards of the file; raises BlueprintErrors with all that is wrong."""
    document = read(path, missing="check the path after --standards")
    if document.problems:
        raise BlueprintErrors(document.problems)
    if not isinstance(document.data, dict):
        raise BlueprintErrors([Problem(str(path), 1, "", "no standards here", "write version: 1 and standards:")])
    try:
        return Standards.model_validate(_with_calendars(path, document.data))
    except ValidationError as error:
        raise BlueprintErrors([problem_of(document, fault) for fault in error.errors()]) from None


def _with_calendars(path: Path, data: dict[Any, Any]) -> dict[Any, Any]:
    """A pack's standards with the calendars of its file beside them; a file that has its own is taken as it is.

    Raises:
        BlueprintErrors: the calendars' file can't be read.
    """
    beside = path.with_name("calendars.yaml")
    if "calendars" in data or not beside.is_file() or beside == path:
        return data
    calendars = read(beside)
    if calendars.problems:
        raise BlueprintErrors(calendars.problems)
    given = calendars.data.get("calendars") if isinstance(calendars.data, dict) else None
    return data if given is None else {**data, "calendars": given}


def check_standards(folder: Path, blueprint: Blueprint) -> None:
    """Judge a pack's standards as the monitor will: the loader knows their shape, only the monitor what they mean.

    Raises:
        BlueprintErrors: naming the line in the folder's standards.yaml.
    """
    try:
        Standards.model_validate(blueprint.standards_file())
    except ValidationError as error:
        document = read(folder / "standards.yaml")
        raise BlueprintErrors([problem_of(document, fault) for fault in error.errors()]) from None
    try:
        Standards.model_validate(blueprint.judged_file())
    except ValidationError as error:
        raise BlueprintErrors(_inside(folder, blueprint, fault) for fault in error.errors()) from None


def _inside(folder: Path, blueprint: Blueprint, fault: Any) -> Problem:
    """What is wrong with a standard between colleagues, under its id: its entry may ship or be the pack's own."""
    place = next((step for step in fault["loc"] if isinstance(step, int)), len(blueprint.judged))
    id_ = blueprint.judged[place].id if place < len(blueprint.judged) else ""
    message = fault["msg"].removeprefix("Value error, ")
    return Problem(str(folder / "internal.yaml"), None, "watched", f"{id_}: {message}" if id_ else message, "")


def problem_of(document: Document, fault: Any) -> Problem:
    """What the model found wrong, at its place in the file."""
    path = _place(document.data, fault["loc"])
    message = {"missing": "is missing", "extra_forbidden": "is no field here"}.get(
        fault["type"], fault["msg"].removeprefix("Value error, ")
    )
    return Problem(document.file, line_at(document.lines, path), field_of(path) or "standards", message, "")


def _place(data: Any, steps: Sequence[str | int]) -> tuple[str | int, ...]:
    path: list[str | int] = []
    for number, step in enumerate(steps):
        inside = isinstance(data, dict) and step in data
        if step in _TAGS and not (inside and number == len(steps) - 1) and not _is_field(steps, number):
            continue
        path.append(step)
        data = data[step] if inside or (isinstance(data, list) and isinstance(step, int)) else None
    return tuple(path)


def _is_field(steps: Sequence[str | int], number: int) -> bool:
    """A form's tag stands right after the place of the form, once; the same word after it is a field."""
    return number > 0 and steps[number - 1] in _TAGS

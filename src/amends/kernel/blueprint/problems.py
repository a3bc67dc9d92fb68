"""What can be wrong with a pack, all of it at once: where, what, and how to put it right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]  # into a file's data: ("kinds", "slow", "severity", 0, "when")


@dataclass(frozen=True)
class Problem:
    file: str
    line: int | None  # from 1; None if the blueprint did not come from files
    field: str  # kinds.slow.severity[0].when
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        field = f"{self.field}: " if self.field else ""
        return f"{place}: {field}{self.message}" + (f" ({self.remedy})" if self.remedy else "")

    def content(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "message": self.message,
            "remedy": self.remedy,
        }


class BlueprintErrors(ValueError):
    """A pack that cannot be used; `problems` lists everything that was found, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Complaint:
    """A problem before its place is known: which part, where in its data."""

    part: str  # taxonomy, standards, ...
    path: Path
    message: str
    remedy: str = ""


def field_of(path: Path) -> str:
    """`kinds.slow.severity[0]`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def line_at(lines: Mapping[Path, int], path: Path) -> int:
    """The line of that place, or of the nearest one around it that exists."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1

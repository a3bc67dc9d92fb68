"""The fenced blocks of the documentation, with the marks above them that say what they are:

<!-- file: NAME -->       is written into the folder in which the page's commands run
<!-- run -->              commands and what they print; `run: 2` expects that exit code; `...` stands for anything
<!-- exec -->             Python that runs
<!-- standards -->        YAML that the loader of standards takes
<!-- blueprint: PART -->  YAML that is that part of a pack
<!-- signals -->          CloudEvents; NOW stands for the present
<!-- body: NAME -->       a request's body
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_BLOCK: Final = re.compile(r"((?:^ *<!-- [^\n]+ -->\n)*)^( *)```(\w+)\n(.*?)^\2```$", re.DOTALL | re.MULTILINE)
_MARK: Final = re.compile(r"<!-- ([a-z]+)(?:: ([^\n]+?))? -->")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block."""

    page: str  # path from the repository
    language: str
    text: str
    marks: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.page}:{self.text.splitlines()[0][:40]}" if self.text else self.page


def pages() -> list[Path]:
    """Every page that people read."""
    docs = [path for path in (REPOSITORY / "docs").rglob("*.md") if "_build" not in path.parts]
    return sorted([*REPOSITORY.glob("*.md"), *docs])


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page in order."""
    for marks, _indent, language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield Block(
            page=str(page.relative_to(REPOSITORY)),
            language=language,
            text=textwrap.dedent(text),
            marks=dict(_MARK.findall(marks)),
        )


def marked(mark: str) -> list[Block]:
    """All blocks of all pages with this mark."""
    return [block for page in pages() for block in blocks(page) if mark in block.marks]

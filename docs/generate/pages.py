"""Finds the marks in the pages and fills what is between them; draws the lifecycles' pictures."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docs.generate import api, blueprints, commands, dependencies, lifecycles, rights, streams

REPOSITORY: Final = Path(__file__).resolve().parents[2]
DOCS: Final = REPOSITORY / "docs"
PAGES: Final = (REPOSITORY / "README.md", REPOSITORY / "README.zh-CN.md")  # beside all pages below docs/

PARTS: Final[Mapping[str, Callable[[str], str]]] = {
    "command": commands.reference,
    "commands": commands.overview,
    "api": api.operations,
    "api-overview": api.overview,
    "streams": streams.operations,
    "lifecycle": lifecycles.tables,
    "rights": rights.rights,
    "scopes": rights.scopes,
    "blueprint": blueprints.fields,
    "dependencies": dependencies.table,
}
_BLOCK: Final = re.compile(r"(<!-- generated: ([a-z-]+) ?([^ ]*) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Outdated:
    """A page that says something else than the code."""

    path: Path
    fresh: str


def outdated() -> list[Outdated]:
    """What `write` would change."""
    return [
        Outdated(path=path, fresh=fresh)
        for path, fresh in _fresh()
        if not path.exists() or path.read_text(encoding="utf-8") != fresh
    ]


def write() -> list[Path]:
    """Bring all pages and drawings up to date; which ones changed."""
    changed = outdated()
    for page in changed:
        page.path.write_text(page.fresh, encoding="utf-8")
    return [page.path.relative_to(REPOSITORY) for page in changed]


def pages() -> Iterator[Path]:
    """Every page of Markdown that people read."""
    yield from PAGES
    yield from (path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts)


def _fresh() -> Iterator[tuple[Path, str]]:
    for name in lifecycles.LIFECYCLES:
        yield DOCS / "reference" / "lifecycles" / f"{name}.svg", lifecycles.drawing(name)
    for path in pages():
        text = path.read_text(encoding="utf-8")
        yield path, filled(text)


def filled(page: str) -> str:
    """A page with every generated part as the code says it now."""
    return _BLOCK.sub(_part, page)


def _part(found: re.Match[str]) -> str:
    start, name, argument, end = found.groups()
    return f"{start}\n{PARTS[name](argument).strip()}\n\n{end}"

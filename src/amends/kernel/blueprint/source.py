"""YAML read into plain data that remembers its lines, so that every mistake can be shown where it stands."""

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from amends.kernel.blueprint.problems import Path, Problem, field_of

# the C parser is ten times faster; without it the pure one gives the same nodes
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_NODES = 200_000  # far above any pack; stops a file whose anchors multiply


@dataclass
class Document:
    """One file: its data, the line of each place in it, and what could not even be read."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(path: FilePath, name: str | None = None, *, missing: str = "every pack has one") -> Document:
    """The file as a document; a file that is missing or no YAML is a problem in it, not an exception.

    Args:
        missing: what to do about it if the file is missing.
    """
    document = Document(name or str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _broken(document, 1, "the file is missing", missing)
    except (OSError, UnicodeDecodeError) as error:
        return _broken(document, 1, f"the file cannot be read: {error}", "save it as UTF-8 text")
    return parse(text, document)


def parse(text: str, document: Document) -> Document:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return _broken(document, 1, "the file is empty", "see the schema of this part")
        document.data = _Reader(loader, document).value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = " ".join(filter(None, (error.context, error.problem)))
        return _broken(document, line, f"no YAML: {message}", "check indentation, quotes and colons around this line")
    except yaml.YAMLError as error:
        return _broken(document, 1, f"no YAML: {error}", "save it as UTF-8 text without control characters")
    finally:
        loader.dispose()
    return document


def _broken(document: Document, line: int, message: str, remedy: str) -> Document:
    document.problems.append(Problem(document.file, line, "", message, remedy))
    document.data = None
    return document


class _Reader:
    def __init__(self, loader: Any, document: Document) -> None:
        self.loader, self.document, self.inside, self.count = loader, document, set[int](), 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        self.count += 1
        if id(node) in self.inside or self.count > _MOST_NODES:
            raise yaml.MarkedYAMLError(problem="an anchor repeats itself without end", problem_mark=node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            try:
                return self.loader.construct_object(node)
            except ValueError:  # 2026-02-30 looks like a date and is none; the model says so, with the field
                return node.value
        self.inside.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self.inside.discard(id(node))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is a plain word", problem_mark=key_node.start_mark)
            # keys are words: YAML 1.1 would read on, off, yes and no as true and false
            key = key_node.value
            here = (*path, key)
            if key in data:
                first = self.document.lines[here]
                message, remedy = f"comes twice, first on line {first}", "keep one of them, or give it another id"
                self.document.problems.append(Problem(self.document.file, line, field_of(here), message, remedy))
                continue
            self.document.lines[here] = line
            data[key] = self.value(value_node, here)
        return data

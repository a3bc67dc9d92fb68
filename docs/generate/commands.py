"""The command line's reference, from the commands themselves."""

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from amends.cli.lazy import _load
from amends.cli.main import _Commands

_HELP: Final = "--help"


def names() -> list[str]:
    """All commands, as `amends --help` lists them."""
    return list(_Commands.entries)


def command(name: str) -> Any:
    """The real command of that name."""
    return _load(name, _Commands.entries[name])


def subcommands(name: str) -> list[str]:
    """What a command has below it; nothing for most."""
    return list(getattr(command(name), "commands", {}))


def overview(_argument: str = "") -> str:
    """All commands in a table."""
    rows = [f"| [`amends {name}`](cli/{name}.md) | {entry.help} |" for name, entry in _Commands.entries.items()]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def reference(name: str) -> str:
    """One command: usage, words, arguments and options; its sub-commands each under a heading."""
    found = command(name)
    below = getattr(found, "commands", None)
    if below is None:
        return "\n\n".join(_described(f"amends {name}", found))
    parts = [_words(found.help)]
    for sub in below:
        parts += [f"## amends {name} {sub}", *_described(f"amends {name} {sub}", below[sub])]
    return "\n\n".join(parts)


def _described(path: str, found: Any) -> Iterator[str]:
    arguments = [one for one in found.params if one.param_type_name == "argument"]
    options = [one for one in found.params if one.param_type_name == "option" and _HELP not in one.opts]
    usage = [path, *map(_usage, arguments), *(["[OPTIONS]"] if options else [])]
    if (found.context_settings or {}).get("allow_extra_args"):
        usage.append("[-- ...]")
    yield f"```text\n{' '.join(usage)}\n```"
    yield _words(found.help)
    if arguments:
        rows = [f"| `{_cell(_metavar(one))}` | {_meaning(one)} |" for one in arguments]
        yield "\n".join(["| argument | meaning |", "|---|---|", *rows])
    if options:
        rows = [f"| `{_cell(_spelling(one))}` | {_default(one)} | {_meaning(one)} |" for one in options]
        yield "\n".join(["| option | default | meaning |", "|---|---|---|", *rows])


def _words(text: str | None) -> str:
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(text or ""))


def _metavar(one: Any) -> str:
    return one.metavar or one.name.upper()


def _usage(one: Any) -> str:
    metavar = _metavar(one)
    return metavar if one.required else f"[{metavar}]"


def _spelling(one: Any) -> str:
    spelled = " / ".join([*one.opts, *one.secondary_opts])
    if one.is_flag:
        return spelled
    return f"{spelled} {_kind(one)}"


def _kind(one: Any) -> str:
    if one.metavar:
        return str(one.metavar)
    annotation = one.type_descriptor.annotation
    names = {"str": "TEXT", "int": "NUMBER", "datetime": "DATE", "Path": "PATH"}
    return names.get(getattr(annotation, "__name__", ""), "TEXT") + ("…" if one.multiple else "")


def _default(one: Any) -> str:
    default = one.default
    if one.required:
        return "required"
    if default is None or default == "" or callable(default):
        return ""
    if one.is_flag:
        return f"`{(one.opts if default else one.secondary_opts)[0]}`" if one.secondary_opts else ""
    if isinstance(default, Enum):
        default = default.value
    return f"`{default:%Y-%m-%d}`" if hasattr(default, "strftime") else f"`{default}`"


def _meaning(one: Any) -> str:
    words = _cell(one.help or "")
    limits = [f"{word} {limit:,}" for word, limit in (("at least", one.min), ("at most", one.max)) if limit is not None]
    return f"{words} ({', '.join(limits)})" if limits else words


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

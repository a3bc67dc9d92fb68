"""Sub-commands that are imported only when they are called, so that `amends --help` is quick.

The first line of help stands in the table, the rest in the module."""

import importlib
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where a sub-command is: a Typer app or a function named `attribute` in `module`."""

    module: str
    attribute: str
    help: str


class LazyGroup(TyperGroup):
    """A group that lists `entries` without importing them. A subclass says which."""

    entries: ClassVar[dict[str, Entry]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *self.entries]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What the list of commands shows."""
        entry = self.entries.get(cmd_name)
        return super().get_command(ctx, cmd_name) if entry is None else TyperCommand(cmd_name, help=entry.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What is called: the real one."""
        entry = self.entries.get(args[0]) if args else None
        if entry is None:
            return super().resolve_command(ctx, args)
        return args[0], _load(args[0], entry), args[1:]


def _load(name: str, entry: Entry) -> Any:
    found = getattr(importlib.import_module(entry.module), entry.attribute)
    app = found
    if not isinstance(found, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command(name)(found)
    command = typer.main.get_command(app)
    command.name = name
    command.help = command.help or entry.help
    return command

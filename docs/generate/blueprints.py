"""The files of a blueprint, from the JSON Schemas that check them."""

from typing import Any

from amends.kernel.blueprint.schemas import schema
from docs.generate.types import type_words


def fields(part: str) -> str:
    """Every object of a part's file and its fields."""
    whole = schema(part)
    parts = [_object(f"`{part}.yaml`", whole)]
    parts += [
        _object(f"`{name}`", said)
        for name, said in whole.get("$defs", {}).items()
        if said.get("properties") and name != "Localised"
    ]
    return "\n\n".join(parts)


def _object(title: str, said: dict[str, Any]) -> str:
    needed = said.get("required", [])
    rows = [
        f"| `{name}` | {'[condition](#conditions)' if name == 'when' else type_words(field, _named)} |"
        f" {'yes' if name in needed else ''} |"
        for name, field in said.get("properties", {}).items()
    ]
    words = " ".join(said.get("description", "").split())
    return "\n".join([f"**{title}** {words}", "", "| field | type | required |", "|---|---|---|", *rows])


def _named(name: str) -> str:
    return "{en, zh}" if name == "Localised" else f"`{name}`"

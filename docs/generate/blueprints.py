"""The files of a blueprint, from the JSON Schemas that check them."""

from typing import Any

from amends.kernel.blueprint.schemas import schema


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
        f"| `{name}` | {_type(field)} | {'yes' if name in needed else ''} |"
        for name, field in said.get("properties", {}).items()
    ]
    words = " ".join(said.get("description", "").split())
    return "\n".join([f"**{title}** {words}", "", "| field | type | required |", "|---|---|---|", *rows])


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return "{en, zh}" if name == "Localised" else f"`{name}`"
    for union in ("anyOf", "oneOf", "allOf"):
        if union in field:
            return " or ".join(dict.fromkeys(map(_type, field[union]))).replace(" or null", "")
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    kind = str(field.get("type", "any"))
    if kind == "array":
        return f"list of {_type(field.get('items', {}))}"
    if kind == "object":
        inner = field.get("additionalProperties")
        return f"name → {_type(inner)}" if isinstance(inner, dict) else "object"
    if kind == "string" and str(field.get("pattern", "")).startswith("^P("):
        return "duration, as `PT15M`"
    return f"{kind} ({field['format']})" if "format" in field else kind

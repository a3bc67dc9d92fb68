"""The type of a field in words, from its JSON Schema."""

from collections.abc import Callable
from typing import Any, Final

Named = Callable[[str], str]

_LIMITS: Final = (("at least", "minimum"), ("at most", "maximum"), ("at most", "maxLength"))


def type_words(schema: dict[str, Any], named: Named) -> str:
    """What a value may be. `named` says how a schema that stands elsewhere is spoken of."""
    if "$ref" in schema:
        return named(schema["$ref"].rsplit("/", 1)[1])
    if union := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        words = dict.fromkeys(type_words(one, named) for one in union if one.get("type") != "null")
        return " or ".join(words)
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        return ", ".join(f"`{value}`" for value in values)
    return _plain(schema, named)


def _plain(schema: dict[str, Any], named: Named) -> str:
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        kind = " or ".join(one for one in kind if one != "null")
    if kind == "array":
        return f"list of {type_words(schema.get('items', {}), named)}"
    inner = schema.get("additionalProperties")
    if kind == "object" and isinstance(inner, dict):
        key = schema.get("propertyNames", {}).get("format", "name")
        return f"{key} → {type_words(inner, named)}"
    if kind == "string" and str(schema.get("pattern", "")).startswith("^P("):
        return "duration, as `PT15M`"
    extra = [schema["format"]] if "format" in schema else []
    extra += [f"{words} {schema[name]:,}" for words, name in _LIMITS if name in schema]
    return f"{kind} ({', '.join(extra)})" if extra else str(kind)

"""The API's reference, from its own description in OpenAPI."""

import os
from functools import cache
from typing import Any, Final

_KEY: Final = "Idempotency-Key"


@cache
def description() -> dict[str, Any]:
    """The description, as `/api/v1/openapi.json` gives it. Nothing is asked of a database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql:///nowhere")
    os.environ.setdefault("AMENDS_SECRET_KEY", "only for writing the reference")
    import django

    django.setup()
    from amends.web.api.application import api

    return dict(api.get_openapi_schema(path_prefix="/api/v1/"))


def addresses() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and details of every operation."""
    return [
        (method.upper(), path, details)
        for path, methods in description()["paths"].items()
        for method, details in methods.items()
    ]


def overview(_argument: str = "") -> str:
    """All operations in a table."""
    rows = [
        f"| `{method} {path}` | {details['summary']} | `{_scope(details)}` |" for method, path, details in addresses()
    ]
    return "\n".join(["| address | what it does | scope |", "|---|---|---|", *rows])


def operations(_argument: str = "") -> str:
    """Each operation: words, scope, parameters, body, answers."""
    return "\n\n".join(part for method, path, details in addresses() for part in _operation(method, path, details))


def _operation(method: str, path: str, details: dict[str, Any]) -> list[str]:
    parts = [f"### {method} {path}", f"**{details['summary']}.** {_one_line(details['description'])}"]
    asked = [one for one in details.get("parameters", []) if one["name"] != _KEY]
    if asked:
        rows = [
            f"| `{one['name']}` | {one['in']} | {_type(one['schema'])} | {'yes' if one.get('required') else ''} |"
            for one in asked
        ]
        parts.append("\n".join(["| parameter | in | type | required |", "|---|---|---|---|", *rows]))
    forms = details.get("requestBody", {}).get("content", {})
    if forms:
        parts.append("Body: " + ", ".join(f"`{form}`" for form in forms) + ".")
        fields = _fields(next(iter(forms.values()))["schema"])
        if fields:
            parts.append("\n".join(["| field | type | required |", "|---|---|---|", *fields]))
    good = [status for status in map(str, details["responses"]) if status.startswith("2")]
    parts.append(f"Answers {', '.join(good)}; errors as listed above.")
    return parts


def _fields(schema: dict[str, Any]) -> list[str]:
    schema = _resolved(schema)
    if schema.get("type") == "array":
        schema = _resolved(schema["items"])
    needed = schema.get("required", [])
    return [
        f"| `{name}` | {_type(said)} | {'yes' if name in needed else ''} |"
        for name, said in schema.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        resolved = _resolved(schema)
        return _type(resolved) if "enum" in resolved else f"{name}"
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[union]))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        kind = " or ".join(kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    extra = [schema["format"]] if "format" in schema else []
    limits = (("at least", "minimum"), ("at most", "maximum"), ("at most", "maxLength"))
    extra += [f"{words} {schema[name]}" for words, name in limits if name in schema]
    return f"{kind} ({', '.join(extra)})" if extra else kind


def _scope(details: dict[str, Any]) -> str:
    return ", ".join(details["security"][0]["BearerToken"])


def _one_line(text: str) -> str:
    return " ".join(text.split())

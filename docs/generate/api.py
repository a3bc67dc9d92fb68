"""The API's reference, from its own description in OpenAPI."""

import os
from functools import cache
from typing import Any, Final

from docs.generate.types import type_words

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
            f"| `{one['name']}` | {one['in']} | {type_words(one['schema'], _named)} |"
            f" {'yes' if one.get('required') else ''} |"
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
        f"| `{name}` | {type_words(said, _named)} | {'yes' if name in needed else ''} |"
        for name, said in schema.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _named(name: str) -> str:
    schema = description()["components"]["schemas"][name]
    return type_words(schema, _named) if "enum" in schema else name


def _scope(details: dict[str, Any]) -> str:
    return ", ".join(details["security"][0]["BearerToken"])


def _one_line(text: str) -> str:
    return " ".join(text.split())

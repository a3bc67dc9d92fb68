"""Which forms of a case keep what is typed, and how much of it."""

import json
from collections.abc import Mapping
from typing import Final

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "message": ("subject", "body"),
    "note": ("body",),
    "object": ("words",),
}
LONGEST: Final = 20_000  # characters a field


def kept(form: str, given: Mapping[str, str]) -> dict[str, str]:
    """What of a form's fields is worth keeping; empty if nothing was typed."""
    content = {name: given.get(name, "").replace("\0", "")[:LONGEST] for name in FORMS[form]}
    return content if any(value.strip() for value in content.values()) else {}


def as_json(content: Mapping[str, str]) -> str:
    """As the database keeps it; half surrogates, which it could not keep, are replaced."""
    plain = {name: value.encode("utf-8", "replace").decode() for name, value in content.items()}
    return json.dumps(plain, ensure_ascii=False)

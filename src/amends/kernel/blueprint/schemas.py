"""JSON Schemas of a pack's files, for editors; generated from the models, shipped beside the packs."""

import json
from typing import Any

from amends.kernel.blueprint.loading import PACKS, PARTS

SCHEMAS = PACKS / "schemas"


def schema(part: str) -> dict[str, Any]:
    """The JSON Schema of that part's file."""
    if part not in PARTS:
        raise LookupError(f"a pack has no part {part!r}; it has {', '.join(PARTS)}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PARTS[part].model_json_schema()}


def shipped_text(part: str) -> str:
    """What the shipped schema file holds."""
    return json.dumps(schema(part), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_shipped() -> list[str]:
    """Writes all shipped schema files; for whoever changes a model."""
    SCHEMAS.mkdir(exist_ok=True)
    for part in PARTS:
        (SCHEMAS / f"{part}.json").write_text(shipped_text(part), encoding="utf-8")
    return sorted(PARTS)

"""JSON Schemas of a pack's files, for editors; generated from the models and shipped beside the packs."""

import json
from pathlib import Path as FilePath
from typing import Any

from amends.kernel.blueprint.loading import PARTS


def schema(part: str) -> dict[str, Any]:
    """The JSON Schema of that part's file."""
    if part not in PARTS:
        raise LookupError(f"a pack has no part {part!r}; it has {', '.join(PARTS)}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PARTS[part].model_json_schema()}


def write_schemas(folder: FilePath) -> list[FilePath]:
    """Writes every part's schema into the folder, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for part in PARTS:
        file = folder / f"{part}.json"
        file.write_text(json.dumps(schema(part), ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        written.append(file)
    return written

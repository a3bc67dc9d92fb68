import json
from pathlib import Path
from typing import Any

import pytest

from amends.kernel.blueprint.loading import OPTIONAL, PACKS, PARTS
from amends.kernel.blueprint.schemas import schema, write_schemas


def test_the_shipped_schemas_are_those_of_the_models(tmp_path: Path) -> None:
    """If not: `amends blueprint schema --out src/amends/blueprints/schemas`."""
    write_schemas(tmp_path)
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert written == {file.name: file.read_text(encoding="utf-8") for file in (PACKS / "schemas").iterdir()}
    assert set(written) == {f"{part}.json" for part in PARTS}


@pytest.mark.parametrize("part", [part for part in PARTS if part not in OPTIONAL])
def test_every_file_of_a_shipped_pack_names_its_schema(part: str) -> None:
    first = (PACKS / "airline" / f"{part}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../schemas/{part}.json"


def test_a_part_that_does_not_exist_has_no_schema() -> None:
    with pytest.raises(LookupError, match="'menu'"):
        schema("menu")


def _open_objects(node: Any, path: str = "") -> list[str]:
    """Places of objects with named properties that would take any other property too."""
    if isinstance(node, list):
        return [place for index, item in enumerate(node) for place in _open_objects(item, f"{path}[{index}]")]
    if not isinstance(node, dict):
        return []
    here = [path] if "properties" in node and "additionalProperties" not in node else []
    return here + [place for key, item in node.items() for place in _open_objects(item, f"{path}.{key}")]


@pytest.mark.parametrize("part", PARTS)
def test_schemas_are_as_strict_about_unknown_fields_as_the_loader(part: str) -> None:
    assert _open_objects(schema(part)) == []
    assert json.loads(json.dumps(schema(part))) == schema(part)

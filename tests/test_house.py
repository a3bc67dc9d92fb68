"""The house keeps its order: rows point up the stream only, and the pure floors read no clock, dice or environment."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

import amends

ROOT = Path(amends.__file__).parent
STREAM = (
    "policy",
    "people",
    "channels",
    "monitor",
    "recover",
    "learn",
    "web",
)  # channels and monitor do not know each other
PURE = [path for floor in ("kernel", "*/core", "*/tables") for path in ROOT.glob(f"{floor}/**/*.py")]
IMPURE_CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "monotonic"), ("random", "random"), ("random", "default_rng"), ("os", "getenv"), ("os", "environ"),
    ("uuid", "uuid4"), ("secrets", "token_hex"), ("secrets", "token_urlsafe"), ("timezone", "now"),
}  # fmt: skip


def test_no_row_points_down_the_stream() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for app in STREAM
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model._meta.app_label in STREAM
        and STREAM.index(field.related_model._meta.app_label) > STREAM.index(app)
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pure_floors_read_nothing_but_their_arguments(path: Path) -> None:
    used = {
        (node.value.id if isinstance(node.value, ast.Name) else node.value.attr, node.attr)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute)
    }
    assert used & IMPURE_CALLS == set()


def test_the_check_of_the_pure_floors_looks_at_files() -> None:
    assert len(PURE) > 20

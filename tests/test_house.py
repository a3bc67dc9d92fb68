"""The house keeps its order: rows point up the stream only, and the pure floors read no clock, dice or environment."""

import ast
import re
import tokenize
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


def test_each_silenced_check_says_why() -> None:
    silenced = re.compile(r"# (?:type: ignore\[[\w, -]+\]|noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*)(?P<why>.*)")
    found, wrong = 0, []
    for top in ("src", "tests", "docs", "benchmarks"):
        for path in (ROOT.parents[1] / top).rglob("*.py"):
            with tokenize.open(path) as file:
                comments = [
                    token for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.COMMENT
                ]
            for comment in comments:
                if "type: ignore" in comment.string or "noqa" in comment.string:
                    found += 1
                    said = silenced.search(comment.string)
                    if said is None or not re.search(r"[a-z]{3}", re.sub(r"# noqa: [A-Z]+\d+", "", said["why"])):
                        wrong.append(f"{path}:{comment.start[0]}: {comment.string}")
    assert found > 20
    assert wrong == []


def test_the_check_of_the_pure_floors_looks_at_files() -> None:
    assert len(PURE) > 20


def test_no_foreign_key_has_an_index_beside_another_that_begins_with_it() -> None:
    wrong = []
    for model in (model for app in STREAM for model in apps.get_app_config(app).get_models()):
        led = {
            index.fields[0].lstrip("-")
            for index in (*model._meta.indexes, *model._meta.constraints)
            if getattr(index, "fields", None) and index.condition is None
        }
        wrong += [
            f"{model._meta.label}.{field.name}"
            for field in model._meta.concrete_fields
            if field.is_relation and field.db_index and not field.unique and field.name in led
        ]
    assert wrong == []

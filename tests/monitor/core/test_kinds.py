"""Declarations of every kind of standard: what is wrong with one is told by file, line and field."""

from pathlib import Path

import pytest

from amends.kernel.blueprint.problems import BlueprintErrors
from amends.monitor.core.standard import Standards
from amends.monitor.sources.standards import read_standards

WRONG = [
    ("limits: {type: a}", "standards[0].value", "is missing"),
    ("limits: {type: a}\n    value: data.x", "standards[0]", "says no bound"),
    ("limits: {type: a}\n    value: x\n    above: 3", "standards[0].value", "is no attribute"),
    ("limits: {type: a}\n    value: data.x\n    above: often", "standards[0].above", "is no bound"),
    ("limits: {type: a}\n    value: data.x\n    above: 1\n    below: 2", "standards[0]", "no value is within"),
    (
        "limits: {type: a}\n    value: data.x\n    above: 1\n    due: {after: P1D}",
        "standards[0].due",
        "is no field here",
    ),
    ("steps: [{type: a}]", "standards[0].steps", "at least 2 items"),
    ("steps: [{type: a}, {type: a}]", "standards[0]", "two steps are called 'a'"),
    ("steps: [{type: a}, {type: b}]\n    optional: [c]", "standards[0]", "optional names 'c'"),
    ("steps: [{type: a}, {type: b, where: 'data.x ='}]", "standards[0].steps[1].where", "cannot be read"),
    ("hears: {types: any}", "standards[0].silent_for", "is missing"),
    ("hears: {types: any}\n    silent_for: PT0S", "standards[0].silent_for", "longer than nothing"),
    ("hears: {types: []}\n    silent_for: P1D", "standards[0].hears.types", "at least one"),
    ("lapses: {type: a}\n    after: 1", "standards[0].after", "greater than or equal to 2"),
    ("repeats: {type: a}\n    by: unit\n    times: 2\n    within: P1D", "standards[0].by", "write customer"),
    (
        "repeats: {type: a}\n    by: customer\n    times: 1\n    within: P1D",
        "standards[0].times",
        "greater than or equal",
    ),
    ("repeats: {failures: [y]}\n    by: customer\n    times: 2\n    within: P1D", "standards", "is no standard here"),
    ("repeats: {failures: [x]}\n    by: customer\n    times: 2\n    within: P1D", "standards", "rests on what others"),
    ("voices: {type: a}", "standards[0]", "listens to nothing"),
    ("voices: {type: a}\n    rating: data.x", "standards[0]", "rating and at_most go together"),
    (
        "opens: {type: a}\n    closes: {type: b}\n    due: {after: P1D}\n    revises: {type: a, due: {after: P1D}}",
        "standards[0]",
        "revises the very signals that open it",
    ),
    (
        "opens: {type: a}\n    closes: {type: b}\n    due: {after: P1D}\n    revises: {type: c}",
        "standards[0].revises.due",
        "is missing",
    ),
    (
        "opens: {type: a}\n    closes: {type: b}\n    due: {after: P1D}\n    revises: {type: c, due: {in: P1D}}",
        "standards[0].revises.due",
        "give exactly one of at, after, by",
    ),
]


@pytest.mark.parametrize(("form", "field", "says"), WRONG)
def test_a_mistake_is_told_with_line_and_field(tmp_path: Path, form: str, field: str, says: str) -> None:
    file = tmp_path / "standards.yaml"
    file.write_text(f"version: 1\nstandards:\n  - id: x\n    {form}\n", encoding="utf-8")
    with pytest.raises(BlueprintErrors) as refused:
        read_standards(file)
    told = [(problem.field, problem.message) for problem in refused.value.problems]
    assert any(where == field and says in message for where, message in told), told
    assert all(problem.file == str(file) and problem.line >= 1 for problem in refused.value.problems)


def test_the_attributes_that_any_standard_reads_are_known() -> None:
    standards = Standards.model_validate(
        {
            "version": 1,
            "standards": [
                {"id": "1", "limits": {"type": "a", "where": "data.k = 'x'"}, "value": "data.v", "above": "data.w"},
                {"id": "2", "voices": {"type": "a"}, "text": "data.t", "rating": "data.r", "at_most": 2},
                {
                    "id": "3",
                    "opens": {"type": "a"},
                    "closes": {"type": "b"},
                    "due": {"at": "data.due"},
                    "revises": {"type": "c", "due": {"at": "data.new"}, "reason": "data.why"},
                },
            ],
        }
    )
    assert standards.fields == {"k", "v", "w", "t", "r", "due", "new", "why"}

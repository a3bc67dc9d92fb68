"""A playbook promises nothing that its actions cannot keep: each clock is met in time, for each case it may be for."""

from typing import Any

import pytest

from amends.kernel.blueprint import BlueprintErrors, load

INFORM = "the clock `inform` in time for waiting when"
FOLLOW_UP = "the clock `follow_up` in time for waiting when"
REMEDY = "add an action of kind explanation or progress_notice or call, due before the clock runs out"


def told(pack: Any) -> list[str]:
    """What is said against the pack's only playbook; each complaint stands on the line of its actions."""
    with pytest.raises(BlueprintErrors) as caught:
        load(pack.folder)
    line = pack.line_of("playbooks.yaml", "    actions:")
    for problem in caught.value.problems:
        assert str(problem).startswith(f"{pack.folder}/playbooks.yaml:{line}: playbooks[0].actions: none can meet ")
    return [f"{problem.message} ({problem.remedy})" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "clock", "severities"),
    [
        # an action of a kind that does not meet it
        ("kind: call", "kind: apology", INFORM, ["light", "severe"]),
        # one that comes too late
        ("due: {within: PT10M}", "due: {within: PT11M}", INFORM, ["light", "severe"]),
        # one that its severity, or its kind, rules out, whatever the other facts
        ("due: {within: PT10M}", "when: {severity: severe}\n        due: {within: PT10M}", INFORM, ["light"]),
        ("due: {within: PT10M}", "when: {not: {severity: severe}}\n        due: {within: PT10M}", INFORM, ["severe"]),
        (
            "due: {within: PT10M}",
            "when: {kind: {ne: waiting}, regular: true}\n        due: {within: PT10M}",
            INFORM,
            ["light", "severe"],
        ),
        ("{any: [{severity: light}, {regular: true}]}", "{severity: light, regular: true}", FOLLOW_UP, ["severe"]),
        # in the shop's time six days take longer than six days on the wall, never less
        ("within: P6D, calendar: shop", "within: P8D, calendar: shop", FOLLOW_UP, ["light", "severe"]),
    ],
)
def test_a_clock_that_no_action_meets_is_told_for_each_severity(
    pack: Any, old: str, new: str, clock: str, severities: list[str]
) -> None:
    pack.change("playbooks.yaml", old, new)
    found = told(pack)
    assert len(found) == len(severities)
    assert all(f"{clock} {severity} " in one for severity, one in zip(severities, found, strict=True))
    assert all(REMEDY in one for one in found if INFORM in one)


def test_who_has_no_case_of_their_own_is_promised_nothing(pack: Any) -> None:
    pack.change("playbooks.yaml", "due: {within: PT10M}", "when: {severity: severe}\n        due: {within: PT10M}")
    assert len(told(pack)) == 1
    pack.change("blueprint.yaml", "own_case_from: light", "own_case_from: moderate")
    load(pack.folder)


def test_a_severity_that_an_earlier_playbook_is_sure_to_take_is_not_asked_of_a_later_one(pack: Any) -> None:
    text = (pack.folder / "playbooks.yaml").read_text(encoding="utf-8")
    first = text.split("  - id: tea\n")[1]
    later = first.replace("kind: call", "kind: apology")
    (pack.folder / "playbooks.yaml").write_text(f"playbooks:\n  - id: tea\n{first}  - id: water\n{later}")
    load(pack.folder)


@pytest.mark.parametrize("when", ["{regular: true}", "{severity: {in: [light, severe]}}", "{not: {regular: true}}"])
def test_an_action_that_other_facts_may_rule_out_counts(pack: Any, when: str) -> None:
    pack.change("playbooks.yaml", "due: {within: PT10M}", f"when: {when}\n        due: {{within: PT10M}}")
    load(pack.folder)

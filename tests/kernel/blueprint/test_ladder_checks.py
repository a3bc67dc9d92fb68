"""Escalations and the ladder lead upwards, in calendars that exist."""

import pytest

from amends.kernel.blueprint import Blueprint, BlueprintErrors, load_shipped


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("ladder", lambda it: it["steps"].reverse(), "is no step up from"),
        ("ladder", lambda it: it["steps"][0].update(calendar="moon"), "there is no calendar 'moon'"),
        ("escalations", lambda it: it[1]["levels"].reverse(), "is no later than the level before it"),
        ("escalations", lambda it: it[0]["clocks"].append("resolve"), "resolve has an escalation already"),
        ("playbooks", lambda it: it[0]["clocks"]["inform"].update(warn="P9D"), "warns before the clock starts"),
        ("playbooks", lambda it: it[0]["clocks"]["resolve"].update(again="P1D"), "only news are promised again"),
    ],
)
def test_what_leads_nowhere_is_refused(part, change, message):
    content = load_shipped("airline").content()
    change(content[part])
    with pytest.raises(BlueprintErrors, match=message):
        Blueprint.from_content(content)


def test_a_pack_of_before_has_neither_and_loads():
    content = load_shipped("airline").content()
    for name in ("ladder", "escalations"):
        del content[name]
    pack = Blueprint.from_content(content)
    assert (pack.ladder, pack.escalations) == (None, ())

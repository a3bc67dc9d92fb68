"""What a pack says about incidents leads somewhere, and a pack that says nothing loads."""

from collections.abc import Callable
from typing import Any

import pytest

from amends.kernel.blueprint import Blueprint, BlueprintErrors, load_shipped


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: it["depends"].append({"on": "teapot/1", "units": ["X"]}), "'teapot/1' is no resource"),
        (lambda it: it["depends"].append({"on": "runway/1", "resources": ["kettle/1"]}), "'kettle/1' is no resource"),
        (lambda it: it["depends"].append({"on": "runway/1"}), "nothing hangs on it"),
        (lambda it: it["depends"].append({"on": "runway", "units": ["X"]}), "String should match pattern"),
        (lambda it: it["upstream"].append(it["upstream"][0]), "is taken already"),
        (lambda it: it["resources"]["runway"].update(likely={"subjects": 2}), "which one a failure hung on"),
        (lambda it: it["resources"]["runway"].update(fact="data.x"), "no name of a fact"),
        (lambda it: it["guard"]["standards"].update(nothing=3), "there is no standard 'nothing'"),
        (lambda it: it["voices"].update(standards=["nothing"]), "there is no standard 'nothing'"),
        (lambda it: it["closures"]["look_after"][0].update(when={"moon": True}), "there is no fact 'moon'"),
        (lambda it: it["closures"]["look_after"][0].update(when={"severity": "dire"}), "is never 'dire'"),
    ],
)
def test_what_leads_nowhere_is_refused(change: Callable[[Any], object], message: str) -> None:
    content = load_shipped("airline").content()
    change(content["incidents"])
    with pytest.raises(BlueprintErrors, match=message):
        Blueprint.from_content(content)


def test_a_pack_of_before_says_nothing_of_incidents_and_loads() -> None:
    content = load_shipped("airline").content()
    del content["incidents"]
    assert Blueprint.from_content(content).incidents.resources == {}

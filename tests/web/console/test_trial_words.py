"""What the page of a back-test says of its figures."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from amends.web.console.trial_words import quality_of

STAYS_AWAY = "That a customer stays away is right if nothing was bought until the end."
SIDES = {"draft": {"rates": None, "leads": {}, "costs": None}, "in_force": None}


@pytest.mark.parametrize(("parameter", "said"), [("factor", True), ("warn", False)])
def test_when_staying_away_is_right_is_said_only_where_it_was_tried(parameter: str, said: bool) -> None:
    result = {"quality": [{"standard": "s", "sides": SIDES}], "curves": [{"parameter": parameter}], "horizon": 3600}
    with translation.override("en"):
        page = render_to_string("parts/drafts/quality.html", quality_of(result, str))
    assert "within 1 h" in page
    assert (STAYS_AWAY in page) is said

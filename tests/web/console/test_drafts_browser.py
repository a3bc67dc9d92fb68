"""The editor of standards in a real browser: judged while one types, from a fault to its line, and every page sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

ASKED_BEFORE_LEAVING = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [("en", "light", "desktop"), ("zh-hans", "dark", "phone")]
FINDINGS = {
    "counts": [
        {"standard": "depart-on-time", "what": w, "only_draft": a, "only_in_force": b, "both": c, "moved": d}
        for w, a, b, c, d in (("at_risk", 3, 0, 41, 41), ("breached", 12, 0, 29, 29), ("late", 12, 0, 28, 0))
    ],
    "examples": [
        {
            "standard": "depart-on-time",
            "what": "breached",
            "side": side,
            "subject": f"XX{n}/2026-03-01/JFK-SFO",
            "unit": "XX-JFK",
            "at_draft": "2026-03-01T15:05:00+00:00",
            "at_in_force": "2026-03-01T15:15:00+00:00" if side == "moved" else None,
        }
        for side in ("only_draft", "moved")
        for n in (1, 2, 3)
    ],
}

LEADS = {
    "due": {"number": 44, "low": 900.0, "median": 900.0, "high": 900.0},
    "breach": {"number": 41, "low": 900.0, "median": 900.0, "high": 900.0},
    "complaint": {"number": 12, "low": 3_600.0, "median": 9_000.0, "high": 43_200.0},
}
RATES = {"alarms": 60, "hits": 41, "false": 19, "events": 43, "foreseen": 41}
RATES |= {"precision": [0.683, 0.558, 0.787], "recall": [0.953, 0.845, 0.987]}  # type: ignore[dict-item]  # Wilson's
COSTS = {"false_alarms": "30.40", "averted": "9020.00", "missed": "440.00", "currency": "USD", "confidence": "low"}
COSTS |= {"intervention": "1.60", "saving": "220.00"}
SIDE = {"leads": LEADS, "rates": RATES, "costs": COSTS}
POINTS = [
    {"value": 60.0 * minutes, "alarms": {"chosen": alarms, "judged": alarms // 2}, "hits": {"chosen": 30, "judged": 14}}
    for minutes, alarms in ((1, 30), (2, 31), (5, 33), (10, 35), (15, 40), (20, 48), (30, 60), (45, 90), (60, 140))
]
FINDINGS |= {
    "horizon": 604_800.0,
    "quality": [{"standard": "depart-on-time", "sides": {"in_force": SIDE, "draft": SIDE}}],  # type: ignore[list-item]  # plain JSON
    "curves": [
        {
            "standard": "depart-on-time",
            "parameter": "warn",
            "rising": False,
            "is_length": True,
            "in_force": 900.0,
            "draft": 1200.0,
            "events": {"chosen": 30, "judged": 15},
            "points": POINTS,
        }
    ],
}


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_a_draft_is_judged_as_it_is_typed_and_its_pages_are_sound(
    look: tuple[str, str, str], visit: Callable[..., Visitor], airline: World, settings: object, tmp_path: Path
) -> None:
    from amends.monitor.recorded import root_of
    from amends.monitor.services.recording import land_all
    from amends.policy.selectors import deployment
    from tests.web.console.drafts import a_backtest, text_of
    from tests.web.console.world import NOW

    settings.HISTORY_PATH = tmp_path  # type: ignore[attr-defined]  # Django's settings take any name
    land_all(root=root_of(deployment()), now=NOW)
    owner = airline.staff["quality_owner"]
    running = a_backtest(owner, warn="PT20M")
    done = a_backtest(owner, state="finished", due={"at": "data.depart_due", "plus": "PT5M"})
    done.result, done.parts_done, done.signals = FINDINGS, 2, 4_211
    done.save()
    language, theme, size = look
    visitor = visit("quality_owner", language=language, theme=theme, size=size, contrast=True)
    page = visitor.open("/monitor/standards/depart-on-time/edit/")
    page.fill("#text", text_of().replace("warn: PT15M", "warn: a while\nwhenever: 3"))
    page.locator(".line-jump").nth(1).wait_for()
    visitor.look_over("faults")
    visitor.photograph("standard-faults")
    page.locator(".line-jump").first.click()
    chosen = page.evaluate("(t => t.value.slice(t.selectionStart, t.selectionEnd))(document.getElementById('text'))")
    assert chosen == "warn: a while"
    page.fill("#text", text_of(warn="PT20M"))
    page.locator(".diff .came").wait_for()
    assert page.evaluate(ASKED_BEFORE_LEAVING)
    visitor.look_over("changes")
    visitor.photograph("standard-edit")
    page.get_by_role("button", name={"en": "Publish", "zh-hans": "发布"}[language], exact=True).click()
    page.get_by_role("alert").wait_for()
    assert "PT20M" in page.input_value("#text")
    page.fill("#why", "More warning")
    page.fill("#untried", "It can do no harm")
    page.get_by_role("button", name={"en": "Publish", "zh-hans": "发布"}[language], exact=True).click()
    page.wait_for_url("**/versions/")
    visitor.look_over("versions")
    visitor.photograph("standard-versions")
    for name, path in (("backtests", ""), ("backtest-running", f"{running.pk}/"), ("backtest", f"{done.pk}/")):
        visitor.open(f"/monitor/backtests/{path}")
        visitor.look_over(name)
        visitor.photograph(name)
    for name, shown in (("quality", "#quality"), ("curve", ".control-chart:visible")):
        page.locator(shown).first.evaluate("one => one.scrollIntoView({block: 'center'})")
        visitor.photograph(f"backtest-{name}")
    page.get_by_role(
        "link", name={"en": "Use this value in the draft", "zh-hans": "在草案中使用此值"}[language]
    ).click()
    page.wait_for_url("**/edit/?backtest=*")
    assert "warn: PT10M" in page.input_value("#text")
    visitor.photograph("backtest-used")

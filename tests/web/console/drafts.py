"""Drafts of standards in the console's world, and back-tests of them."""

from datetime import timedelta
from typing import Any

from amends.monitor.core.backtest import BACKTEST
from amends.monitor.drafting import in_force
from amends.monitor.models import Backtest
from amends.monitor.sources.drafts import standard_in, written
from amends.people.models import Staff
from tests.web.console.world import NOW


def text_of(standard_id: str = "depart-on-time", **changes: Any) -> str:
    """What the editor would hold after these changes."""
    declared = in_force().declared(standard_id)
    assert declared is not None
    return written({**declared, **changes})


def a_backtest(by: Staff, *, state: str = BACKTEST.initial, **changes: Any) -> Backtest:
    """One that nobody works on."""
    text = text_of(**(changes or {"warn": "PT20M"}))
    draft = standard_in(text, in_force().pack, standard_id="depart-on-time")
    return Backtest.objects.create(
        state=state,
        standard=draft.standard,
        text=text,
        draft=draft.standards.model_dump(mode="json"),
        digest=draft.digest,
        against=in_force().version,
        since=NOW - timedelta(days=3),
        until=NOW,
        plan=[["2026-03-01", 1], ["2026-03-02", 1]],
        parts=2,
        parts_done=1,
        arrived_to=0,
        by=by,
        asked_at=NOW,
    )

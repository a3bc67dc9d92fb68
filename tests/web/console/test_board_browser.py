"""The live board, standards and reports in a real browser, in both languages, both themes, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [
    ("en", "light", "desktop"),
    ("zh-hans", "dark", "phone"),
    ("en", "dark", "phone"),
    ("zh-hans", "light", "desktop"),
]


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_monitors_pages_are_sound_in_every_look(
    look: tuple[str, str, str], visit: Callable[..., Visitor], airline: World
) -> None:
    from tests.web.console.watched import count_kept, monitored, put_on_board

    monitored()
    put_on_board(counted=[{"standard": "bag-brought", "unit": "XX-EWR", "open": 1, "at_risk": 0, "overdue": 0}])
    count_kept()
    language, theme, size = look
    thorough = look in LOOKS[:2]  # which differ in everything; in the others only the room on the screen is another
    visitor = visit("manager", language=language, theme=theme, size=size, contrast=thorough)
    for name, path in (
        ("board", "/monitor/board/"),
        ("board-unit", "/monitor/board/?unit=XX-EWR&standard=depart-on-time"),
        ("standards", "/monitor/standards/"),
        ("standard", "/monitor/standards/depart-on-time/"),
        ("standard-hours", "/monitor/standards/depart-on-time/?by=hour"),
        ("standard-limits", "/monitor/standards/call-answered-soon/"),
        ("standard-forbids", "/monitor/standards/not-cancelled/"),
        ("report", "/report/"),
    ):
        visitor.open(path, accessible=thorough)
        visitor.photograph(name)

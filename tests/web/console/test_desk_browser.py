"""The case desk in a browser: keys, many at once, and a page that others see one is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_desk_is_worked_by_keys_and_two_people_see_each_other(
    visit: Callable[..., Visitor], airline: World
) -> None:
    mine, other = visit("supervisor"), visit("front_line", language="zh-hans", theme="dark", size="phone")
    inbox = mine.open("/cases/")
    inbox.wait_for_selector("#views .count")
    mine.photograph("desk-inbox")
    inbox.keyboard.press("ArrowDown")
    inbox.keyboard.press("x")
    assert inbox.locator("[data-pick]:checked").count() == 1
    inbox.click("#bulk button[value=take]")
    inbox.wait_for_selector("#run table")
    mine.look_over("bulk")
    mine.photograph("desk-bulk")
    path = f"/cases/{airline.case_to_call.pk}/"
    other.open(path)
    other.photograph("desk-case")
    page = mine.open(path)
    page.wait_for_selector("#here .notice")
    assert "Mei Lin is looking at this case." in page.inner_text("#here")
    page.keyboard.press("h")
    page.wait_for_selector("#note-hand")
    mine.look_over("pass on")
    mine.photograph("desk-pass-on")
    inbox = mine.open("/cases/")
    inbox.keyboard.press("ArrowDown")
    inbox.keyboard.press("Enter")
    inbox.wait_for_selector("#beside summary[data-key=h]")
    inbox.keyboard.press("h")
    inbox.wait_for_selector("#beside #note-hand")
    inbox.evaluate("window.scrollTo(0, 0)")  # nothing half below the bar
    mine.look_over("pass on beside the list")
    mine.photograph("desk-beside")
    inbox.fill("#note-hand", "She waits at the gate.")
    inbox.select_option("#to-hand", index=1)
    inbox.keyboard.press("Escape")
    inbox.click("#beside .pass-on form[action$='/hand_over/'] button")
    inbox.wait_for_selector("#notes .success")
    assert "Handed over, with your note." in inbox.inner_text("#notes")
    inbox.keyboard.press("z")
    inbox.locator("#notes", has_text="Undone.").wait_for()
    assert inbox.url.endswith("/cases/")
    mine.open("/teams/")
    mine.photograph("desk-teams")
    other.open("/cases/")
    other.photograph("desk-inbox")


def test_what_is_pressed_the_moment_it_comes_beside_a_list_opens_and_loads_once(
    visit: Callable[..., Visitor], airline: World
) -> None:
    inbox = visit("supervisor").open("/cases/", accessible=False)
    inbox.wait_for_selector("#views .count")
    asked: list[str] = []
    inbox.on("request", lambda request: asked.append(request.url) if "/pass-on/" in request.url else None)
    inbox.evaluate(  # swapped in, and not yet listened to
        """document.body.addEventListener("htmx:afterSwap", () =>
            document.querySelector("#beside details:not([open]) > summary[data-key=h]")?.click())"""
    )
    inbox.keyboard.press("ArrowDown")
    inbox.keyboard.press("Enter")
    inbox.wait_for_selector("#beside #note-hand")
    assert len(asked) == 1

"""Guidance beside a case in a browser: both languages and themes, desktop and phone, by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_talk_is_led_by_keys_in_both_languages_and_folds_on_a_phone(
    visit: Callable[..., Visitor], airline: World
) -> None:
    path = f"/cases/{airline.case_to_call.pk}/"
    mine = visit("front_line", contrast=True)
    page = mine.open(path)
    mine.photograph("guidance")
    assert page.locator(".talk .present").inner_text() == "Listen"
    page.keyboard.press("k")
    page.locator(".talk .behind", has_text="Listen").wait_for()
    page.keyboard.press("y")
    mine.look_over("emotions")
    mine.photograph("guidance-emotions")
    page.click(".feelings button[value=humiliated]")
    page.locator(".talk .felt", has_text="Hurt in their dignity").wait_for()
    assert "As Mei Lin sees it." in page.inner_text(".talk")
    mine.photograph("guidance-humiliated")
    other = visit("supervisor", language="zh-hans", theme="dark", contrast=True)
    page = other.open(path)
    assert page.locator(".talk .felt").inner_text().startswith("自尊受损")
    other.photograph("guidance")
    phone = visit("supervisor", language="zh-hans", theme="dark", size="phone")
    page = phone.open(path)
    assert not page.locator(".talk dl").is_visible()
    phone.photograph("guidance")
    page.click(".talk > summary")
    phone.look_over("open on a phone")
    page.locator(".talk").scroll_into_view_if_needed()
    phone.photograph("guidance-open")
    inbox = mine.open("/cases/")
    inbox.keyboard.press("ArrowDown")
    inbox.keyboard.press("Enter")
    inbox.wait_for_selector("#beside .talk")
    mine.look_over("beside a list")
    mine.photograph("guidance-beside")

"""Support and what is between colleagues in a browser: both languages, both themes, desktop and phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_employee_tells_in_two_clicks_and_whoever_answers_sees_it(
    visit: Callable[..., Visitor], airline: World
) -> None:
    mine, boss = visit("front_line"), visit("manager", language="zh-hans", theme="dark", size="phone", contrast=True)
    page = mine.open("/inside/")
    mine.photograph("inside")
    page.click("button[value=colleague_rude]")
    page.locator("#mine").wait_for()
    mine.look_over("told")
    assert "Thank you for telling. Only you and" in page.inner_text("#notes")
    mine.photograph("inside-told")
    page.click("ul.lines a")
    page.wait_for_load_state()
    mine.look_over("my own page")
    mine.photograph("inside-own-page")
    other = boss.open("/inside/")
    assert "向您反映的问题" in other.inner_text("h2#answered")
    boss.photograph("inside-answered")
    other.click("ul.lines a")
    other.locator("h1").wait_for()
    boss.look_over("the case")
    boss.photograph("inside-case")
    assert "保密" in other.inner_text("header .says")


def test_support_is_asked_for_agreed_given_and_said_how_it_was(visit: Callable[..., Visitor], airline: World) -> None:
    mine, boss = visit("front_line", language="zh-hans", size="phone"), visit("supervisor", theme="dark")
    page = mine.open(f"/cases/{airline.case_to_call.pk}/")
    page.locator("summary", has_text="申请支持").click()
    page.fill("#support-words", "刚才那通电话让我很难受。")
    page.click("form[action='/support/'] button")
    page.locator("#notes .success").wait_for()
    assert "已提交，只有您和Sam Carter能看到。" in page.inner_text("#notes")
    other = boss.open("/support/give/")
    assert "刚才那通电话让我很难受。" in other.inner_text("#page")
    boss.photograph("support-give")
    other.click("form[action$='/accept/'] button")
    other.locator("form[action$='/do/'] button").click()
    other.locator("#given").wait_for()
    boss.look_over("given")
    page = mine.open("/support/")
    mine.photograph("support-mine")
    page.locator(".scale .choice").nth(4).click()
    page.click("form[action$='/say/'] button")
    page.locator("#notes .success").wait_for()
    assert "帮助程度：5 分" in page.inner_text("#page")
    desk = visit("front_line", theme="dark")
    desk.open("/support/")
    desk.photograph("support-mine")
    light = visit("supervisor", language="zh-hans", theme="light", size="phone", contrast=True)
    light.open("/support/give/")
    light.photograph("support-give")
    light.open("/inside/")
    light.photograph("inside")

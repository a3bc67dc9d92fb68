"""The customer's page on a phone, in both languages and grounds: read, answered, objected to, by thumb.

A visit fails on script errors, violations of the content policy, accessibility faults and a page that overflows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.console.browsing import Visitor

if TYPE_CHECKING:
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def airline(transactional_db: None) -> World:
    from tests.web.portal.mail import build_with_letters_sent

    return build_with_letters_sent()


def test_a_customer_reads_answers_and_objects_on_a_phone(chromium: Any, live_server: Any, airline: World) -> None:
    from amends.recover.models import Case, Outcome
    from tests.web.portal.mail import case_of, lightly_hit, page_about_incident, page_of

    case, light = case_of("Ben Otieno"), page_about_incident(lightly_hit()[0])
    english = Visitor(chromium, live_server.url, language="en", theme="light", size="phone")
    page = english.open(page_of(case))
    english.photograph("customer")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 242, 234)"
    page.get_by_role("radio", name="4 well").check()
    page.get_by_role("button", name="Yes, it is put right").click()
    page.get_by_role("heading", name="Made good", level=1).wait_for()
    english.look_over("made good")
    english.photograph("customer-made-good")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="已妥善解决", level=1).wait_for()
    assert Outcome.objects.get(case=case).satisfaction_after == 4
    english.leave()

    chinese = Visitor(chromium, live_server.url, language="zh-hans", theme="dark", size="phone")
    chinese.page.emulate_media(color_scheme="dark")
    page = chinese.open(page_of(case))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 19)"
    page.get_by_label("哪里没有处理好，您希望我们怎么做").fill("餐券用不了。")
    page.get_by_role("button", name="发送").click()
    page.get_by_text("谢谢您。我们已收到您的留言，正在处理。").wait_for()
    page.get_by_text("您的留言", exact=True).click()
    page.get_by_text("餐券用不了。").wait_for()
    chinese.look_over("after the objection")
    chinese.photograph("customer-objected")
    assert Case.objects.get(pk=case.pk).state == "objected"
    chinese.open(light)
    page.get_by_role("heading", name="非常抱歉", level=1).wait_for()
    chinese.open("/mine/nonsense")
    page.get_by_role("heading", name="找不到这个页面", level=1).wait_for()
    chinese.leave()

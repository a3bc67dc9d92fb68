"""A complaint by phone, from the sign-in to the closed case, on the real screens: by keys at a desk, by thumb and in
Chinese on a phone.

A visit fails on script errors, violations of the content policy, accessibility faults and pages that overflow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.acceptance.screens import do, told
from tests.web.console.test_browser import airline

if TYPE_CHECKING:
    from amends.recover.models import Case
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

__all__ = ["airline"]  # a fixture: the crowded one
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where the story is played, and who calls."""

    language: str
    theme: str
    size: str
    caller: str
    locale: str
    phone: str
    dialled: str  # as they say it

    def say(self, en: str, zh: str) -> str:
        """The words of this scene's language."""
        return zh if self.language.startswith("zh") else en

    @property
    def look(self) -> dict[str, str]:
        """How its visitors look at the screens."""
        return {"language": self.language, "theme": self.theme, "size": self.size}


SCENES = [
    Scene(
        language="en", theme="light", size="desktop", caller="Grace Lindqvist", locale="en",
        phone="+12125550147", dialled="212 555 0147",
    ),
    Scene(
        language="zh-hans", theme="dark", size="phone", caller="周雨桐", locale="zh-CN",
        phone="+8613800138147", dialled="138 0013 8147",
    ),
]  # fmt: skip


def introduce(scene: Scene) -> None:
    """Somebody whom the airline knows by their number."""
    from amends.people.services import keep_customers
    from tests.web.console.world import NOON

    kept = keep_customers(
        [
            {
                "reference": "G-1",
                "name": scene.caller,
                "locale": scene.locale,
                "phone": scene.phone,
                "email": "g-1@example.test",
            }
        ],
        now=NOON,
    )
    assert kept.rejected == []


def machine_works(case: Case) -> None:
    """What runs by itself: actions that need nobody, and the mail."""
    from amends.recover.services import carry_out
    from tests.web.console.world import NOW
    from tests.web.portal.mail import deliver_all

    ids = sorted(case.actions.values_list("pk", flat=True))
    carry_out(ids[0], ids[-1], now=NOW, as_of_ready=True)
    deliver_all()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.language}-{scene.size}")
def test_a_complaint_by_phone_is_made_good(scene: Scene, visit: Callable[..., Visitor], airline: World) -> None:
    introduce(scene)
    desk = visit(**scene.look)
    case = takes_the_complaint(scene, desk, airline)
    machine_works(case)
    works_on_it(scene, desk)
    approves(scene, visit("supervisor", **scene.look))
    machine_works(case)
    accepts(scene, visit(**scene.look), case)
    closes(scene, desk)
    case.refresh_from_db()
    assert (case.state, case.owner) == ("closed", airline.staff["front_line"])


def takes_the_complaint(scene: Scene, desk: Visitor, airline: World) -> Case:
    from amends.people.services import sign_in_link
    from amends.recover.models import Case

    say = scene.say
    secret = sign_in_link(airline.staff["front_line"], now=timezone.now(), valid_for=timedelta(hours=1))
    page = desk.open(f"/accounts/link/{secret}/")
    page.get_by_role("button", name=say("Sign in", "登录")).click()
    page.wait_for_url(f"{desk.address}/")
    if scene.size == "phone":
        page.goto(f"{desk.address}/cases/")
        page.get_by_role("link", name="顾客", exact=True).click()
    else:
        page.keyboard.press("l")
    caller = page.get_by_role("combobox", name=say("Look up a caller", "查找来电顾客"))
    expect(caller).to_be_focused()
    page.keyboard.type(scene.dialled)
    found = page.get_by_role("option", name=scene.caller)
    expect(found).to_contain_text(scene.phone)
    desk.look_over("the look-up")
    desk.photograph("story-look-up")
    if scene.size == "phone":
        found.click()
        page.get_by_role("link", name="新建投诉").click()
    else:
        page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(scene.caller)
    page.locator("#kind").select_option("baggage_lost")
    page.get_by_label(say("The customer's loss", "旅客损失金额")).fill("300")
    with page.expect_response(re.compile("/complaints/facts/")):  # what is asked comes anew; what was typed stays
        page.locator("#subject-other").fill("BAG-4711")
        page.locator("#words").fill(say("My bag is gone, and nobody calls.", "我的箱子不见了，也没有人联系我。"))
    expect(page.get_by_label(say("The customer's loss", "旅客损失金额"))).to_have_value("300")
    desk.look_over("the complaint")
    desk.photograph("story-complaint")
    if scene.size == "phone":
        page.get_by_role("button", name="登记并生成方案").click()
    else:
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/cases/*/")
    told(page, say("The complaint is on record and the case is yours.", "投诉已登记，案件由您负责。"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(say("Lost baggage", "行李丢失"))
    expect(page.locator("main")).to_contain_text(say("300.00", "300.00美元"))
    desk.look_over("the case")
    return Case.objects.get(subject="BAG-4711")


def works_on_it(scene: Scene, desk: Visitor) -> None:
    say, page = scene.say, desk.page
    page.reload()
    now = page.get_by_role("complementary", name=say("What can I do now", "现在可以做什么"))
    do(desk, "v", now.get_by_role("button", name=say("Small voucher", "小额代金券")))
    told(page, say("Given. The customer has it in writing.", "已赠送，并已书面告知顾客。"))
    expect(page.get_by_role("region", name=say("Remedies given", "已给出的补偿"))).to_contain_text("25.00")

    do(desk, "b", page.locator("#add > summary"))
    page.locator("#add-repair").select_option("voucher")
    page.locator("#add-amount").fill("600")
    why = say("She stands at a wedding without her dress.", "她要参加婚礼，礼服却在箱子里。")
    page.locator("#add-reason").fill(why)
    page.locator("#add").get_by_role("button").click()
    told(page, say("Added to the plan.", "已加入方案。"))
    expect(page.get_by_role("region", name=say("Plan", "补救方案"), exact=True)).to_contain_text(why)
    do(desk, "d", now.get_by_role("button", name=say("Done", "完成"), exact=False).first)
    told(page, say("It is beyond your own authority, so approval was asked for.", "超出您的授权，已提交审批。"))
    expect(now).to_contain_text(say("with Sam Carter", "Sam Carter"))
    expect(now).to_contain_text(say("the limit per case would be exceeded", "将超出单个案件限额"))
    desk.look_over("the case that waits for leave")
    desk.photograph("story-leave-asked")

    do(desk, "u", now.locator("summary", has_text=say("Promise the next update", "承诺下一次进展")))
    now.get_by_role("button", name=say("tomorrow at 10:00", "明天 10:00")).click()
    told(page, say("The next update is promised", "已承诺下一次进展通知"))
    promised = now.locator(".clocks li", has_text=say("3 Mar 10:00", "3月3日 10:00"))
    expect(promised).to_contain_text("Mei Lin")

    do(desk, "m", now.locator("summary", has_text=say("Write a message", "写消息")))
    now.get_by_label(say("Subject", "主题")).fill(say("Your bag", "您的行李"))
    now.get_by_label(say("Words", "正文"), exact=True).fill(
        say("Dear Grace,\n\nwe have traced it to Oslo.", "您好：\n\n箱子已查到。")
    )
    now.get_by_role("button", name=say("Send", "发送")).click()
    told(page, say("The message is on its way.", "消息已提交发送。"))
    now.locator("summary", has_text=say("ended deadlines", "已结束的时限")).click()
    kept = now.locator("details .clocks li").filter(has_text="Mei Lin")
    expect(kept).to_contain_text(say("Met", "按时完成"))
    desk.photograph("story-promise-kept")


def approves(scene: Scene, lead: Visitor) -> None:
    say = scene.say
    page = lead.open("/approvals/")
    mine = page.get_by_role("region", name=say("Just came to you", "刚到您处"))
    expect(mine).to_contain_text(scene.caller)
    expect(mine).to_contain_text(say("She stands at a wedding", "她要参加婚礼"))
    lead.photograph("story-approval")
    do(lead, "a", mine.get_by_role("button", name=say("Approve", "批准")))
    told(page, say("Approved. The remedy is granted.", "已批准，补偿已发放。"))


def accepts(scene: Scene, customer: Visitor, case: Case) -> None:
    from tests.web.portal.mail import page_of

    say = scene.say
    page = customer.open(page_of(case))
    given = page.get_by_role("region", name=say("What you get", "给您的补偿"))
    for sum_given in ("300.00", "25.00", "600.00"):
        expect(given).to_contain_text(sum_given)
    expect(page.locator("main")).not_to_contain_text(say("She stands at a wedding", "她要参加婚礼"))
    customer.photograph("story-customer")
    page.get_by_role("radio", name=re.compile("^5")).check(force=True)
    page.get_by_role("button", name=say("Yes, it is put right", "是的，已经解决")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Made good", "已妥善解决"))
    customer.look_over("made good")


def closes(scene: Scene, desk: Visitor) -> None:
    say, page = scene.say, desk.page
    page.reload()
    expect(page.locator(".head-line")).to_contain_text(say("Made good", "已补救"))
    do(desk, "e", page.get_by_role("button", name=say("Close the case", "结案")))
    told(page, say("The case is closed.", "案件已结。"))
    expect(page.locator(".head-line")).to_contain_text(say("Closed", "已结案"))
    desk.look_over("the closed case")
    desk.photograph("story-closed")

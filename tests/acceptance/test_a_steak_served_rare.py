"""A steak ordered medium-well comes rare; the new one is wrong again, so half of the bill goes too, with leave."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import (
    accepts,
    approves,
    closes,
    corrects,
    do,
    does_next,
    opens_case,
    takes_complaint,
    told,
)

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.recover.models import Case

pytestmark = pytest.mark.django_db(transaction=True)

SETTING = Setting(
    pack="restaurant",
    name=("Riverside Grill", "江畔西餐厅"),
    units=[
        ("JP", None, "Riverside Grill", "江畔西餐厅"),
        ("JP-03", "JP", "Riverside Grill, Old Town", "江畔西餐厅老城店"),
    ],
    people=[
        Person(role="front_line", en="Lin Yue", zh="林悦", unit="JP-03"),
        Person(role="supervisor", en="Zhao Li", zh="赵立", unit="JP-03"),
        Person(role="manager", en="Shen Lan", zh="沈岚", unit="JP-03"),
    ],
    begins=datetime(2026, 10, 18, 11, 42, tzinfo=UTC),  # a Sunday evening
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_steak_served_rare_is_made_good_at_the_table(scene: Scene, company: Company) -> None:
    say = scene.say
    case = takes_complaint(
        company,
        "front_line",
        who={say("Name", "姓名"): say("Julia Hart", "顾晓雯"), say("Phone", "电话"): "13917720315"},
        about=say("Table 12", "12号桌"),
        kind=say("Not done as ordered", "熟度与点单不符"),
        facts={
            say("done as ordered", "点单熟度"): say("medium-well", "七分熟"),
            say("done as served", "实际熟度"): say("rare", "三分熟"),
            say("price of the dish", "菜品价格"): "168",
            say("the table's bill", "本桌消费金额"): "688",
        },
        words=say("I said medium-well. This is red inside.", "我要的是七分熟，切开里面还是红的。"),
        channel="counter",
        photo="steak-complaint",
    )
    page = company.at_desk("front_line").page
    expect(page.get_by_role("region", name=say("What happened", "发生了什么"))).to_contain_text(
        say("You ordered your dish medium-well and it came rare.", "您点的是七分熟，端上来的却是三分熟。")
    )
    does_next(
        company, "front_line", say("The dish is cooked anew before all other orders", "优先重做一份，出菜前由专人核对")
    )
    opens_case(company, "supervisor", case)
    does_next(company, "supervisor", say("The floor manager comes to the table", "由楼面经理亲自到桌前致歉"))
    company.machines_work()
    the_new_one_is_wrong_again(scene, company, case)
    off_the_bill = [say("A waiver of CN¥168.00 in fees", "168.00元的费用减免"), say("CN¥344.00", "344.00元")]
    accepts(company, case, shows=off_the_bill, photo="steak-guest")
    not_before_it_was_tasted(scene, company)
    closes(company, "front_line", case, ticks=[say("The guest tried the new dish", "顾客已尝过新上的菜")])
    assert company.settles() == 0  # what is off the bill was never paid, so there is nothing to pay back


def the_new_one_is_wrong_again(scene: Scene, company: Company, case: Case) -> None:
    """The waiter corrects what is known; now the restaurant's manager comes, and half of the bill needs leave."""
    say = scene.say
    page = opens_case(company, "front_line", case)
    corrects(
        company,
        "front_line",
        {say("wrong again after it was redone", "重做后仍然不对"): say("yes", "是")},
        why=say("The new steak came back grey all through.", "重做的那份又煎过了头，客人退了回来。"),
        proposes=[say("the restaurant manager comes", "由店长亲自到桌前"), say("CN¥344.00", "344.00元")],
    )
    expect(page.locator(".head-line")).to_contain_text(say("severe", "严重"))
    company.at_desk("front_line").photograph("steak-corrected")
    asks = say("approval was asked for", "已提交审批")
    does_next(company, "front_line", say("the whole meal is spoilt", "影响的已不只是一道菜"), then=asks)
    approves(company, "supervisor", case, shows=[say("CN¥344.00", "344.00元"), say("Lin Yue", "林悦")])
    opens_case(company, "supervisor", case)
    does_next(company, "supervisor", say("The floor manager stands at the pass", "由楼面经理在出菜口盯着重做"))
    opens_case(company, "manager", case)
    does_next(company, "manager", say("listens first and says sorry", "先倾听，再道歉"))
    company.machines_work()


def not_before_it_was_tasted(scene: Scene, company: Company) -> None:
    say, waiter = scene.say, company.at_desk("front_line")
    waiter.page.reload()
    do(waiter, "e", waiter.page.get_by_role("button", name=say("Close the case", "结案")))
    told(waiter.page, say("The guest tried the new dish", "顾客已尝过新上的菜"))

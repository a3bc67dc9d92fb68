"""A suitcase that is given up for lost: the sum is beyond the counter, and somebody says more than a sum."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, approves, closes, opens_case, takes_complaint, writes

pytestmark = pytest.mark.django_db(transaction=True)

SETTING = Setting(
    pack="airline",
    name=("Northwind Air", "北风航空"),
    units=[
        ("NW", None, "Northwind Air", "北风航空"),
        ("NW-JFK", "NW", "Northwind Air, New York JFK", "北风航空纽约肯尼迪站"),
    ],
    people=[
        Person(role="front_line", en="Mei Lin", zh="林玫", unit="NW-JFK"),
        Person(role="supervisor", en="Sam Carter", zh="卡特", unit="NW-JFK"),
        Person(role="manager", en="Fang Wang", zh="王芳", unit="NW-JFK"),
    ],
    begins=datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
    zone="America/New_York",
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_lost_luggage_is_paid_for_by_leave_of_the_manager(scene: Scene, company: Company) -> None:
    say = scene.say
    passenger = company.knows("P-5521", "Grace Lindqvist", "周雨桐", phone="+12125550147")
    case = takes_complaint(
        company,
        "front_line",
        who=passenger,
        about="BAG-4711",
        kind=say("Lost baggage", "行李丢失"),
        facts={say("The customer's loss", "旅客损失金额"): "1400"},
        words=say("My bag is gone, and nobody calls.", "我的箱子找不到了，也没有人给我打电话。"),
        channel="counter",
    )
    page = company.at_desk("front_line").page
    expect(page.get_by_role("region", name=say("Plan", "补救方案"), exact=True)).to_contain_text("1,400.00")
    approves(company, "manager", case, shows=["1,400.00", "BAG-4711"])
    opens_case(company, "front_line", case)
    letter = say("We know that money is not the bag.", "我们明白，钱换不回箱子里的东西。")
    writes(company, "front_line", say("Your bag", "关于您的行李"), letter)
    company.machines_work()
    assert any(letter in one for one in company.letters(passenger))
    accepts(company, case, shows=["1,400.00"], photo="luggage-customer")
    closes(company, "front_line", case)
    assert company.settles() == 1_400

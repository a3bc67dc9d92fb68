"""A telephone broke, was exchanged, and broke again: somebody who may decide calls, and the customer chooses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, closes, corrects, does_next, opens_case, takes_complaint

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.recover.models import Case

pytestmark = pytest.mark.django_db(transaction=True)

SETTING = Setting(
    pack="telecom",
    name=("Clearline", "明线通信"),
    units=[("CL", None, "Clearline", "明线通信"), ("CL-NJ", "CL", "Clearline Nanjing", "明线通信南京分公司")],
    people=[
        Person(role="front_line", en="Xu Wen", zh="徐雯", unit="CL-NJ"),
        Person(role="supervisor", en="Gao Peng", zh="高鹏", unit="CL-NJ"),
        Person(role="manager", en="Song Yi", zh="宋怡", unit="CL-NJ"),
    ],
    begins=datetime(2026, 6, 1, 2, 10, tzinfo=UTC),  # ten past ten on a Monday
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_machine_sold_twice_broken_is_the_customers_choice(scene: Scene, company: Company) -> None:
    say = scene.say
    customer = company.knows("T-90815", "Peter Novak", "马建平", phone="+8613851440815")
    device = say("Aster 12, bought 12 April", "星野12手机（4月12日购）")
    case = takes_complaint(
        company,
        "front_line",
        who=customer,
        about=device,
        kind=say("Exchanged device broken again", "换过的机器又坏了"),
        facts={
            say("price of the device", "机器价格"): "5999",
            say("how often it broke", "出故障次数"): "2",
            say("days since it was bought", "购买后天数"): "50",
        },
        words=say("You exchanged it three weeks ago. Dead again.", "三周前才给我换的，又黑屏了，我还怎么信你们？"),
        channel="counter",
    )
    page = company.at_desk("front_line").page
    expect(page.locator("main")).to_contain_text(
        say(f"{device} has now broken 2 times", f"{device}已经换过或修过，却第2次出现故障。")
    )
    does_next(company, "front_line", say("Nobody is left without a device", "处理期间提供备用机"))
    the_supervisor_calls_and_hears_what_they_choose(scene, company, case)
    company.machines_work()
    accepts(company, case, shows=[say("CN¥200.00", "200.00元")], photo="machine-customer")
    closes(company, "supervisor", case, ticks=[say("The customer was asked", "已请顾客选择")])
    assert company.settles() == 200


def the_supervisor_calls_and_hears_what_they_choose(scene: Scene, company: Company, case: Case) -> None:
    """Until we know better, the price goes back; but he would rather have a telephone that works."""
    say = scene.say
    page = opens_case(company, "supervisor", case)
    plan = page.get_by_role("region", name=say("Plan", "补救方案"), exact=True)
    expect(plan).to_contain_text(say("CN¥5,999.00", "5,999.00元"))
    does_next(company, "supervisor", say("asks what the customer would like", "问顾客想怎么办"))
    corrects(
        company,
        "supervisor",
        {say("what the customer chooses", "顾客的选择"): say("a better model", "换更好的型号")},
        why=say("He said so on the telephone.", "顾客在电话里说想换一台更好的。"),
        proposes=[
            say("A better model of the customer's choice", "由顾客挑选更好的型号"),
            say("5,999.00", "5,999.00元"),
        ],
    )
    company.at_desk("supervisor").photograph("machine-replanned")
    does_next(
        company,
        "supervisor",
        say("For the trips to the shop", "弥补顾客来回跑营业厅"),
        say("A better model of the customer's choice", "由顾客挑选更好的型号"),
    )

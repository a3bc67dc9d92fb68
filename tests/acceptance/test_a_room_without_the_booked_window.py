"""A room with a window was booked, one without was given, and the house is full: three nights, a guest at the desk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import (
    accepts,
    approves,
    closes,
    does_next,
    opens_case,
    panel,
    takes_complaint,
)

pytestmark = pytest.mark.django_db(transaction=True)

SETTING = Setting(
    pack="hotel",
    name=("Lakeside Hotels", "湖畔酒店集团"),
    units=[
        ("LH", None, "Lakeside Hotels", "湖畔酒店集团"),
        ("LH-HZ", "LH", "Lakeside Hotel Hangzhou", "湖畔酒店杭州店"),
    ],
    people=[
        Person(role="front_line", en="Chen Jia", zh="陈佳", unit="LH-HZ"),
        Person(role="supervisor", en="Wu Heng", zh="吴恒", unit="LH-HZ"),
    ],
    begins=datetime(2026, 7, 9, 13, 20, tzinfo=UTC),  # twenty past nine in the evening
)
BOOKING = "LH-77120"


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_room_without_the_booked_window_is_paid_back_and_the_desk_asks_for_leave(
    scene: Scene, company: Company
) -> None:
    say = scene.say
    guest = company.knows("H-4402", "Daniel Okafor", "何静怡", phone="+8613600571402")
    company.hears(serves=[(BOOKING, guest.reference, {"room_rate": 680, "nights": 3})])
    case = takes_complaint(
        company,
        "front_line",
        who=guest,
        about=BOOKING,
        kind=say("Room not as booked", "房间与预订不符"),
        facts={
            say("what the room lacks", "房间与预订不符之处"): say("no window", "没有窗户"),
            say("another room tonight", "今晚能否换房"): say("none is free", "没有空房"),
            say("difference in price", "房费差价"): "360",
        },
        words=say("I booked a window. This is a cupboard.", "我订的是有窗的房间，这间连窗户都没有，闷得很。"),
        channel="counter",
    )
    page = company.at_desk("front_line").page
    expect(page.locator("main")).to_contain_text(
        say("You had booked a room with a window", "您预订的LH-77120是有窗房，安排给您的房间却没有窗。")
    )
    does_next(company, "front_line", say("nobody pays for what they did not get", "没有得到的部分不应收费"))
    now = panel(scene, page)
    does_next(
        company,
        "front_line",
        say("the disappointment is ours", "客人的失望也要由我们弥补"),
        then=say("approval was asked for", "已提交审批"),
    )
    expect(now).to_contain_text(say("with Wu Heng", "吴恒"))
    company.at_desk("front_line").photograph("window-waits")
    approves(company, "supervisor", case, shows=[BOOKING, guest.name])
    opens_case(company, "supervisor", case)
    does_next(company, "supervisor", say("says sorry in person", "上门当面致歉"))
    company.machines_work()
    accepts(company, case, shows=[say("CN¥360.00", "360.00元")], photo="window-guest")
    closes(company, "front_line", case, ticks=[say("All free rooms of tonight", "已查看今晚所有空房")])
    assert company.settles() == 360

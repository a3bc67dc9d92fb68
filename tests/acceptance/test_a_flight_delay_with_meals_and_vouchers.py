"""A flight leaves over four hours late: found before a passenger says a word; letters, meals and money for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from amends.kernel.text_message import MOST_SEGMENTS, length_of
from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, closes, finds_in_list, gives, takes

pytestmark = pytest.mark.django_db(transaction=True)

DEPARTS = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
LATE = timedelta(minutes=270)
SETTING = Setting(
    pack="airline",
    name=("Northwind Air", "北风航空"),
    units=[
        ("NW", None, "Northwind Air", "北风航空"),
        ("NW-JFK", "NW", "Northwind Air, New York JFK", "北风航空纽约肯尼迪站"),
    ],
    people=[Person(role="front_line", en="Mei Lin", zh="林玫", unit="NW-JFK")],
    begins=DEPARTS - timedelta(hours=5),
    zone="America/New_York",
)
FLIGHT = "NW318/2026-03-02/JFK-SFO"


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_flight_delay_brings_letters_meals_and_money_before_anybody_complains(scene: Scene, company: Company) -> None:
    from amends.recover.models import Case, Voucher

    say = scene.say
    passengers = [
        company.knows("P-1", "Grace Lindqvist", "周雨桐", phone="+12125550147"),
        company.knows("P-2", "Omar Haddad", "郑凯", phone="+12125550148"),
    ]
    known = {"distance_km": 4_150, "domestic": True}
    scheduled = {"depart_due": DEPARTS.isoformat(), "arrive_due": (DEPARTS + timedelta(hours=6)).isoformat(), **known}
    company.hears(
        {"type": "flight.scheduled", "subject": FLIGHT, "time": SETTING.begins, "unit": "NW-JFK", "data": scheduled},
        serves=[(FLIGHT, one.reference, {"fare": 420.0}) for one in passengers],
    )
    company.it_is(DEPARTS + LATE)
    departed = {"minutes_late": LATE.seconds // 60, **known}
    company.hears(
        {"type": "flight.departed", "subject": FLIGHT, "time": DEPARTS + LATE, "unit": "NW-JFK", "data": departed}
    )
    company.it_is(DEPARTS + LATE + timedelta(minutes=11))  # ten are left for signals that come late
    company.watches()
    company.machines_work()
    cases = list(Case.objects.select_related("customer").order_by("customer__reference"))
    assert [case.customer for case in cases] == passengers
    for passenger in passengers:
        (text,) = company.words_by("sms", passenger)
        assert text.address == {"P-1": "+12125550147", "P-2": "+12125550148"}[passenger.reference]
        assert text.body.startswith(say("Northwind Air: ", "【北风航空】"))
        assert say("We are sorry", "非常抱歉") in text.body
        assert length_of(text.body).segments <= MOST_SEGMENTS
        by_email = company.words_by("email", passenger)
        assert by_email
        assert {one.address for one in by_email} == {f"{passenger.reference.lower()}@example.test"}
        assert all(say("Dear", "您好") in one.body for one in by_email)
        letters = "\n".join(company.letters(passenger))
        assert FLIGHT in letters
        for worth in (say("$30.00", "30.00美元"), say("$600.00", "600.00美元")):
            assert worth in letters
    page = finds_in_list(company, "front_line", cases[0])
    expect(page.locator("main")).to_contain_text(say("text message ·", "短信 ·"))
    expect(page.locator("main")).to_contain_text(say("needs two meals", "需要两餐"))
    takes(company, "front_line")
    gives(company, "front_line", "v", say("Small voucher", "小额代金券"))
    company.machines_work()
    meal, money = say("A voucher over $30.00", "30.00美元代金券"), say("A payment of $600.00", "600.00美元现金补偿")
    sign = say("A voucher over $25.00", "25.00美元代金券")
    accepts(company, cases[0], shows=[meal, money, sign], photo="delay-passenger")
    closes(company, "front_line", cases[0])
    assert Voucher.objects.filter(state="open").count() == 3  # two meals for each of them, and the sign of regret
    assert company.settles() == 1_200

"""A mobile cell is slow for all who hang on it: seen by its measurements, tuned for all, days of the fee come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, closes, do, does_next, finds_in_list, takes, told

pytestmark = pytest.mark.django_db(transaction=True)

MEASURED = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)  # eight in the evening
SETTING = Setting(
    pack="telecom",
    name=("Clearline", "明线通信"),
    units=[("CL", None, "Clearline", "明线通信"), ("CL-NJ", "CL", "Clearline Nanjing", "明线通信南京分公司")],
    people=[
        Person(role="front_line", en="Xu Wen", zh="徐雯", unit="CL-NJ"),
        Person(role="supervisor", en="Gao Peng", zh="高鹏", unit="CL-NJ"),
    ],
    begins=MEASURED,
)
CELL = "NJ-0421-3"
LINES = (  # reference, name, share of the promised speed, days
    ("T-1", ("Olive Grant", "罗玉兰"), 30, 3),
    ("T-2", ("Peter Novak", "马建平"), 35, 2),
    ("T-3", ("Ida Holm", "何依依"), 40, 1),
    ("T-4", ("Ben Otieno", "白小川"), 60, 0),  # noticed it, hardly
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_slow_cell_is_found_as_one_cause_and_made_good_to_each(scene: Scene, company: Company) -> None:
    from amends.monitor.models import Failure
    from amends.recover.models import Case

    say = scene.say
    customers = {one: company.knows(one, *name) for one, name, *_ in LINES}
    signals = [
        {
            "type": "speed.measured",
            "subject": say(f"line {one}", f"号码{one}"),
            "time": MEASURED + timedelta(minutes=number),
            "unit": "CL-NJ",
            "data": {
                "measured_mbps": share, "promised_mbps": 100, "speed_percent": share, "days_slow": days,
                "access": "mobile", "cell": CELL,
            },
        }
        for number, (one, _, share, days) in enumerate(LINES)
    ]  # fmt: skip
    company.hears(
        *signals,
        serves=[
            (signal["subject"], one, {"monthly_fee": 100}) for signal, (one, *_) in zip(signals, LINES, strict=True)
        ],
    )
    company.it_is(MEASURED + timedelta(minutes=15))
    company.watches()
    company.machines_work()
    assert Failure.objects.count() == len(LINES)
    cases = list(Case.objects.select_related("customer").order_by("customer__reference"))
    assert [case.customer.reference for case in cases] == ["T-1", "T-2", "T-3"]
    (letter,) = company.letters(customers["T-4"])  # told, without a case
    assert say("We are sorry", "抱歉") in letter

    the_cell_is_seen_as_the_cause(scene, company)
    page = finds_in_list(company, "front_line", cases[0])
    expect(page.locator("main")).to_contain_text(CELL)
    takes(company, "front_line")
    does_next(company, "front_line", say("takes the crowded cell on", "转网优处理拥塞小区"))
    company.machines_work()
    accepts(company, cases[0], shows=[say("CN¥24.00", "24.00元")], photo="network-customer")
    closes(company, "front_line", cases[0], ticks=[say("The speed was measured again", "已复测网速")])
    company.settles()


def the_cell_is_seen_as_the_cause(scene: Scene, company: Company) -> None:
    """The supervisor finds the suggestion among the incidents: four lines, one cell; and confirms it."""
    say, lead = scene.say, company.at_desk("supervisor")
    page = lead.open("/incidents/", accessible=False)
    page.locator(".alarm a").click()
    page.get_by_role("link", name=say("Slow network", "网速慢")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(CELL)
    lead.photograph("network-candidate")
    do(lead, "a", page.get_by_role("button", name=say("Confirm", "确认")))
    told(page, say("it is one incident", "已确认为同一群体事件"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(say("Slow network", "网速慢"))

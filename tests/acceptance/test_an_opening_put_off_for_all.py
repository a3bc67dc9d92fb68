"""A new restaurant opens a week late: all who had reserved hear it at once, who paid or feasts has a case each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, closes, does_next, finds_in_list, takes

pytestmark = pytest.mark.django_db(transaction=True)

TOLD = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)  # ten on Monday morning; the opening was to be on Sunday
SETTING = Setting(
    pack="restaurant",
    name=("Riverside Grill", "江畔西餐厅"),
    units=[
        ("JP", None, "Riverside Grill", "江畔西餐厅"),
        ("JP-07", "JP", "Riverside Grill, New Harbour", "江畔西餐厅新港店"),
    ],
    people=[
        Person(role="front_line", en="Lin Yue", zh="林悦", unit="JP-07"),
        Person(role="supervisor", en="Zhao Li", zh="赵立", unit="JP-07"),
    ],
    begins=TOLD,
)
GUESTS = (  # reference, name, what is known of the reservation
    ("R-1", ("Julia Hart", "顾晓雯"), {"party_size": 2, "deposit": 300}),
    ("R-2", ("Tom Blake", "傅天明"), {"party_size": 4, "deposit": 0, "occasion": "birthday", "notice_days": 6}),
    ("R-3", ("Ida Holm", "何依依"), {"party_size": 2, "deposit": 0}),
    ("R-4", ("Ben Otieno", "白小川"), {"party_size": 3, "deposit": 0}),
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_an_opening_put_off_is_told_to_all_and_made_good_to_those_who_paid_or_feast(
    scene: Scene, company: Company
) -> None:
    from amends.recover.models import Case

    say = scene.say
    opening = say("the opening of New Harbour", "新港店开业")
    guests = {one: company.knows(one, *name) for one, name, _ in GUESTS}
    told = {"days_postponed": 7, "new_date": "2026-10-25"}
    signal = {"type": "opening.postponed", "subject": opening, "time": TOLD, "unit": "JP-07", "data": told}
    company.hears(signal, serves=[(opening, one, known) for one, _, known in GUESTS])
    company.it_is(TOLD + timedelta(minutes=6))
    company.watches()
    company.machines_work()
    paid, birthday = Case.objects.select_related("customer").order_by("customer__reference")
    assert (paid.customer, birthday.customer) == (guests["R-1"], guests["R-2"])
    for one in ("R-3", "R-4"):  # no case, one letter, at the same time as all others
        (letter,) = company.letters(guests[one])
        assert say("Whoever had reserved comes first", "已预订的顾客优先改期") in letter
    page = company.at_home_of(guests["R-3"])
    expect(page.locator("main")).to_contain_text("2026-10-25")

    accepts(company, paid, shows=[say("CN¥300.00", "300.00元"), say("CN¥48.00", "48.00元")], photo="opening-guest")
    finds_in_list(company, "supervisor", birthday)
    takes(company, "supervisor")
    does_next(company, "supervisor", say("A birthday cannot be put off by letter", "生日、纪念日不是一封信就能改期的"))
    company.machines_work()
    accepts(company, birthday, shows=[say("CN¥128.00", "128.00元")])
    new_day = say("The guest has a new day", "顾客已确认新的日子")
    deposit = say("The deposit has gone back", "定金已按原支付方式退回")
    for case in (paid, birthday):
        closes(company, "supervisor", case, ticks=[new_day, deposit])
    assert company.settles() == 300

"""A phone bill with a service on it that nobody ordered: seen as it goes out, taken back double, and gone through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, closes, does_next, finds_in_list, takes

pytestmark = pytest.mark.django_db(transaction=True)

BILLED = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)  # nine in the morning
SETTING = Setting(
    pack="telecom",
    name=("Clearline", "明线通信"),
    units=[("CL", None, "Clearline", "明线通信"), ("CL-NJ", "CL", "Clearline Nanjing", "明线通信南京分公司")],
    people=[Person(role="front_line", en="Xu Wen", zh="徐雯", unit="CL-NJ")],
    begins=BILLED,
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_an_unclear_phone_bill_is_explained_and_what_was_never_ordered_comes_back_double(
    scene: Scene, company: Company
) -> None:
    from amends.recover.models import Case

    say = scene.say
    customer = company.knows("T-20417", "Olive Grant", "罗玉兰", phone="+8613951820417")
    bill = say("bill 2026-05 of 139 5182 0417", "139 5182 0417的2026年5月账单")
    known = {"billed": 174, "quoted": 129, "loss_amount": 45, "charge_kind": "unordered_service"}
    signal = {"type": "bill.issued", "subject": bill, "time": BILLED, "unit": "CL-NJ", "data": known}
    company.hears(signal, serves=[(bill, customer.reference, {"monthly_fee": 129})])
    company.it_is(BILLED + timedelta(minutes=11))  # ten are left for signals that come late
    company.watches()
    company.machines_work()
    case = Case.objects.select_related("customer").get()
    assert any(say("CN¥90.00", "90.00元") in letter for letter in company.letters(customer))
    page = finds_in_list(company, "front_line", case)
    expect(page.locator("main")).to_contain_text(say("a service that was never ordered", "未订购的增值业务"))
    takes(company, "front_line")
    does_next(
        company,
        "front_line",
        say("What was never ordered is removed at once", "没有订购的业务立即退订"),
        say("Whoever pays a bill may know what each line is for", "付了钱就该明白付在哪里"),
    )
    company.machines_work()
    accepts(company, case, shows=[say("CN¥90.00", "90.00元")], photo="bill-customer")
    closes(company, "front_line", case, ticks=[say("Every line in question was explained", "有疑问的费用已逐项讲清")])
    assert company.settles() == 90

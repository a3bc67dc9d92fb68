"""A parcel promised by ten the next morning: the carrier sees first that it is late and says so unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import accepts, closes, does_next, finds_in_list, opens_case, takes

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.people.models import Customer
    from amends.recover.models import Case

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPTED = datetime(2026, 6, 2, 7, 40, tzinfo=UTC)  # twenty to four in Hangzhou
PROMISED = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)  # ten the next morning
SETTING = Setting(
    pack="express",
    name=("Swallow Express", "飞燕速运"),
    units=[
        ("SW", None, "Swallow Express", "飞燕速运"),
        ("SW-HZ", "SW", "Swallow Express Hangzhou", "飞燕速运杭州分拨中心"),
    ],
    people=[
        Person(role="front_line", en="Tang Fei", zh="唐菲", unit="SW-HZ"),
        Person(role="supervisor", en="Qian Wei", zh="钱伟", unit="SW-HZ"),
    ],
    begins=ACCEPTED,
)
WAYBILL = "SW7720061943"


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_parcel_promised_by_ten_is_missed_before_its_customer_complains(scene: Scene, company: Company) -> None:
    say = scene.say
    customer = company.knows("E-61943", "Laura Chen", "蒋丽", phone="+8613757161943")
    case = the_carrier_sees_it_first(company, customer)
    company.machines_work()
    letters = "\n".join(company.letters(customer))
    assert WAYBILL in letters
    assert say("Dear Laura Chen", "蒋丽，您好") in letters
    page = finds_in_list(company, "front_line", case)
    expect(page.locator("main")).to_contain_text(say("What is in the parcel cannot wait", "等不起"))
    takes(company, "front_line")
    does_next(
        company,
        "front_line",
        say("they hear a voice", "要有人打电话过去"),
        say("The customer names the window that suits them", "由顾客选定方便的时段重新派送"),
    )
    company.it_is(PROMISED + timedelta(minutes=85))
    delivered = PROMISED + timedelta(minutes=80)
    company.hears({"type": "parcel.delivered", "subject": WAYBILL, "time": delivered, "unit": "SW-HZ"})
    opens_case(company, "front_line", case)
    does_next(company, "front_line", say("brought by a courier of its own", "安排专人专送"))
    company.machines_work()
    accepts(company, case, shows=["23.00"], photo="parcel-customer")
    closes(company, "front_line", case)
    assert company.settles() == 0  # the postage is waived, so nothing is paid out


def the_carrier_sees_it_first(company: Company, customer: Customer) -> Case:
    """Accepted in the afternoon, not delivered by ten: nobody has said a word yet."""
    from amends.recover.models import Case

    known = {"product": "next_morning", "contents": "deadline_document", "postage": 23}
    company.hears(
        {"type": "parcel.accepted", "subject": WAYBILL, "time": ACCEPTED, "unit": "SW-HZ", "data": known},
        serves=[(WAYBILL, customer.reference, known)],
    )
    company.watches()
    assert not Case.objects.exists()
    company.it_is(PROMISED + timedelta(minutes=11))  # ten minutes are left for signals that come late
    company.watches()
    return Case.objects.select_related("customer").get()

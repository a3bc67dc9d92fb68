"""Messages in the customer's language: names, money and times in the form that the reader expects."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.settling import Remedy
from amends.kernel.text import Localised, MissingFactError
from amends.recover.core.words import Told, amount_of, local_time, one_letter, rendered

PACK = load_shipped("airline")
ZONE = ZoneInfo("America/New_York")
TOLD = Told(
    name="王小明",
    company=Localised(en="Test Air", zh="测试航空"),
    subject="UA 1",
    what_happened=Localised(en="UA 1 ran 200 minutes late.", zh="UA 1晚点200分钟。"),
    cause=Localised(en="The cause was ours.", zh="原因在我们。"),
    amount=amount_of(Decimal(1250), "USD"),
    remedy="cash",
    by_when=datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
    case="7",
    link="https://example.com/mine/x",
)


def test_times_are_local_and_in_the_form_of_the_language():
    after_the_spring_change = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert local_time(after_the_spring_change, locale="en", zone=ZONE) == "8 March 2026, 03:30"
    assert local_time(after_the_spring_change, locale="zh-CN", zone=ZONE) == "2026年3月8日03:30"


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_every_template_of_the_pack_can_be_filled_in_both_languages(locale):
    for template in PACK.templates.values():
        subject, body = rendered(template, TOLD, locale=locale, zone=ZONE)
        assert "{" not in subject + body
        assert ("您" in body) == (locale == "zh-CN")


def test_money_reads_as_the_customer_expects():
    template = PACK.templates["compensation"]
    assert "$1,250.00" in "".join(rendered(template, TOLD, locale="en", zone=ZONE))
    assert "1,250.00美元" in "".join(rendered(template, TOLD, locale="zh-CN", zone=ZONE))


SAID = {
    "refund": ("a refund of $1,250.00", "1,250.00美元退款"),
    "discount": ("a discount of $1,250.00", "1,250.00美元优惠"),
    "voucher": ("a voucher over $1,250.00", "1,250.00美元代金券"),
    "points": ("points worth $1,250.00", "价值1,250.00美元的积分"),
    "gift": ("a gift worth $1,250.00", "价值1,250.00美元的礼品"),
    "waiver": ("a waiver of $1,250.00 in fees", "1,250.00美元的费用减免"),
    "upgrade": ("an upgrade worth $1,250.00", "价值1,250.00美元的升级"),
    "cash": ("a payment of $1,250.00", "1,250.00美元现金补偿"),
}


@pytest.mark.parametrize("pack", ["airline", "bank", "express", "hotel", "restaurant", "telecom"])
@pytest.mark.parametrize("remedy", list(get_args(Remedy)))
def test_each_remedy_is_announced_as_what_it_is(pack, remedy):
    template = load_shipped(pack).templates["compensation"]
    for locale, said in zip(("en", "zh-CN"), SAID[remedy], strict=True):
        subject, body = rendered(template, TOLD._replace(remedy=remedy), locale=locale, zone=ZONE)
        assert said in subject
        assert said in body
        assert "1,250.00" not in (subject + body).replace(said, "")


def test_a_template_that_speaks_of_what_is_not_there_is_an_error_that_names_it():
    nothing_given = TOLD._replace(amount=None, remedy="")
    with pytest.raises(MissingFactError, match="given"):
        rendered(PACK.templates["compensation"], nothing_given, locale="en", zone=ZONE)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_letters_of_one_moment_become_one_that_greets_once_and_closes_once(locale):
    bodies = [
        rendered(PACK.templates[key], TOLD, locale=locale, zone=ZONE)[1]
        for key in ("apology", "explanation", "compensation", "meal-voucher", "rebooking")
    ]
    letter = one_letter(bodies)
    paragraphs = letter.split("\n\n")
    assert len(paragraphs) == len(set(paragraphs))
    assert letter.count(TOLD.name) == letter.count(TOLD.link) == 1
    assert letter.startswith(bodies[0].split("\n\n")[0])
    assert letter.endswith(bodies[-1].split("\n\n")[-1])
    assert all(paragraph in letter for body in bodies for paragraph in body.split("\n\n"))


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_a_letter_names_its_subject_once_or_twice_joined_or_alone(locale):
    bodies = {
        key: rendered(template, TOLD, locale=locale, zone=ZONE)[1]
        for key, template in PACK.templates.items()
        if {"case", "company"} <= set(template.variables)  # what customers get of their case
    }
    for body in bodies.values():
        assert 1 <= body.count(TOLD.subject) <= 2, body
    together = ["apology", "explanation", "refund", "compensation", "meal-voucher", "rebooking", "progress"]
    letter = one_letter([bodies[key] for key in together])
    assert letter.count(TOLD.subject) == 2, letter


def test_a_letter_alone_stays_as_it_is():
    assert one_letter(["Dear Ann,\n\nwe are sorry.\n\nTest Air"]) == "Dear Ann,\n\nwe are sorry.\n\nTest Air"


def test_what_two_letters_say_alike_in_their_midst_is_said_twice_since_it_may_be_two_vouchers():
    voucher = "Dear Ann,\n\nhere is a voucher.\n\n{}\n\nTest Air"
    told = one_letter([voucher.format("Eat well."), voucher.format("Drink well.")])
    assert told == "Dear Ann,\n\nhere is a voucher.\n\nEat well.\n\nDrink well.\n\nTest Air"
    assert one_letter(["Dear Ann,\n\nx\n\nAir", "Dear Ann,\n\nx\n\ny\n\nAir"]) == "Dear Ann,\n\nx\n\ny\n\nAir"

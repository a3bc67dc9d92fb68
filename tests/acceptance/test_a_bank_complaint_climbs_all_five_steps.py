"""A loan repaid early was to cost nothing, so it was said: from the counter to the board, till a recording turns up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.field import SCENES, Company, Person, Scene, Setting
from tests.acceptance.screens import (
    accepts,
    approves,
    closes,
    corrects,
    does_next,
    objects,
    opens_case,
    takes_complaint,
    writes,
)

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.recover.models import Case

pytestmark = pytest.mark.django_db(transaction=True)

SETTING = Setting(
    pack="bank",
    name=("Harbour Bank", "海港银行"),
    units=[
        ("HB", None, "Harbour Bank", "海港银行"),
        ("HB-NB", "HB", "Harbour Bank, Ningbo branch", "海港银行宁波分行"),
        ("HB-NB-02", "HB-NB", "Harbour Bank, Ningbo Riverside", "海港银行宁波江滨支行"),
    ],
    people=[
        Person(role="front_line", en="Ding Ning", zh="丁宁", unit="HB-NB-02"),
        Person(role="supervisor", en="Fang Rui", zh="方睿", unit="HB-NB-02"),
        Person(role="manager", en="Pan Yun", zh="潘云", unit="HB-NB"),
        Person(role="quality_owner", en="Cai Min", zh="蔡敏"),
        Person(role="executive", en="Luo Jing", zh="罗靖"),
    ],
    begins=datetime(2026, 7, 15, 2, 30, tzinfo=UTC),  # a Wednesday, half past ten
)
LADDER = ("supervisor", "manager", "quality_owner", "executive")  # who answers one objection after another


@pytest.mark.early
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_bank_complaint_climbs_all_five_steps_and_ends_with_the_whole_sum(scene: Scene, company: Company) -> None:
    say = scene.say
    customer = company.knows("B-30271", "Martin Weber", "沈国梁", phone="+8613957430271")
    case = takes_complaint(
        company,
        "front_line",
        who=customer,
        about=say("the home loan 7731", "尾号7731的住房贷款"),
        kind=say("Wrong charge", "误收费用"),
        facts={
            say("what the charge was for", "收费项目"): say("early repayment of a loan", "提前还款违约金"),
            say("charged", "已收金额"): "6800",
            say("what the customer was promised", "关于免收费用的承诺"): say(
                "promised by word of mouth", "口头承诺，暂未查到记录"
            ),
        },
        words=say(
            "Your man said it was free. I have no paper.", "当时经理亲口说不收违约金，现在说没有记录，就不认了？"
        ),
        channel="counter",
    )
    half_is_given_with_leave(scene, company, case)
    for role in LADDER:
        company.it_is(case.opened_at + timedelta(days=1 + LADDER.index(role)))
        climbs(scene, company, case, role)
    the_recording_is_found(scene, company, case)
    page = accepts(company, case, shows=["3,400.00", "204.00"], photo="bank-customer")
    expect(page.locator(".rungs")).to_contain_text(say("Luo Jing", "罗靖"))
    looked = say("Recordings, chats and contract", "已调阅录音")
    closes(company, "front_line", case, ticks=[looked, say("A second person checked", "已由第二人复核")])
    assert company.settles() == 6_800 + 204


def half_is_given_with_leave(scene: Scene, company: Company, case: Case) -> None:
    """What was said and cannot be found is met half way, at once, by leave of the head of the branch."""
    say = scene.say
    does_next(
        company,
        "front_line",
        say("The records of what was promised are looked for by us", "由我们调阅录音和记录核实承诺"),
        say("A clear answer in writing", "书面答复写清核查结果"),
        say("The charge is put right in the system", "在系统中更正收费设置"),
        say("The customer never bears our mistake", "我们的失误，不应由客户承担"),
        then=say("approval was asked for", "已提交审批"),
    )
    approves(company, "supervisor", case, shows=["3,400.00"])
    opens_case(company, "supervisor", case)
    does_next(company, "supervisor", say("asks who promised what", "先听客户讲清楚是谁"))


def climbs(scene: Scene, company: Company, case: Case, role: str) -> None:
    """The customer is not content; the next one up has the case, is named where the bank names them, and answers."""
    say = scene.say
    company.machines_work()
    number = LADDER.index(role) + 2
    page = objects(
        company, case, say(f"Half is not what was promised. ({number})", f"说好全免，退一半算什么？（{number}）")
    )
    here = page.locator(".rungs li.is-now")
    expect(here).to_contain_text(say("Responsible now", "目前负责"))
    expect(here.locator(".rung-number")).to_have_text(str(number))
    case.refresh_from_db()
    assert (case.state, case.owner) == ("objected", company.staff[role])
    if role in {"quality_owner", "executive"}:
        expect(here).to_contain_text(company.staff[role].name)
    if role == LADDER[-1]:
        return
    opens_case(company, role, case)
    writes(
        company,
        role,
        say("Your loan", "关于您的贷款"),
        say("We looked and found nothing yet.", "我们又查了一遍，暂未找到记录，会继续核实。"),
    )
    case.refresh_from_db()
    assert case.state != "objected"


def the_recording_is_found(scene: Scene, company: Company, case: Case) -> Page:
    """It is a promise on record, so the other half is due, too, and the use of the money."""
    say = scene.say
    page = opens_case(company, "executive", case)
    corrects(
        company,
        "executive",
        {
            say("what the customer was promised", "关于免收费用的承诺"): say(
                "promised and on record", "有承诺且有记录"
            ),
            say("half of the charge was given back", "已先退还一半费用"): say("yes", "是"),
        },
        why=say("The recording of 3 March has it.", "3月3日的通话录音里确有承诺。"),
        proposes=["3,400.00", "204.00"],
    )
    company.at_desk("executive").photograph("bank-corrected")
    does_next(
        company,
        "executive",
        say("The promise was found", "承诺已经查实"),
        say("Money that was with us", "钱被我们占用了一段时间"),
    )
    writes(
        company, "executive", say("We found it", "录音找到了"), say("You were right.", "您说得对，是我们没有兑现承诺。")
    )
    return page

"""What people do at the screens in the field's stories: by keys at a desk, by thumb on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.people.models import Customer
    from amends.recover.models import Case
    from tests.acceptance.field import Company, Scene
    from tests.web.console.browsing import Visitor


DONE = re.compile(r"/actions/\d+/do/$")


def told(page: Page, words: str) -> None:
    """The page says that it was done."""
    expect(page.locator("#notes")).to_contain_text(words)


def do(visitor: Visitor, key: str, button: Locator) -> None:
    """By its key at a desk, by thumb on a phone; what the button says is its key."""
    expect(button).to_be_visible()
    if visitor.size == "phone":
        button.click()
        return
    expect(button.locator("kbd").first).to_have_text(key.upper())
    visitor.page.wait_for_load_state("domcontentloaded")  # before that nobody listens to keys
    visitor.page.keyboard.press(key)


def panel(scene: Scene, page: Page) -> Locator:
    """What can be done now."""
    return page.get_by_role("complementary", name=scene.say("What can I do now", "现在可以做什么"))


def takes_complaint(
    company: Company,
    role: str,
    *,
    who: Customer | Mapping[str, str],
    about: str,
    kind: str,
    facts: Mapping[str, str],
    words: str,
    channel: str = "phone",
    photo: str = "",
) -> Case:
    """Take down what a customer says; each fact by what its field is called, and by what is chosen or typed.

    Args:
        company: whose.
        role: who listens.
        who: the customer; of one whom the company does not know yet, what the form asks.
        about: what it is about: one of what they have, or something else.
        kind: what the kind of failure is called.
        facts: what is asked of it.
        words: the customer's own.
        channel: how it reached us: phone or counter.
        photo: look the filled form over, and keep it under this name.
    """
    from amends.recover.models import Case

    say, visitor = company.scene.say, company.at_desk(role)
    known = not isinstance(who, Mapping)
    page = visitor.open(f"/complaints/new/{f'?customer={who.pk}' if known else ''}", accessible=False)
    if not known:
        for label, text in who.items():
            page.get_by_label(label, exact=True).first.fill(text)
    _says_what_about(page, about)
    with page.expect_response(re.compile("/complaints/facts/")):
        page.locator("#kind").select_option(label=kind)
    for label, text in facts.items():
        _answers(page.locator("#facts"), label, text)
    page.locator("#words").fill(words)
    page.locator(f"input[name=channel][value={channel}]").check()
    if photo:
        page.evaluate("scrollTo(0, 0)")  # what lies half below the sticky head is no target
        visitor.look_over("the complaint")
        visitor.photograph(photo)
    if visitor.size == "phone":
        page.get_by_role("button", name=say("Take it down and plan", "登记并生成方案")).click()
    else:
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/cases/*/")
    told(page, say("the case is yours", "案件由您负责"))
    return Case.objects.select_related("customer").get(pk=int(page.url.rstrip("/").rpartition("/")[2]))


def _says_what_about(page: Page, about: str) -> None:
    offered = page.locator(f'#subject option[value="{about}"]')
    if offered.count():
        page.locator("#subject").select_option(about)
    else:
        page.locator("#subject-other").fill(about)


def _answers(asked: Locator, label: str, text: str) -> None:
    """A field is a choice, a question of yes or no, or a sum, number or word."""
    group = asked.get_by_role("group", name=label)
    if group.count():
        group.get_by_label(text, exact=True).check()
        return
    one = asked.get_by_label(label).first
    if one.evaluate("field => field.tagName") == "SELECT":
        one.select_option(label=text)
    else:
        one.fill(text)


def opens_case(company: Company, role: str, case: Case) -> Page:
    """One of our people goes to the case from their list, as it is now."""
    visitor = company.at_desk(role)
    return visitor.open(f"/cases/{case.pk}/", accessible=False)


def finds_in_list(company: Company, role: str, case: Case) -> Page:
    """What the monitor found stands in the list; a row leads to the case's page."""
    visitor = company.at_desk(role)
    page = visitor.open("/cases/", accessible=False)
    row = page.locator(f"#case-{case.pk}")
    expect(row).to_contain_text(case.subject)
    page.goto(visitor.address + (row.locator("a[data-open]").first.get_attribute("href") or ""))
    return page


def takes(company: Company, role: str) -> None:
    """One of our people makes the case before them their own."""
    say, visitor = company.scene.say, company.at_desk(role)
    button = panel(company.scene, visitor.page).get_by_role("button", name=say("Take this case", "接手此案件"))
    do(visitor, "t", button)
    told(visitor.page, say("The case is yours now.", "案件现由您负责。"))


def does_next(company: Company, role: str, *steps: str, then: str = "") -> None:
    """One of our people does what the panel says is next, step by step; each by the reason that it gives.

    Args:
        company: whose.
        role: who.
        steps: words of the reason of each step.
        then: what the page says to the last of them; empty: that it is done.
    """
    say, visitor = company.scene.say, company.at_desk(role)
    page = visitor.page
    now = panel(company.scene, page)
    for number, step in enumerate(steps, 1):
        expect(now).to_contain_text(step)
        with page.expect_response(DONE):  # the words below may still be those of the step before
            do(visitor, "d", now.get_by_role("button", name=say("Done", "完成"), exact=False).first)
        told(page, then if then and number == len(steps) else say("Done.", "已完成。"))


def corrects(company: Company, role: str, facts: Mapping[str, str], *, why: str, proposes: Iterable[str] = ()) -> None:
    """Something turned out otherwise: it is corrected on the case page, and the plan is brought in line with it.

    Args:
        company: whose.
        role: who, with the case before them.
        facts: what it is now, each by what its field is called.
        why: how they know.
        proposes: words of the plan that is then proposed.
    """
    say, visitor = company.scene.say, company.at_desk(role)
    page = visitor.page
    what = page.get_by_role("region", name=say("What happened", "发生了什么"))
    what.locator("summary", has_text=say("Correct what we know", "更正事实")).click()
    for label, text in facts.items():
        _answers(what.locator("form"), label, text)
    what.get_by_label(say("How we know", "依据")).fill(why)
    what.get_by_role("button", name=say("Correct it", "更正"), exact=True).click()
    told(page, say("Corrected.", "已更正"))
    proposal = page.locator(".proposal")
    for words in proposes:
        expect(proposal).to_contain_text(words)
    proposal.get_by_label(say("Why", "理由"), exact=True).fill(why)
    proposal.get_by_role("button", name=say("Bring the plan in line", "按预案调整方案")).click()
    told(page, say("The plan follows the playbook again.", "方案已按预案调整。"))


def gives(company: Company, role: str, key: str, what: str) -> None:
    """What may be given on the spot, with the case before them."""
    say, visitor = company.scene.say, company.at_desk(role)
    do(visitor, key, panel(company.scene, visitor.page).get_by_role("button", name=what))
    told(visitor.page, say("Given. The customer has it in writing.", "已赠送，并已书面告知顾客。"))


def approves(company: Company, role: str, case: Case, *, shows: Iterable[str] = (), note: str = "") -> Page:
    """Somebody of the right level finds what was asked of them, with all that they need to know, and gives leave."""
    say, visitor = company.scene.say, company.at_desk(role)
    page = visitor.open("/approvals/", accessible=False)
    asked = page.locator("li[data-row]").filter(has_text=case.customer.name)
    for words in shows:
        expect(asked).to_contain_text(words)
    if note:
        asked.get_by_role("textbox").first.fill(note)
    asked.get_by_role("button", name=say("Approve", "批准")).click()
    told(page, say("Approved. The remedy is granted.", "已批准，补偿已发放。"))
    return page


def writes(company: Company, role: str, subject: str, words: str) -> None:
    """A message in one's own words, with the case before them."""
    say, visitor = company.scene.say, company.at_desk(role)
    now = panel(company.scene, visitor.page)
    do(visitor, "m", now.locator("summary", has_text=say("Write a message", "写消息")))
    now.get_by_label(say("Subject", "主题")).fill(subject)
    now.get_by_label(say("Words", "正文"), exact=True).fill(words)
    now.get_by_role("button", name=say("Send", "发送")).click()
    told(visitor.page, say("The message is on its way.", "消息已提交发送。"))


def objects(company: Company, case: Case, words: str) -> Page:
    """The customer says on their page that it is not right yet."""
    say, customer = company.scene.say, company.at_home(case)
    page = customer.page
    page.locator("#words").fill(words)
    page.get_by_role("button", name=say("Send", "发送"), exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("We are looking at it again", "我们正在重新处理"))
    return page


def accepts(company: Company, case: Case, *, shows: Iterable[str] = (), photo: str = "") -> Page:
    """The customer finds all this on their page, and is content."""
    say, customer = company.scene.say, company.at_home(case)
    page = customer.page
    for words in shows:
        expect(page.locator("main")).to_contain_text(words)
    if photo:
        customer.photograph(photo)
    page.get_by_role("button", name=say("Yes, it is put right", "是的，已经解决")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Made good", "已妥善解决"))
    return page


def closes(company: Company, role: str, case: Case, *, ticks: Iterable[str] = ()) -> Page:
    """What the playbook demands is ticked, and the case is closed."""
    say, visitor = company.scene.say, company.at_desk(role)
    page = opens_case(company, role, case)
    for item in ticks:
        page.get_by_role("checkbox", name=item).click()
        expect(page.get_by_role("checkbox", name=item)).to_be_checked()
    do(visitor, "e", page.get_by_role("button", name=say("Close the case", "结案")))
    told(page, say("The case is closed.", "案件已结。"))
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("closed", False)
    return page

"""Somebody at the gate sees a failure and tells it in two taps: it becomes an incident and cases, and the name stays
with those who may read it. By thumb in Chinese, by keyboard in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def reported() -> str:
    """What it was about, and that it is on record as the monitor would have it."""
    from amends.monitor.models import Failure, Signal

    failure = Failure.objects.get(stage="reported")
    assert failure.incident is not None
    assert Signal.objects.get(source="self-report").subject == failure.subject
    return failure.subject


def reads_the_name(visitor: Visitor, words: str, *, named: bool) -> None:
    page: Page = visitor.page
    expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("main").get_by_text("Mei Lin")).to_have_count(1 if named else 0)
    visitor.look_over("a failure that was reported")


def test_two_taps_on_a_phone_in_chinese(visit: Callable[..., Visitor], airline: World) -> None:
    gate = visit("front_line", language="zh-hans", theme="dark", size="phone")
    page = gate.open("/cases/")
    page.get_by_role("link", name="上报失误").click()
    gate.look_over("the choices")
    expect(page.locator("main")).to_contain_text("只有您本人和质量负责人可以看到")
    page.get_by_role("button", name="行李丢失").click()
    page.wait_for_url("**/report/thanks/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("谢谢您说出来")
    gate.look_over("the thanks")
    gate.photograph("report-thanks")
    subject = reported()
    page.get_by_role("link", name="查看后续处理").click()
    expect(page.locator("main")).to_contain_text("由同事上报，谨此致谢")
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)
    gate.look_over("what becomes of it")


def test_two_keys_in_english_and_the_ring_turns(visit: Callable[..., Visitor], airline: World, tmp_path: Path) -> None:
    from amends.recover.models import Case
    from tests.web.console.world import LATE
    from tests.workers import do_jobs

    desk = visit("front_line")
    page = desk.open("/")
    page.keyboard.press("q")
    page.wait_for_url("**/report/")
    page.locator("summary", has_text="Say first").click()
    page.get_by_label("Order, flight").fill(LATE)
    page.get_by_label("Where it happened").select_option("XX-EWR")
    page.get_by_label("One sentence").fill("Nobody told the passengers anything for two hours.")
    desk.look_over("the choices, with more")
    page.get_by_role("heading", level=1).click()
    button = page.locator(".report-kind", has_text="Lost baggage")
    page.keyboard.press(button.get_attribute("data-key") or "")
    page.wait_for_url("**/report/thanks/*/")
    expect(page.locator("main")).to_contain_text("3 customers")
    desk.photograph("report-thanks")
    assert reported() == LATE
    before = set(Case.objects.values_list("pk", flat=True))
    do_jobs(tmp_path)
    told = Case.objects.filter(case_failures__failure__stage="reported").distinct()
    assert {case.customer.reference for case in told} == {"C-3", "C-4", "C-5"}
    assert before <= set(Case.objects.values_list("pk", flat=True))

    address = re.sub("^https?://[^/]+", "", page.get_by_role("link", name="See what").get_attribute("href") or "")
    for role, named in (("supervisor", False), ("manager", False), ("quality_owner", True)):
        reader = visit(role)
        reader.open(address)
        reads_the_name(reader, "Nobody told the passengers anything for two hours.", named=named)

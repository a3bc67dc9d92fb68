"""Many failures, one cause, on the real screens: a candidate is confirmed, split and merged; works are entered and what
fails in them opens nothing; a standard that matches everything is held and goes on. At a desk in English, on a phone in
Chinese.

A visit fails on script errors, violations of the content policy, accessibility faults and pages that overflow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.acceptance.screens import told
from tests.web.console.test_browser import airline

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

__all__ = ["airline"]  # a fixture: the crowded one
pytestmark = pytest.mark.django_db(transaction=True)

FLIGHTS = ("XX11/JFK-BOS", "XX12/EWR-BOS", "XX13/JFK-MIA", "XX14/LGA-ORD")
HOUR = timedelta(hours=1)
LIMIT = 300  # the airline's


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where the story is played."""

    language: str
    theme: str
    size: str

    def say(self, en: str, zh: str) -> str:
        """The words of this scene's language."""
        return zh if self.language.startswith("zh") else en

    @property
    def look(self) -> dict[str, str]:
        """How its visitors look at the screens."""
        return {"language": self.language, "theme": self.theme, "size": self.size}


SCENES = [
    Scene(language="en", theme="light", size="desktop"),
    Scene(language="zh-hans", theme="dark", size="phone"),
]


def found(subject: str, at: Any, *, unit: str = "XX-JFK", what: str = "late") -> dict[str, Any]:
    """A flight that left late."""
    return {
        "standard": "depart-on-time",
        "subject": subject,
        "what": what,
        "at": at,
        "due": at - timedelta(minutes=40),
        "opened_at": at - timedelta(days=1),
        "opening_id": subject,
        "opening_source": "test",
        "customer": None,
        "unit": unit,
    }


def watch(*findings: dict[str, Any]) -> None:
    """The monitor records what it found."""
    from amends.monitor.services import record_findings
    from amends.policy.selectors import version_in_force
    from tests.web.console.world import NOW

    record_findings(findings, version=version_in_force("airline"), now=NOW)


def one_aircraft_is_late_all_day() -> None:
    """Four flights of one aircraft, an hour from each other, at three stations."""
    from amends.monitor.core.signal import SignalIn
    from amends.monitor.services import accept_signals
    from tests.web.console.world import NOON, NOW

    data = {"tail": "N7", "distance_km": 900, "domestic": True}
    signals = [
        SignalIn(id=name, source="test", type="flight.scheduled", subject=name, time=NOON - HOUR, data=data)
        for name in FLIGHTS
    ]
    accept_signals(signals, now=NOW)
    for place, name in enumerate(FLIGHTS):
        watch(found(name, NOON + place * HOUR / 2, unit=f"XX-{name.split('/')[1][:3]}"))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.language}-{scene.size}")
def test_one_cause_is_found_decided_and_mended(scene: Scene, visit: Callable[..., Visitor], airline: World) -> None:
    one_aircraft_is_late_all_day()
    desk = visit("manager", **scene.look)
    confirms(scene, desk)
    splits_and_merges(scene, desk)
    enters_works(scene, desk)
    lets_a_standard_go_on(scene, visit("quality_owner", **scene.look))
    sees_no_buttons(scene, visit("front_line", **scene.look))


def confirms(scene: Scene, desk: Visitor) -> None:
    from amends.monitor.models import Failure

    page = desk.open("/incidents/")
    desk.photograph("incidents")
    page.get_by_role("link", name=re.compile(scene.say("likely and wait", "疑似群体事件"))).click()
    desk.look_over("candidates")
    desk.photograph("candidates")
    page.get_by_role("link", name=scene.say("Delayed departure", "起飞延误")).first.click()
    expect(page.locator("main")).to_contain_text(scene.say("depend on aircraft N7", "都依赖于飞机 N7"))
    desk.look_over("candidate")
    desk.photograph("candidate")
    page.get_by_role("checkbox", name=FLIGHTS[3]).uncheck()
    page.get_by_role("button", name=scene.say("Confirm", "确认")).click()
    told(page, scene.say("it is one incident", "已确认为同一群体事件"))
    desk.look_over("incident")
    desk.photograph("incident-confirmed")
    together = Failure.objects.get(subject=FLIGHTS[0]).joined
    assert together is not None
    assert together.failures == 3
    assert not Failure.objects.filter(subject=FLIGHTS[3], joined__isnull=False).exists()


def splits_and_merges(scene: Scene, desk: Visitor) -> None:
    from amends.monitor.models import Failure

    page = desk.page
    whole = page.url
    page.get_by_text(scene.say("Split some subjects off", "拆出部分服务对象")).click()
    page.get_by_role("checkbox", name=FLIGHTS[1]).check()
    page.get_by_label(scene.say("Which cause", "什么原因")).fill("fog")
    desk.look_over("the form to split")
    page.get_by_role("button", name=scene.say("Split", "拆分"), exact=True).click()
    told(page, scene.say("This is the new incident", "这是新的事件"))
    assert page.url != whole
    page.get_by_text(scene.say("Merge into another incident", "并入其他事件")).click()
    page.get_by_label(scene.say("Number of the incident that goes on", "合并后保留的事件编号")).fill(
        whole.rstrip("/").split("/")[-1]
    )
    page.get_by_role("button", name=scene.say("Merge", "合并"), exact=True).click()
    told(page, scene.say("Merged", "已合并"))
    assert page.url == whole
    desk.look_over("the incident merged into")
    failure = Failure.objects.get(subject=FLIGHTS[1])
    page = desk.open(f"/failures/{failure.pk}/")
    expect(page.locator("main")).to_contain_text("fog")
    expect(page.locator("main")).to_contain_text(scene.say("nobody has complained", "目前无人投诉"))
    desk.photograph("failure")


def enters_works(scene: Scene, desk: Visitor) -> None:
    from amends.monitor.models import Failure
    from tests.web.console.world import NOW

    page = desk.open("/closures/")
    desk.photograph("closures-empty")
    page.get_by_label(scene.say("Unit, with all below it", "单位（含其下属）")).select_option("XX-EWR")
    page.locator("#starts_at").fill("2026-03-02T14:00")
    page.locator("#ends_at").fill("2026-03-02T22:00")
    page.locator("#reason_en").fill("The terminal is being rebuilt.")
    page.locator("#reason_zh").fill("航站楼改造。")
    page.get_by_role("button", name=scene.say("Enter it", "登记")).click()
    told(page, scene.say("opens no cases", "不会开立案件"))
    desk.look_over("closures")
    watch(found("XX90/EWR-BOS", NOW + timedelta(minutes=10), unit="XX-EWR"))
    failure = Failure.objects.get(subject="XX90/EWR-BOS")
    assert failure.incident is None
    page.reload()
    desk.photograph("closures")
    page.get_by_role("link", name=scene.say("Failures in closures", "停用期间的失误")).click()
    page.get_by_role("link", name=scene.say("Delayed departure", "起飞延误")).click()
    expect(page.locator("main")).to_contain_text(scene.say("The terminal is being rebuilt.", "航站楼改造。"))
    expect(page.locator("main")).to_contain_text(scene.say("So it opened no case.", "因此没有开立案件。"))
    desk.look_over("an expected failure")
    desk.open("/closures/")
    desk.page.get_by_role("button", name=scene.say("Take back", "撤回")).click()
    told(desk.page, scene.say("Taken back", "已撤回"))
    failure.refresh_from_db()
    assert failure.incident is not None


def lets_a_standard_go_on(scene: Scene, desk: Visitor) -> None:
    from amends.monitor.models import Failure
    from tests.web.console.world import NOW

    before = Failure.objects.count()
    watch(*[found(f"XX{n}/all", NOW + timedelta(milliseconds=n)) for n in range(1_000, 1_000 + LIMIT + 40)])
    assert Failure.objects.count() == before + LIMIT
    page = desk.open("/")
    expect(page.get_by_role("alert")).to_contain_text(scene.say("is held", "已暂停"))
    desk.photograph("held-alert")
    page.get_by_role("alert").get_by_role("link").click()
    desk.look_over("held")
    desk.photograph("held")
    page.get_by_role("radio", name=scene.say("It was wrong", "发现有误")).check()
    page.get_by_role("button", name=scene.say("Let it go on", "恢复运行")).click()
    told(page, scene.say("opens nothing", "不触发处理"))
    expect(page.get_by_role("alert")).to_have_count(0)
    desk.look_over("nothing is held")
    assert Failure.objects.count() == before + LIMIT


def sees_no_buttons(scene: Scene, desk: Visitor) -> None:
    """Whoever works on cases sees all of it and decides nothing."""
    page = desk.open("/candidates/?state=all")
    page.locator("tbody th a").first.click()
    expect(page.locator("main")).to_contain_text(scene.say("Supervisors and managers decide", "由主管和经理决定"))
    page = desk.open("/closures/")
    expect(page.locator("#reason_en")).to_have_count(0)
    page = desk.open("/held/")
    expect(page.locator("main")).not_to_contain_text(scene.say("Held since", "起暂停"))

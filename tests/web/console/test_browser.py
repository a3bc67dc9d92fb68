"""The console in a real browser: what a person sees and does, by keyboard and by thumb, in both languages and themes.

Each visit fails on script errors, violations of the content policy, accessibility faults and pages that overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [  # accessibility is looked into on every page in two looks that differ in everything, else on the main ones
    ("en", "light", "desktop", "thorough"),
    ("en", "light", "phone", "main"),
    ("zh-hans", "dark", "desktop", "main"),
    ("zh-hans", "dark", "phone", "thorough"),
]


PHOTOGRAPHED = {"overview", "case", "learn", "customer", "complaint"}


@pytest.fixture
def airline(transactional_db: None) -> World:
    from tests.web.console import world

    return world.airline(crowded=True)


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_every_page_is_sound_in_every_look(
    look: tuple[str, str, str, str], visit: Callable[..., Visitor], airline: World
) -> None:
    language, theme, size, depth = look
    thorough = depth == "thorough"
    visitor = visit("manager", language=language, theme=theme, size=size, contrast=thorough)
    case = airline.case_to_approve
    for name, path in (
        ("overview", "/"),
        ("inbox", "/cases/"),
        ("case", f"/cases/{case.pk}/"),
        ("approvals", "/approvals/"),
        ("incidents", "/incidents/"),
        ("incident", f"/incidents/{airline.incident.pk}/"),
        ("failures", "/failures/"),
        ("failure", f"/failures/{airline.failure.pk}/"),
        ("customers", "/customers/"),
        ("caller", "/customers/?q=a"),
        ("customer", f"/customers/{case.customer_id}/"),
        ("complaint", f"/complaints/new/?customer={case.customer_id}&kind=baggage_lost"),
        ("newcomer", "/complaints/new/"),
        ("learn", "/learn/"),
        ("lessons", "/learn/lessons/"),
        ("search", "/search/?q=a"),
        ("nothing", "/nowhere/"),
    ):
        page = visitor.open(path, accessible=thorough or name in {"overview", "case"})
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == theme
        if name in PHOTOGRAPHED:
            visitor.photograph(name)
    page.goto(f"{visitor.address}/cases/{case.pk}/")
    heading = page.get_by_role("heading", level=1)
    assert case.customer.name in heading.inner_text()
    assert ("航班取消" if language.startswith("zh") else "Cancelled flight") in heading.inner_text()


LONG_UNITS = """() => {
    const heads = [...document.querySelectorAll("thead th")].map((head) => head.textContent);
    const rows = [...document.querySelectorAll("tr[data-row]")];
    for (const row of rows) row.children[heads.indexOf("Unit")].textContent = "Delta Air Lines Inc., New York JFK";
    return Math.max(...rows.map((row) => row.getBoundingClientRect().height));
}"""


@pytest.mark.parametrize("path", ["/incidents/", "/failures/"])
def test_a_row_stays_low_however_long_the_name_of_its_unit_and_fits_a_narrow_window(
    visit: Callable[..., Visitor], airline: World, path: str
) -> None:
    page = visit("manager").open(path)
    assert page.evaluate(LONG_UNITS) < 48  # pixels: two lines
    page.set_viewport_size({"width": 1000, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 1000


FITS = """(selector) => [...document.querySelectorAll(selector)].every((one) => one.scrollWidth <= one.clientWidth)"""
SUBJECTS = """() => [...document.querySelectorAll(".cases .clip")].every((cell) => {
    const line = cell.querySelector(".under").firstChild, words = document.createRange();
    line.data = "UA1071/2013-01-03/EWR-BQN · United Air Lines Inc., Newark";
    words.setStart(line, 0);
    words.setEnd(line, line.data.indexOf(" "));
    return words.getBoundingClientRect().right <= cell.getBoundingClientRect().right;
})"""
COVERED = """() => {
    const bell = document.querySelector(".bell");
    if (!bell.querySelector(".bell-count")) bell.insertAdjacentHTML("beforeend", '<span class="bell-count"></span>');
    bell.querySelector(".bell-count").textContent = "99+";
    const shape = bell.querySelector("svg").getBoundingClientRect();
    return (shape.right - bell.querySelector(".bell-count").getBoundingClientRect().left) / shape.width;
}"""


def test_what_is_read_first_is_not_cut_in_a_window_of_middle_size(
    visit: Callable[..., Visitor], airline: World
) -> None:
    page = visit("supervisor").open("/")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(FITS, ".in-columns.five .cut")
    assert page.evaluate(COVERED) < 0.5
    page.goto(page.url + "incidents/")
    assert page.evaluate(FITS, ".places")
    page.goto(page.url.replace("/incidents/", "/cases/"))
    assert page.evaluate(SUBJECTS)


SPOILT = """
const spoil = (tag, words, looks) => {
    const one = Object.assign(document.createElement(tag), {textContent: words});
    Object.assign(one.style, looks);
    document.querySelector("main").append(one);
    return one;
};
spoil("p", "Hardly to be read", {color: "#bbb", background: "#fff"});
for (const background of ["#fff", "#999"]) {  // what can be read on white can not on grey
    const grey = spoil("p", "Grey", {color: "#666"});
    spoil("div", "", {background}).append(grey);
    grey.id = background.replace("#", "on-");
}
spoil("button", "x", {width: "8px", height: "8px", padding: "0"});
spoil("button", "y", {width: "8px", height: "8px", padding: "0"});
spoil("button", "", {width: "40px", height: "40px"});
spoil("p", "Too wide", {width: "200vw"});
console.error("It broke");
"""


def test_whatever_is_wrong_with_a_page_is_seen(visit: Callable[..., Visitor]) -> None:
    visitor = visit("manager", contrast=True)
    visitor.open("/customers/").evaluate(SPOILT)
    assert visitor.wrong == ["console: It broke"]
    visitor.look_over("spoilt")
    seen, visitor.wrong = " ".join(visitor.wrong), []
    for fault in ("color-contrast", "target-size", "#on-999", "button-name", "px wider than the screen"):
        assert fault in seen, seen


def test_a_supervisor_approves_a_compensation_with_the_keyboard_alone(
    visit: Callable[..., Visitor], airline: World
) -> None:
    from amends.recover.models import Remedy

    visitor = visit("supervisor")
    page = visitor.open("/cases/")
    page.keyboard.press("ArrowDown")
    row = page.locator("tr[data-row]", has_text=airline.case_to_approve.customer.name)
    while airline.case_to_approve.customer.name not in page.evaluate("document.activeElement.innerText"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    beside = page.get_by_label("The chosen case")
    beside.get_by_role("button", name="Approve").wait_for()
    assert row.get_attribute("aria-selected") == "true"
    visitor.look_over("the case beside the list")
    visitor.photograph("inbox-beside")
    page.keyboard.press("a")
    page.get_by_text("Approved. The remedy is granted.").wait_for()
    assert beside.get_by_role("button", name="Approve").count() == 0
    remedy = Remedy.objects.get(case=airline.case_to_approve, approval__isnull=False)
    page.keyboard.press("o")
    page.get_by_role("heading", name="Remedies given").wait_for()
    assert f"${remedy.amount}" in page.get_by_role("region", name="Remedies given").inner_text()
    visitor.look_over("the case page")


def test_a_timeline_that_does_not_come_says_so_and_comes_when_asked_again(
    visit: Callable[..., Visitor], airline: World
) -> None:
    visitor = visit("supervisor", size="phone")
    path, page = f"/cases/{airline.case_to_approve.pk}/", visitor.page
    page.route("**/course/", lambda route: route.abort())
    visitor.open(path)
    timeline = page.get_by_role("region", name="Timeline")
    assert timeline.locator(".bones").is_visible()
    timeline.scroll_into_view_if_needed()
    page.get_by_role("alert").get_by_text("The timeline could not be loaded.").wait_for()
    assert not timeline.locator(".bones").is_visible()
    visitor.look_over("a timeline that did not come")
    visitor.photograph("timeline-failed")
    wrong, visitor.wrong = visitor.wrong, []
    assert all("htmx:sendError" in said or "net::ERR_FAILED" in said for said in wrong), wrong  # the one that failed
    page.unroute("**/course/")
    page.get_by_role("link", name="Try again").click()
    timeline.locator("ol.timeline li").first.wait_for()
    assert page.get_by_role("alert").count() == 0
    assert page.url.endswith(path)


def test_a_complaint_is_taken_by_keyboard_alone(visit: Callable[..., Visitor], airline: World) -> None:
    visitor = visit("front_line")
    page = visitor.open("/")
    page.keyboard.press("l")
    page.get_by_role("combobox", name="Look up a caller").wait_for()
    page.keyboard.type("klei")
    page.get_by_role("option", name="Rosa Klein").first.wait_for()
    visitor.look_over("the look-up")
    visitor.photograph("look-up")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="New complaint").wait_for()
    page.get_by_label("Or something else").fill("BAG-7")
    page.get_by_label("What went wrong").select_option("baggage_lost")
    page.locator("[name=fact-loss_amount]").fill("300")
    page.get_by_label("In the customer's words", exact=True).last.fill("My bag is gone.")
    visitor.look_over("the complaint")
    visitor.photograph("complaint")
    page.keyboard.press("Control+Enter")
    page.get_by_text("The complaint is on record").wait_for()
    visitor.look_over("the case with its plan")
    assert "Rosa Klein" in page.get_by_role("heading", level=1).inner_text()


def test_who_types_faster_than_the_look_up_answers_gets_whom_they_typed(
    visit: Callable[..., Visitor], airline: World
) -> None:
    visitor = visit("front_line")
    page = visitor.open("/customers/")
    page.keyboard.type("a")
    page.get_by_role("option").first.wait_for()
    page.get_by_role("combobox", name="Look up a caller").fill("Rosa Klein")
    page.keyboard.press("Enter")  # the list still shows whoever begins with an a
    page.wait_for_url("**/customers/*/")
    assert "Rosa Klein" in page.get_by_role("heading", level=1).inner_text()


def test_the_palette_finds_a_case_and_goes_there(visit: Callable[..., Visitor], airline: World) -> None:
    visitor = visit("front_line")
    page = visitor.open("/")
    page.keyboard.press("/")
    page.keyboard.type("rosa")
    page.get_by_role("option", name="Rosa Klein").first.wait_for()
    visitor.look_over("the palette")
    visitor.photograph("palette")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*/")
    assert "Rosa Klein" in page.get_by_role("heading", level=1).inner_text()
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    visitor.look_over("the keys")


def test_on_a_phone_a_row_opens_its_own_page_and_the_call_is_done_there(
    visit: Callable[..., Visitor], airline: World
) -> None:
    visitor = visit("front_line", language="zh-hans", size="phone")
    page = visitor.open("/cases/")
    page.get_by_role("link", name=airline.case_to_call.customer.name).first.click()
    page.wait_for_url("**/cases/*/")
    note = page.get_by_placeholder("备注（选填，记录在案）")
    note.first.fill("已致电，顾客安好。")
    page.locator("form", has=note).first.get_by_role("button", name="完成").click()
    page.get_by_text("已完成。").first.wait_for()
    visitor.look_over("after the call")
    assert airline.case_to_call.actions.filter(state="done", note="已致电，顾客安好。").exists()


def test_signing_in_switching_and_signing_out_by_hand(visit: Callable[..., Visitor], airline: World) -> None:
    from allauth.account.models import EmailAddress

    staff = airline.staff["manager"]
    staff.set_password("kintsugi-mends-with-gold")
    staff.save()
    assert not EmailAddress.objects.filter(user=staff, verified=False).exists()
    visitor = visit()
    page = visitor.open("/cases/")
    visitor.photograph("sign-in")
    page.get_by_label("E-mail address").fill(staff.email)
    page.get_by_label("Password").fill("kintsugi-mends-with-gold")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Cases").wait_for()
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="补救案件").wait_for()
    page.get_by_label("当前为浅色，点击切换为深色").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    visitor.open("/accounts/password/change/")
    visitor.open("/accounts/2fa/")
    page.get_by_label("您的账号：Fang Wang").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("heading", name="登录").wait_for()
